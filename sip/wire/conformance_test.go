package wire

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/emiago/sipgo/sip"
	"github.com/stretchr/testify/require"
)

var testRules = &Rules{
	Methods: []string{
		"INVITE", "ACK", "CANCEL", "BYE", "OPTIONS", "REGISTER", "INFO", "PRACK", "UPDATE", "REFER",
	},
	Extensions: []string{"100rel", "timer", "replaces"},
}

// owes is what a torture message must get. Where the RFCs leave a choice the
// one made here stands.
type owes struct {
	file   string
	action Action
	status int                                       // Refuse
	fault  Fault                                     // not accepted
	check  func(t *testing.T, raw string, m Message) // further
}

var rfc4475 = []owes{
	{"wsinv.dat", Accept, 0, NoFault, wsinv},
	{"intmeth.dat", Refuse, 501, FaultMethod, intmeth},
	{"esc01.dat", Accept, 0, NoFault, esc01},
	{"escnull.dat", Accept, 0, NoFault, escnull},
	{"esc02.dat", Refuse, 501, FaultMethod, esc02},
	{"lwsdisp.dat", Accept, 0, NoFault, lwsdisp},
	{"longreq.dat", Accept, 0, NoFault, longreq},
	{"dblreq.dat", Accept, 0, NoFault, dblreq},
	{"semiuri.dat", Accept, 0, NoFault, semiuri},
	{"transports.dat", Accept, 0, NoFault, vias(5)},
	{"mpart01.dat", Refuse, 405, FaultMethod, mpart01},
	{"unreason.dat", Accept, 0, NoFault, unreason},
	{"noreason.dat", Accept, 0, NoFault, noreason},
	{"badinv01.dat", Refuse, 400, FaultVia, nil},
	{"clerr.dat", Refuse, 400, FaultTruncated, nil},
	{"ncl.dat", Refuse, 400, FaultContentLength, closesStream},
	{"scalar02.dat", Refuse, 400, FaultCSeq, nil},
	{"scalarlg.dat", Discard, 0, FaultCSeq, nil},
	{"quotbal.dat", Refuse, 400, FaultAddress, nil},
	{"ltgtruri.dat", Refuse, 400, FaultURI, nil},
	{"lwsruri.dat", Refuse, 400, FaultURI, nil},
	{"lwsstart.dat", Refuse, 400, FaultURI, nil},
	{"trws.dat", Refuse, 400, FaultStartLine, nil},
	{"escruri.dat", Refuse, 400, FaultURIHeaders, nil},
	{"baddate.dat", Accept, 0, NoFault, nil},
	{"regbadct.dat", Refuse, 400, FaultAddress, nil},
	{"badaspec.dat", Refuse, 400, FaultAddress, nil},
	{"baddn.dat", Refuse, 400, FaultAddress, nil},
	{"badvers.dat", Refuse, 505, FaultVersion, nil},
	{"mismatch01.dat", Refuse, 400, FaultCSeq, nil},
	{"mismatch02.dat", Refuse, 400, FaultCSeq, nil},
	{"bigcode.dat", Discard, 0, FaultStatus, nil},
	{"badbranch.dat", Refuse, 400, FaultBranch, stateless},
	{"insuf.dat", Refuse, 400, FaultMissing, nil},
	{"unkscm.dat", Refuse, 416, FaultScheme, nil},
	{"novelsc.dat", Refuse, 416, FaultScheme, nil},
	{"unksm2.dat", Refuse, 400, FaultScheme, nil},
	{"bext01.dat", Refuse, 420, FaultExtension, bext01},
	{"invut.dat", Refuse, 415, FaultMediaType, replies("\r\nAccept: application/sdp\r\n")},
	{"regaut01.dat", Accept, 0, NoFault, nil}, // 401 is the registrar's
	{"multi01.dat", Refuse, 400, FaultDuplicate, nil},
	{"mcl01.dat", Refuse, 400, FaultDuplicate, closesStream},
	{"bcast.dat", Discard, 0, FaultResponseVias, nil},
	{"zeromf.dat", Accept, 0, NoFault, nil},
	{"cparam01.dat", Accept, 0, NoFault, cparam01},
	{"cparam02.dat", Accept, 0, NoFault, cparam02},
	{"regescrt.dat", Refuse, 400, FaultURIHeaders, nil},
	{"sdp01.dat", Refuse, 406, FaultNotAcceptable, nil},
	{"inv2543.dat", Refuse, 400, FaultTag, nil},
	{"test.dat", Discard, 0, FaultStartLine, nil}, // no Via: nobody to answer
}

