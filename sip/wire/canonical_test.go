package wire

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/emiago/sipgo/sip"
	"github.com/stretchr/testify/require"
)

// invite is canonical; tests change it.
const invite = "INVITE sip:4008001234@10.0.0.1 SIP/2.0\r\n" +
	"Via: SIP/2.0/UDP 10.0.0.2:5060;branch=z9hG4bK1\r\n" +
	"Max-Forwards: 70\r\n" +
	"From: \"Li Wei\" <sip:+8613800138000@10.0.0.2>;tag=a\r\n" +
	"To: <sip:4008001234@10.0.0.1>\r\n" +
	"Call-ID: 1@10.0.0.2\r\n" +
	"CSeq: 1 INVITE\r\n" +
	"Contact: <sip:10.0.0.2:5060>\r\n" +
	"Content-Type: application/sdp\r\n" +
	"Content-Length: 5\r\n" +
	"\r\n" +
	"v=0\r\n"

// with replaces a line of invite by others, or removes it.
func with(line, by string) string {
	start := strings.Index(invite, "\r\n"+line+":") + 2
	end := start + strings.Index(invite[start:], "\r\n") + 2
	return invite[:start] + by + invite[end:]
}

// forms are the ways a parameter may legally be written.
var forms = []string{
	";P=x", "; P=x", " ;P=x", " ; P=x", ";P =x", ";P= x", "\t;\tP\t=\tx", ";\r\n P=x", "\r\n ;P\r\n =\r\n x",
}

func TestEveryWayToWriteAParameterIsUnderstood(t *testing.T) {
	headers := []struct {
		line, head, name string
		read             func(*sip.Request) sip.HeaderParams
	}{
		{"From", "From: <sip:a@b>", "tag", func(r *sip.Request) sip.HeaderParams { return r.From().Params }},
		{"From", "f: sip:a@b", "tag", func(r *sip.Request) sip.HeaderParams { return r.From().Params }},
		{"To", "To: \"T;tag=y\" <sip:a@b>", "tag", func(r *sip.Request) sip.HeaderParams { return r.To().Params }},
		{"To", "t : sip:a@b", "tag", func(r *sip.Request) sip.HeaderParams { return r.To().Params }},
		{"Via", "Via: SIP/2.0/UDP 10.0.0.2;rport", "branch", func(r *sip.Request) sip.HeaderParams { return r.Via().Params }},
		{"Via", "v:SIP / 2.0 / UDP 10.0.0.2 : 5060", "received", func(r *sip.Request) sip.HeaderParams { return r.Via().Params }},
		{"Contact", "Contact: <sip:a@b>", "expires", func(r *sip.Request) sip.HeaderParams { return r.Contact().Params }},
		{"Contact", "m: sip:a@b", "q", func(r *sip.Request) sip.HeaderParams { return r.Contact().Params }},
	}
	for _, h := range headers {
		for _, form := range forms {
			for _, name := range []string{h.name, strings.ToUpper(h.name), strings.ToUpper(h.name[:1]) + h.name[1:]} {
				line := h.head + strings.ReplaceAll(form, "P", name) + "\r\n"
				m := Parse([]byte(with(h.line, line)), testRules)
				require.Equal(t, Accept, m.Verdict.Action, "%q %v", line, m.Verdict)
				got, ok := h.read(m.Request).Get(h.name)
				require.True(t, ok, "%q", line)
				require.Equal(t, "x", got, "%q", line)
				fixedPoint(t, m)
			}
		}
	}
}

func TestValuelessParametersAreUnderstood(t *testing.T) {
	for _, form := range []string{";rport", "; rport", " ;RPORT ", ";\r\n rport", ";Rport"} {
		m := Parse([]byte(with("Via", "Via: SIP/2.0/UDP h"+form+";branch=z9hG4bK1\r\n")), testRules)
		require.Equal(t, Accept, m.Verdict.Action, "%q", form)
		require.True(t, m.Request.Via().Params.Has("rport"))
		require.Equal(t, "z9hG4bK1", m.Request.Via().Params.GetOr("branch", ""))
	}
}

func TestCompactAndOddlySpelledNamesAreThemselves(t *testing.T) {
	text := strings.NewReplacer("Via:", "v :", "From:", "F\t:", "To:", "tO:", "Call-ID:", "i:", "CSeq:", "CSEQ:",
		"Contact:", "M:", "Content-Type:", "c:", "Content-Length:", "l  :", "Max-Forwards:", "MAX-forwards :").Replace(invite)
	text = strings.Replace(text, "\r\n\r\n", "\r\nk: timer\r\nX: 1800;refresher=uac\r\nX-Own-Name : kept\r\n\r\n", 1)
	m := Parse([]byte(text), testRules)
	require.Equal(t, Accept, m.Verdict.Action, "%v", m.Verdict)
	for _, name := range []string{"Via", "From", "To", "Call-ID", "CSeq", "Contact", "Content-Type", "Content-Length",
		"Max-Forwards", "Supported", "Session-Expires", "X-Own-Name"} {
		require.NotNil(t, m.Request.GetHeader(name), name)
		require.Equal(t, name, m.Request.GetHeader(name).Name())
	}
}

