package wire

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var source = netip.MustParseAddrPort("203.0.113.7:40000")

func TestARefusalRepeatsWhatItMust(t *testing.T) {
	raw := with("Via", "Via: SIP/2.0/UDP 10.0.0.2:5060;branch=z9hG4bK1;rport\r\nVia: SIP/2.0/TCP h;branch=z9hG4bK2\r\n")
	raw = strings.Replace(raw, "INVITE sip:", "INVITE http:", 1)
	m := Parse([]byte(raw), testRules)
	got := string(AppendRefusal(nil, &m, source, testRules))
	tag := got[strings.LastIndex(got, ";tag=")+5:]
	tag = tag[:strings.Index(tag, "\r\n")]
	require.Equal(t, "SIP/2.0 416 Unsupported URI Scheme\r\n"+
		"Via: SIP/2.0/UDP 10.0.0.2:5060;branch=z9hG4bK1;rport=40000;received=203.0.113.7\r\n"+
		"Via: SIP/2.0/TCP h;branch=z9hG4bK2\r\n"+
		"From: \"Li Wei\" <sip:+8613800138000@10.0.0.2>;tag=a\r\n"+
		"To: <sip:4008001234@10.0.0.1>;tag="+tag+"\r\n"+
		"Call-ID: 1@10.0.0.2\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n", got)
	again := Parse([]byte(raw), testRules)
	require.Equal(t, got, string(AppendRefusal(nil, &again, source, testRules)), "repetitions get the same tag")
	other := Parse([]byte(strings.Replace(raw, "CSeq: 1", "CSeq: 2", 1)), testRules)
	require.NotContains(t, string(AppendRefusal(nil, &other, source, testRules)), tag)
}

// Whatever was sent, what is answered is a well-formed response to it, unless
// the fault stands in what must be repeated.
func TestRefusalsAreWellFormed(t *testing.T) {
	broken := map[string]bool{ // Via, From, To, Call-ID or CSeq cannot be repeated rightly
		"badinv01.dat": true, "scalar02.dat": true, "quotbal.dat": true, "badaspec.dat": true, "baddn.dat": true,
		"insuf.dat": true, "inv2543.dat": true, "badvers.dat": false, "ipv6-bug-abnf-3-colons.dat": true,
	}
	for dir, table := range map[string][]owes{"rfc4475": rfc4475, "rfc5118": rfc5118} {
		for _, o := range table {
			if o.action != Refuse {
				continue
			}
			m := Parse([]byte(read(t, dir, o.file)), testRules)
			reply := AppendRefusal(nil, &m, source, testRules)
			require.Equal(t, 1, strings.Count(string(reply), "\r\n\r\n"), o.file)
			require.True(t, strings.HasSuffix(string(reply), "\r\nContent-Length: 0\r\n\r\n"), o.file)
			if !broken[o.file] {
				back := Parse(reply, testRules)
				require.Equal(t, Accept, back.Verdict.Action, "%s %v", o.file, back.Verdict)
				require.Equal(t, o.status, back.Response.StatusCode, o.file)
			}
		}
	}
}

func TestNothingIsSmuggledIntoAnAnswer(t *testing.T) {
	raw := with("Call-ID", "Call-ID: a\rX-Evil: b\r\n")
	m := Parse([]byte(raw), testRules)
	reply := string(AppendReply(nil, m.Echo, source, 503, "Service Unavailable",
		Header{"Retry-After", "5"}, Header{"X-A", "b\r\nX-Evil: c"}))
	require.NotContains(t, reply, "\rX-Evil")
	require.NotContains(t, reply, "\nX-Evil")
	require.Contains(t, reply, "\r\nRetry-After: 5\r\nX-A: b\r\n")
}

func TestEchoOfAnAcceptedRequestIsThatOfARefusedOne(t *testing.T) {
	req := accepted(t, invite).Request
	refused := Parse([]byte(strings.Replace(invite, "INVITE sip:", "INVITE http:", 1)), testRules)
	require.Equal(t, refused.Echo, EchoOf(req))
	reply := string(AppendReply(nil, EchoOf(req), source, 100, Reason(100)))
	require.Contains(t, reply, "To: <sip:4008001234@10.0.0.1>\r\n", "a 100 needs no tag")
}

func TestStampTellsWhereARequestCameFrom(t *testing.T) {
	for via, want := range map[string]string{
		"SIP/2.0/UDP 203.0.113.7:5060;branch=z9hG4bK1":            "SIP/2.0/UDP 203.0.113.7:5060;branch=z9hG4bK1",
		"SIP/2.0/UDP 10.0.0.2;branch=z9hG4bK1":                    "SIP/2.0/UDP 10.0.0.2;branch=z9hG4bK1;received=203.0.113.7",
		"SIP/2.0/UDP a.b;branch=z9hG4bK1":                         "SIP/2.0/UDP a.b;branch=z9hG4bK1;received=203.0.113.7",
		"SIP/2.0/UDP 203.0.113.7;rport;branch=z9hG4bK1":           "SIP/2.0/UDP 203.0.113.7;rport=40000;branch=z9hG4bK1;received=203.0.113.7",
		"SIP/2.0/UDP 203.0.113.7;received=1.2.3.4;branch=z9hG4bK": "SIP/2.0/UDP 203.0.113.7;received=203.0.113.7;branch=z9hG4bK",
	} {
		v, fault := readVia(via)
		require.Equal(t, NoFault, fault)
		Stamp(v, source)
		require.Equal(t, want, v.Value())
	}
	v, _ := readVia("SIP/2.0/UDP [2001:db8::1];branch=z9hG4bK1")
	Stamp(v, netip.MustParseAddrPort("[2001:db8::1]:5060"))
	require.Equal(t, "SIP/2.0/UDP [2001:db8::1];branch=z9hG4bK1", v.Value())
}