var rfc5118 = []owes{
	{"ipv6-good.dat", Accept, 0, NoFault, uriHost("[2001:db8::10]", 0)},
	{"ipv6-bad.dat", Refuse, 400, FaultURI, nil},
	{"port-ambiguous.dat", Accept, 0, NoFault, uriHost("[2001:db8::10:5070]", 0)},
	{"port-unambiguous.dat", Accept, 0, NoFault, uriHost("[2001:db8::10]", 5070)},
	{"via-received-param-with-delim.dat", Accept, 0, NoFault, received},
	{"via-received-param-no-delim.dat", Accept, 0, NoFault, received},
	{"ipv6-in-sdp.dat", Accept, 0, NoFault, nil},
	{"mult-ip-in-header.dat", Accept, 0, NoFault, vias(3)},
	{"mult-ip-in-sdp.dat", Accept, 0, NoFault, nil},
	{"ipv4-mapped-ipv6.dat", Accept, 0, NoFault, mapped},
	{"ipv6-bug-abnf-3-colons.dat", Refuse, 400, FaultURI, nil},
	{"ipv6-correct-abnf-2-colons.dat", Accept, 0, NoFault, nil},
}

func TestRFC4475(t *testing.T) { score(t, "rfc4475", rfc4475) }
func TestRFC5118(t *testing.T) { score(t, "rfc5118", rfc5118) }

// score runs a table over a directory, which it must cover, and prints how many
// messages got what they are owed.
func score(t *testing.T, dir string, table []owes) {
	files, err := filepath.Glob(filepath.Join("testdata", dir, "*.dat"))
	require.NoError(t, err)
	for _, f := range files {
		require.True(t, slices.ContainsFunc(table, func(o owes) bool { return o.file == filepath.Base(f) }), f)
	}
	right := 0
	for _, o := range table {
		ok := t.Run(o.file, func(t *testing.T) {
			raw := read(t, dir, o.file)
			m := Parse([]byte(raw), testRules)
			require.Equal(t, o.action, m.Verdict.Action, "%+v", m.Verdict)
			require.Equal(t, o.status, m.Verdict.Status)
			require.Equal(t, o.fault, m.Verdict.Fault)
			if m.Verdict.Action == Accept {
				fixedPoint(t, m)
			}
			if o.check != nil {
				o.check(t, raw, m)
			}
		})
		if ok {
			right++
		}
	}
	require.Len(t, files, len(table))
	fmt.Printf("%s: %d/%d right\n", dir, right, len(table))
}

func read(t testing.TB, dir, file string) string {
	raw, err := os.ReadFile(filepath.Join("testdata", dir, file))
	require.NoError(t, err)
	return string(raw)
}

func text(m Message) string {
	if m.Request != nil {
		return m.Request.String()
	}
	return m.Response.String()
}

// fixedPoint holds an accepted message to it: what it is written as reads as
// itself, by us and by sipgo's own parser.
func fixedPoint(t testing.TB, m Message) {
	once := text(m)
	rules := *testRules
	rules.MaxMessage = 1 << 20
	rules.Multipart = true
	again := Parse([]byte(once), &rules)
	require.Equal(t, Accept, again.Verdict.Action, "%v %q", again.Verdict, once)
	require.Equal(t, once, text(again))
}

func wsinv(t *testing.T, raw string, m Message) {
	req := m.Request
	require.Equal(t, "1918181833n", req.To().Params.GetOr("tag", ""))
	require.Equal(t, "98asjd8", req.From().Params.GetOr("tag", ""))
	require.Equal(t, `J Rosenberg \\\"`, req.From().DisplayName)
	require.Equal(t, `J Rosenberg \"`, Unquote(req.From().DisplayName))
	require.EqualValues(t, 9, req.CSeq().SeqNo)
	require.EqualValues(t, "INVITE", req.CSeq().MethodName)
	require.EqualValues(t, 68, req.MaxForwards().Val())
	require.Len(t, req.GetHeaders("Via"), 3)
	require.Len(t, req.GetHeaders("Contact"), 1)
	require.Equal(t, "SIP/2.0/UDP 192.0.2.2;branch=390skdjuw", req.Via().Value())
	require.Equal(t, "SIP/2.0/TCP spindle.example.com;branch=z9hG4bK9ikj8", req.GetHeaders("Via")[1].Value())
	require.Equal(t, "SIP/2.0/UDP 192.168.255.111;branch=z9hG4bK30239", req.GetHeaders("Via")[2].Value())
	require.Equal(t, "newvalue", req.Contact().Params.GetOr("newparam", ""))
	require.Equal(t, "0.33", req.Contact().Params.GetOr("q", ""))
	require.Equal(t, "newfangled value continued newfangled value", req.GetHeader("NewFangledHeader").Value())
	require.Equal(t, "<sip:services.example.com;lr;unknownwith=value;unknown-no-value>", req.Route().Value())
	require.Len(t, req.Body(), 150)
}

func intmeth(t *testing.T, raw string, m Message) {
	require.EqualValues(t, "!interesting-Method0123456789_*+`.%indeed'~", m.Request.Method)
	require.Equal(t, "_token~1'+`*%!-.", m.Request.From().Params.GetOr("tag", ""))
	require.Equal(t, "BEL: NUL: DEL:", Unquote(m.Request.To().DisplayName))
	replies("\r\nAllow: INVITE, ACK")(t, raw, m)
}