func TestListsComeApartAtTheRightCommas(t *testing.T) {
	m := Parse([]byte(with("Contact", `Contact: "a, b" <sip:a,b@c>;x="1,2" , sip:d@e;q=1,<sip:f@g>`+"\r\n")), testRules)
	require.Equal(t, Accept, m.Verdict.Action, "%v", m.Verdict)
	contacts := m.Request.GetHeaders("Contact")
	require.Len(t, contacts, 3)
	require.Equal(t, `"a, b" <sip:a,b@c>;x="1,2"`, contacts[0].Value())
	require.Equal(t, `<sip:d@e>;q=1`, contacts[1].Value())
}

func TestCanonicalFormIsNotCopied(t *testing.T) {
	raw := []byte(invite)
	into := make([]byte, 0, 4096)
	form, ok := Canonicalise(raw, into)
	require.True(t, ok)
	require.Same(t, &raw[0], &form[0])
	require.Len(t, form, len(raw))
	require.Zero(t, testing.AllocsPerRun(100, func() { Canonicalise(raw, into) }))
	odd := []byte(strings.Replace(invite, ";tag=a", "; TAG = a", 1))
	require.Zero(t, testing.AllocsPerRun(100, func() { Canonicalise(odd, into) }))
}

func TestCanonicalFormLeavesStartLineURIsAndBody(t *testing.T) {
	text := "invite   sip:A;B=C@D  SIP/2.0\r\nTo : <sip:X;Y=Z@w> ; TAG = Q\r\nSubject:  a \r\n  b \r\n\r\nbody ; TAG = Q"
	form, ok := Canonicalise([]byte(text), nil)
	require.True(t, ok)
	require.Equal(t, "invite   sip:A;B=C@D  SIP/2.0\r\nTo: <sip:X;Y=Z@w>;tag=Q\r\nSubject: a b\r\n\r\nbody ; TAG = Q", string(form))
}

func TestCanonicalFormIsAFixedPoint(t *testing.T) {
	files, err := filepath.Glob("testdata/rfc*/*.dat")
	require.NoError(t, err)
	require.Len(t, files, 62)
	for _, f := range files {
		raw := read(t, filepath.Base(filepath.Dir(f)), filepath.Base(f))
		canonicalFixedPoint(t, raw)
	}
}

func canonicalFixedPoint(t testing.TB, raw string) {
	once, ok := Canonicalise([]byte(raw), nil)
	if !ok {
		return
	}
	again, ok := Canonicalise(once, nil)
	require.True(t, ok)
	require.Equal(t, string(once), string(again))
}

// What we read out of an accepted message is what sipgo's own parser reads out
// of its canonical form; where it is known not to, the difference is named.
func TestSipgoReadsTheCanonicalFormAsWeDo(t *testing.T) {
	differs := map[string]string{
		"ipv4-mapped-ipv6.dat":              "sipgo loses the brackets of a mapped address in Via",
		"via-received-param-with-delim.dat": "sipgo keeps the brackets of received",
		"longreq.dat":                       "",
		"wsinv.dat":                         "",
	}
	compared := 0
	for dir, table := range map[string][]owes{"rfc4475": rfc4475, "rfc5118": rfc5118} {
		for _, o := range table {
			if o.action != Accept {
				continue
			}
			raw := read(t, dir, o.file)
			form, _ := Canonicalise([]byte(raw), nil)
			theirs, err := sip.ParseMessage(form)
			require.NoError(t, err, o.file)
			ours := text(Parse([]byte(raw), testRules))
			if differs[o.file] != "" {
				require.NotEqual(t, ours, theirs.String(), "no longer so: %s", differs[o.file])
				continue
			}
			require.Equal(t, ours, theirs.String(), o.file)
			compared++
		}
	}
	require.Greater(t, compared, 20)
}

func TestMethodsKeepTheirCase(t *testing.T) {
	text := strings.ReplaceAll(invite, "INVITE", "invite")
	m := Parse([]byte(text), testRules)
	require.Equal(t, 501, m.Verdict.Status)
	require.EqualValues(t, "invite", m.Request.Method)
}

func BenchmarkCanonicalise(b *testing.B) {
	raw := []byte(invite)
	into := make([]byte, 0, 4096)
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		Canonicalise(raw, into)
	}
}

func BenchmarkCanonicaliseOdd(b *testing.B) {
	raw := []byte(read(b, "rfc4475", "wsinv.dat"))
	into := make([]byte, 0, 4096)
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		Canonicalise(raw, into)
	}
}

func BenchmarkParse(b *testing.B) {
	raw := []byte(invite)
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if m := Parse(raw, testRules); m.Request == nil {
			b.Fatal(m.Verdict)
		}
	}
}

// BenchmarkSipgo is sipgo's own parser on the same message, for comparison.
func BenchmarkSipgo(b *testing.B) {
	raw := []byte(invite)
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := sip.ParseMessage(raw); err != nil {
			b.Fatal(err)
		}
	}
}