func esc01(t *testing.T, raw string, m Message) {
	require.Equal(t, "sips%3Auser%40example.com", m.Request.Recipient.User)
	require.Equal(t, "I%20have%20spaces", m.Request.From().Address.User)
	require.Equal(t, "sip:cal%6Cer@host5.example.net;%6C%72;n%61me=v%61lue%25%34%31", m.Request.Contact().Address.String())
}

func escnull(t *testing.T, raw string, m Message) {
	contacts := m.Request.GetHeaders("Contact")
	require.Len(t, contacts, 2)
	require.Equal(t, "%00", contacts[0].(*sip.ContactHeader).Address.User)
	require.Equal(t, "%00%00", contacts[1].(*sip.ContactHeader).Address.User)
}

func esc02(t *testing.T, raw string, m Message) {
	require.EqualValues(t, "RE%47IST%45R", m.Request.Method)
	require.Len(t, m.Request.GetHeaders("Contact"), 2)
}

func lwsdisp(t *testing.T, raw string, m Message) {
	require.Equal(t, "caller", m.Request.From().DisplayName)
	require.Equal(t, "323", m.Request.From().Params.GetOr("tag", ""))
}

func longreq(t *testing.T, raw string, m Message) {
	vias(34)(t, raw, m)
	require.Equal(t, "sip33.example.com", m.Request.Via().Host)
	require.NotEmpty(t, ServerKey(m.Request).Branch)
}

func dblreq(t *testing.T, raw string, m Message) {
	require.EqualValues(t, "REGISTER", m.Request.Method)
	require.Empty(t, m.Request.Body())
	s := Splitter{}
	s.Write([]byte(raw))
	frame, first := s.Next()
	require.Equal(t, Whole, frame)
	require.Equal(t, Accept, Parse(first, testRules).Verdict.Action)
	frame, second := s.Next()
	require.Equal(t, Whole, frame)
	require.EqualValues(t, "INVITE", Parse(second, testRules).Request.Method)
}

func semiuri(t *testing.T, raw string, m Message) {
	require.Equal(t, "user;par=u%40example.net", m.Request.Recipient.User)
	require.Equal(t, "example.com", m.Request.Recipient.Host)
}

func mpart01(t *testing.T, raw string, m Message) {
	require.Len(t, m.Request.Body(), 553)
	require.True(t, strings.HasSuffix(raw, string(m.Request.Body())))
}

func unreason(t *testing.T, raw string, m Message) {
	require.Equal(t, 200, m.Response.StatusCode)
	require.Contains(t, m.Response.Reason, "простое")
}

func noreason(t *testing.T, raw string, m Message) {
	require.Equal(t, 100, m.Response.StatusCode)
	require.Empty(t, m.Response.Reason)
}

func closesStream(t *testing.T, raw string, m Message) {
	s := Splitter{}
	s.Write([]byte(raw))
	frame, head := s.Next()
	require.Equal(t, Broken, frame)
	rules := *testRules
	rules.Stream = true
	m = Parse(head, &rules)
	require.Equal(t, 400, m.Verdict.Status)
	require.True(t, m.Verdict.Close)
}

func stateless(t *testing.T, raw string, m Message) { require.True(t, m.Verdict.Stateless) }

func bext01(t *testing.T, raw string, m Message) {
	require.Equal(t, []string{"nothingSupportsThis", "nothingSupportsThisEither"}, m.Verdict.Unsupported)
	replies("\r\nUnsupported: nothingSupportsThis, nothingSupportsThisEither\r\n")(t, raw, m)
}

func cparam01(t *testing.T, raw string, m Message) {
	require.Empty(t, m.Request.Contact().Address.UriParams)
	require.True(t, m.Request.Contact().Params.Has("unknownparam"))
}

func cparam02(t *testing.T, raw string, m Message) {
	require.True(t, m.Request.Contact().Address.UriParams.Has("unknownparam"))
	require.Empty(t, m.Request.Contact().Params)
}

func received(t *testing.T, raw string, m Message) {
	require.Equal(t, "2001:db8::9:255", m.Request.Via().Params.GetOr("received", ""))
}

func mapped(t *testing.T, raw string, m Message) {
	require.True(t, strings.HasPrefix(m.Request.Via().Value(), "SIP/2.0/UDP [::ffff:192.0.2.10]:19823;"))
}

func vias(n int) func(*testing.T, string, Message) {
	return func(t *testing.T, raw string, m Message) { require.Len(t, m.Request.GetHeaders("Via"), n) }
}

func uriHost(host string, port int) func(*testing.T, string, Message) {
	return func(t *testing.T, raw string, m Message) {
		require.Equal(t, host, m.Request.Recipient.Host)
		require.Equal(t, port, m.Request.Recipient.Port)
	}
}

func replies(part string) func(*testing.T, string, Message) {
	return func(t *testing.T, raw string, m Message) {
		require.Contains(t, string(AppendRefusal(nil, &m, source, testRules)), part)
	}
}
