package wire

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func verdict(raw string) Verdict { return Parse([]byte(raw), testRules).Verdict }

func refused(t *testing.T, raw string, status int, f Fault) {
	t.Helper()
	m := Parse([]byte(raw), testRules)
	require.Equal(t, Refuse, m.Verdict.Action, "%v", m.Verdict)
	require.Equal(t, status, m.Verdict.Status)
	require.Equal(t, f, m.Verdict.Fault)
	require.NotNil(t, m.Echo)
	require.NotEmpty(t, m.Verdict.Reason)
}

func accepted(t *testing.T, raw string) Message {
	t.Helper()
	m := Parse([]byte(raw), testRules)
	require.Equal(t, Accept, m.Verdict.Action, "%v", m.Verdict)
	fixedPoint(t, m)
	return m
}

func TestMandatoryHeadersAreWanted(t *testing.T) {
	for _, h := range []string{"From", "To", "Call-ID", "CSeq"} {
		refused(t, with(h, ""), 400, FaultMissing)
	}
	require.Equal(t, Verdict{Action: Discard, Fault: FaultMissing}, verdict(with("Via", "")))
	accepted(t, with("Max-Forwards", "")) // RFC 2543 had it optional
	accepted(t, with("Content-Length", ""))
}

func TestHeadersThatMayStandOnceStandOnce(t *testing.T) {
	for _, h := range []string{"From", "To", "Call-ID", "CSeq", "Max-Forwards", "Content-Type", "Content-Length"} {
		start := strings.Index(invite, "\r\n"+h+":") + 2
		line := invite[start : start+strings.Index(invite[start:], "\r\n")+2]
		refused(t, with(h, line+line), 400, FaultDuplicate)
	}
	for _, h := range []string{"Expires: 60", "Replaces: a;to-tag=b;from-tag=c", "Session-Expires: 1800", "Event: refer"} {
		refused(t, with("To", "To: <sip:a@b>\r\n"+h+"\r\n"+h+"\r\n"), 400, FaultDuplicate)
	}
	refused(t, with("To", "To: <sip:a@b>\r\nSession-Expires: 90\r\nx: 90\r\n"), 400, FaultDuplicate)
	refused(t, with("Content-Length", "Content-Length: 5\r\nl: 5\r\n"), 400, FaultDuplicate)
	accepted(t, with("To", "To: <sip:a@b>\r\nUser-Agent: a\r\nUser-Agent: b\r\nX-A: 1\r\nX-A: 2\r\n"))
}

func TestParametersThatComeTwiceAreRefused(t *testing.T) {
	for _, line := range []string{
		"From: <sip:a@b>;tag=a;TAG=b", "To: sip:a@b;tag=a;tag=b", "Via: SIP/2.0/UDP h;branch=z9hG4bK1;branch=z9hG4bK2",
		"Contact: <sip:a@b;transport=udp;transport=tcp>", "Contact: <sip:a@b;x;X>",
	} {
		name, _, _ := strings.Cut(line, ":")
		refused(t, with(name, line+"\r\n"), 400, FaultDuplicate)
	}
}

func TestNumbersStayWithinTheirRange(t *testing.T) {
	for value, ok := range map[string]bool{
		"0 INVITE": true, "2147483647 INVITE": true, "0000000001 INVITE": true, "1\t INVITE": true,
		"2147483648 INVITE": false, "-1 INVITE": false, "+1 INVITE": false, "1 BYE": false, "1": false, "INVITE": false,
		"1 INVITE x": false, "1 invite": false, "": false, "99999999999999999999999 INVITE": false,
	} {
		if ok {
			accepted(t, with("CSeq", "CSeq: "+value+"\r\n"))
		} else {
			refused(t, with("CSeq", "CSeq: "+value+"\r\n"), 400, FaultCSeq)
		}
	}
	for value, ok := range map[string]bool{
		"1": true, "255": true, "0068": true, "256": false, "-1": false, "": false, "70 ;x": false, "a": false,
	} {
		if ok {
			accepted(t, with("Max-Forwards", "Max-Forwards: "+value+"\r\n"))
		} else {
			refused(t, with("Max-Forwards", "Max-Forwards: "+value+"\r\n"), 400, FaultMaxForwards)
		}
	}
	for value, fault := range map[string]Fault{
		"5": NoFault, "0005": NoFault, "0": NoFault, "4": NoFault, "6": FaultTruncated, "4294967295": FaultContentLength,
		"2147483647": FaultTruncated, "-1": FaultContentLength, "+5": FaultContentLength, "0x5": FaultContentLength,
		"5, 5": FaultContentLength, "": FaultContentLength, "5 ": NoFault, "99999999999999999999": FaultContentLength,
	} {
		if fault == NoFault {
			accepted(t, with("Content-Length", "Content-Length: "+value+"\r\n"))
		} else {
			refused(t, with("Content-Length", "Content-Length: "+value+"\r\n"), 400, fault)
		}
	}
}

func TestTextIsBounded(t *testing.T) {
	long := func(n int) string { return strings.Repeat("a", n) }
	accepted(t, with("From", "From: <sip:a@b>;tag="+long(256)+"\r\n"))
	refused(t, with("From", "From: <sip:a@b>;tag="+long(257)+"\r\n"), 400, FaultTag)
	refused(t, with("To", "To: <sip:a@b>;tag="+long(300)+"\r\n"), 400, FaultTag)
	accepted(t, with("Call-ID", "Call-ID: "+long(256)+"\r\n"))
	refused(t, with("Call-ID", "Call-ID: "+long(257)+"\r\n"), 400, FaultCallID)
	accepted(t, with("To", "To: <sip:a@b>\r\nX-Long: "+long(8000)+"\r\n"))
	refused(t, with("Via", "Via: SIP/2.0/UDP h;branch=z9hG4bK"+long(300)+"\r\n"), 400, FaultVia)
	refused(t, with("To", "To: <sip:a@b>\r\nX-Long: "+long(MaxMessage)+"\r\n"), 513, FaultTooLarge)
	refused(t, strings.ReplaceAll(invite, "INVITE", long(65)), 400, FaultStartLine)
	rules := *testRules
	rules.MaxMessage = 100
	require.Equal(t, 513, Parse([]byte(invite), &rules).Verdict.Status)
}

func TestCountsAreBounded(t *testing.T) {
	vias := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "Via: SIP/2.0/UDP h%d;branch=z9hG4bK%d\r\n", i, i)
		}
		return b.String()
	}
	accepted(t, with("Via", vias(64)))
	refused(t, with("Via", vias(65)), 400, FaultTooMany)
	refused(t, with("Via", "Via: SIP/2.0/UDP h"+strings.Repeat(",SIP/2.0/UDP h", 64)+"\r\n"), 400, FaultTooMany)
	refused(t, with("To", "To: <sip:a@b>\r\n"+strings.Repeat("Accept: application/sdp\r\n", 65)), 400, FaultTooMany)
	refused(t, with("To", "To: <sip:a@b>\r\n"+strings.Repeat("X-A: b\r\n", 300)), 400, FaultTooMany)
	params := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, ";p%d=%d", i, i)
		}
		return b.String()
	}
	accepted(t, with("Contact", "Contact: <sip:a@b"+params(64)+">"+params(64)+"\r\n"))
	refused(t, with("Contact", "Contact: <sip:a@b>"+params(65)+"\r\n"), 400, FaultTooMany)
	refused(t, with("From", "From: <sip:a@b"+params(65)+">;tag=a\r\n"), 400, FaultTooMany)
}

func TestAddressesAreWellFormed(t *testing.T) {
	for _, bad := range []string{
		"", "<>", "<sip:>", "sip:", "a@b", "<a@b>", "< sip:a@b>", "<sip:a@b >", "<sip:a@b", "sip:a@b>", "\"x <sip:a@b>",
		"\"x\" sip:a@b", "a, b <sip:a@b>", "<sip:a@b>x", "<sip:a@b>;", "<sip:a@b>;;x", "<sip:a@b>;=x", "<sip:a@b>;x=\"y",
		"<sip:a@b>;tag", "<sip:a@b>;tag=", "<sip:a@b>;tag=\"x\"", "<sip:a@b>;tag=x y", "<sip:a@b>;tag=x,<sip:c@d>",
		"sip:a@b?x=y", "sip:a,b@c", "<sip:a@b:99999>", "<sip:a@b:-1>", "<sip:a@b:>", "<sip:a b@c>", "<sip:a@b@c>",
		"<sip:a%2@b>", "<sip:a%zz@b>", "<sip:[::1@b>", "<sip:a@[::1>", "<sip:a@[1.2.3.4]>", "<sip:a@[fe80::1%25eth0]>",
		"<sip:a@.1>", "<sip:a@b..c>", "<sip:a@b;;lr>", "<sip:a@b;=x>", "<sip:a@b;x=\"y\">", "*", "<*>", "<sip:a\"b@c>",
		"<sip:a@b>;tag=a\x00", "\"\x01\" <sip:a@b>", "<sip:a@b\x7f>",
	} {
		m := Parse([]byte(with("To", "To: "+bad+"\r\n")), testRules)
		require.Equal(t, 400, m.Verdict.Status, "%q %v", bad, m.Verdict)
	}
	for _, good := range []string{
		"sip:a@b", "<sip:a@b>", "sips:b", "<sip:b:5061;transport=tls;lr>;tag=x", "tel:+4989", "<tel:7042;phone-context=a.b>",
		"A B <sip:a@b>", "A.B's (x) <sip:a@b>", "\"\" <sip:a@b>", "Müller <sip:a@b>", "\"M\xfcller\" <sip:a@b>",
		"<sip:*51#@b>", "<sip:a;b=c:d@e>", "<sip:a@[::1]:5070;x>;y=\"z;,<>\"", "<sip:a@b;x=y=>", "<SIP:a@b>", "<sip:a_b@c_d>",
		"<sip:a@b>;x=\"a b\"", "<sip:a@b>;x=\"a\\\"b c\"", "<sip:a@b>;x=[::1]", "<urn:service:sos>",
	} {
		accepted(t, with("To", "To: "+good+"\r\n"))
	}
}

func TestBareLineEndsAndControlCharactersAreRefused(t *testing.T) {
	for _, bad := range []string{
		"X-A: b\nVia: x\r\n", "X-A: b\rVia: x\r\n", "X-A: \x00\r\n", "X-A: \x1b[2J\r\n", "X-A b\r\n", ": b\r\n",
		"X A: b\r\n", "X\x00A: b\r\n", "(X): b\r\n", " X-A: b\r\n\r b: c\r\n",
	} {
		refused(t, with("Max-Forwards", "Max-Forwards: 70\r\nX-Z: y\r\n"+bad), 400, FaultField)
	}
	require.Equal(t, FaultNotSIP, verdict(strings.ReplaceAll(invite, "\r\n", "\n")).Fault)
	require.Equal(t, Discard, verdict("").Action)
	require.Equal(t, Discard, verdict("\r\n\r\n").Action)
	require.Equal(t, Discard, verdict("GET / HTTP/1.1\r\nHost: x\r\n\r\n").Action)
	refused(t, invite[:strings.Index(invite, "Content-Type")], 400, FaultTruncated)
}

func TestStartLines(t *testing.T) {
	line := func(s string) string { return s + invite[strings.Index(invite, "\r\n"):] }
	accepted(t, line("INVITE sip:a@b sip/2.0"))
	accepted(t, line("INVITE tel:+4989 SIP/2.0"))
	for s, status := range map[string]int{
		"INVITE sip:a@b SIP/3.0": 505, "INVITE sip:a@b SIP/2.1": 505, "INVITE sip:a@b SIP/2": 400, "INVITE sip:a@b": 400,
		"INVITE sip:a@b HTTP/1.1": 400, "INVITE": 400, " sip:a@b SIP/2.0": 400, "IN(VITE sip:a@b SIP/2.0": 400,
		"INVITE * SIP/2.0": 400, "INVITE sip:* SIP/2.0": 400, "INVITE http://a SIP/2.0": 416, "INVITE sip:a@b?x=y SIP/2.0": 400,
		"INVITE sip:a@b\x00 SIP/2.0": 400, "INVITE sip:a@b SIP/2.0 ": 400, "INVITE \"sip:a@b\" SIP/2.0": 400,
	} {
		m := Parse([]byte(line(s)), testRules)
		require.Equal(t, status, m.Verdict.Status, "%q %v", s, m.Verdict)
	}
}

func TestAnAckIsNeverAnswered(t *testing.T) {
	ack := strings.ReplaceAll(invite, "INVITE", "ACK")
	accepted(t, ack)
	for _, bad := range []string{
		strings.Replace(ack, "SIP/2.0\r\n", "SIP/3.0\r\n", 1),
		strings.Replace(ack, "Call-ID", "X-ID", 1),
		strings.Replace(ack, ";tag=a", "", 1),
		strings.Replace(ack, "ACK sip:", "ACK http:", 1),
	} {
		m := Parse([]byte(bad), testRules)
		require.Equal(t, Discard, m.Verdict.Action)
		require.Nil(t, m.Request)
	}
	accepted(t, strings.Replace(ack, "Call-ID", "Require: nobody\r\nCall-ID", 1)) // 8.2.2.3
	accepted(t, strings.Replace(ack, "application/sdp", "application/other", 1))
}

func TestResponsesAreAcceptedOrDropped(t *testing.T) {
	res := func(line string) string { return line + invite[strings.Index(invite, "\r\n"):] }
	for _, good := range []string{"SIP/2.0 200 OK", "SIP/2.0 180", "sip/2.0 699 ", "SIP/2.0 100  x"} {
		m := Parse([]byte(res(good)), testRules)
		require.Equal(t, Accept, m.Verdict.Action, good)
		require.NotNil(t, m.Response)
		fixedPoint(t, m)
	}
	for _, bad := range []string{"SIP/2.0 99 x", "SIP/2.0 700 x", "SIP/2.0 0200 x", "SIP/2.0 -20 x", "SIP/2.0 2OO x", "SIP/3.0 200 OK",
		"SIP/2.0", "SIP/2.0 200 O\x00K", "SIP/2.0  200 OK"} {
		m := Parse([]byte(res(bad)), testRules)
		require.Equal(t, Discard, m.Verdict.Action, bad)
		require.Nil(t, m.Response)
		require.Nil(t, m.Echo)
	}
	two := strings.Replace(res("SIP/2.0 200 OK"), "Via:", "Via: SIP/2.0/UDP x\r\nVia:", 1)
	require.Equal(t, FaultResponseVias, verdict(two).Fault)
	untagged := strings.Replace(res("SIP/2.0 200 OK"), ";tag=a", "", 1)
	require.Equal(t, FaultTag, verdict(untagged).Fault)
}

func TestHopsAreCountedWhereAnotherCallWouldBePlaced(t *testing.T) {
	refused(t, with("Max-Forwards", "Max-Forwards: 0\r\n"), 483, FaultHops)
	accepted(t, strings.Replace(with("Max-Forwards", "Max-Forwards: 0\r\n"), "To: <sip:4008001234@10.0.0.1>", "To: <sip:a@b>;tag=b", 1))
	accepted(t, strings.ReplaceAll(with("Max-Forwards", "Max-Forwards: 0\r\n"), "INVITE", "OPTIONS"))
}

func TestMethodsNotSpokenAreToldApart(t *testing.T) {
	for method, status := range map[string]int{"SUBSCRIBE": 405, "NOTIFY": 405, "PUBLISH": 405, "MESSAGE": 405, "FOO": 501} {
		refused(t, strings.ReplaceAll(invite, "INVITE", method), status, FaultMethod)
	}
}

func TestRequiredExtensionsMustBeKnown(t *testing.T) {
	with := func(s string) string { return strings.Replace(invite, "Call-ID", s+"\r\nCall-ID", 1) }
	accepted(t, with("Require: 100rel , TIMER"))
	accepted(t, with("Require:"))
	refused(t, with("Require: b@d"), 400, FaultExtension)
	m := Parse([]byte(with("Require: 100rel,path\r\nRequire: gruu")), testRules)
	require.Equal(t, 420, m.Verdict.Status)
	require.Equal(t, []string{"path", "gruu"}, m.Verdict.Unsupported)
	accepted(t, strings.ReplaceAll(with("Require: path"), "INVITE", "CANCEL"))
}

func TestBodiesMustBeUnderstoodWhereTheyCount(t *testing.T) {
	typed := func(s string) string { return with("Content-Type", s) }
	accepted(t, typed("Content-Type: Application / SDP ; charset=utf-8\r\n"))
	accepted(t, typed("Content-Type: text/plain\r\nContent-Disposition: info ; handling=OPTIONAL\r\n"))
	refused(t, typed("Content-Type: text/plain\r\n"), 415, FaultMediaType)
	refused(t, typed(""), 400, FaultContentType)
	refused(t, typed("Content-Type: \r\n"), 400, FaultContentType)
	refused(t, typed("Content-Type: application/sdp\r\nContent-Encoding: gzip\r\n"), 415, FaultMediaType)
	accepted(t, typed("Content-Type: application/sdp\r\ne: identity\r\n"))
	multipart := typed("Content-Type: multipart/mixed;boundary=x\r\n")
	refused(t, multipart, 415, FaultMediaType)
	rules := *testRules
	rules.Multipart = true
	require.Equal(t, Accept, Parse([]byte(multipart), &rules).Verdict.Action)
	require.Equal(t, 415, Parse([]byte(strings.ReplaceAll(multipart, "INVITE", "INFO")), &rules).Verdict.Status)
	accepted(t, strings.ReplaceAll(typed("Content-Type: application/isup\r\n"), "INVITE", "BYE"))
	accepted(t, strings.ReplaceAll(typed("Content-Type: application/dtmf-relay\r\n"), "INVITE", "INFO"))
	refused(t, strings.ReplaceAll(invite, "INVITE", "INFO"), 415, FaultMediaType)
}

func TestAcceptMustLeaveRoomForAnAnswer(t *testing.T) {
	with := func(s string) string { return strings.Replace(invite, "Call-ID", s+"\r\nCall-ID", 1) }
	for _, good := range []string{"*/*", "application/*;q=0.5", "text/plain, Application/SDP", "text/plain\r\nAccept: application/sdp"} {
		accepted(t, with("Accept: "+good))
	}
	for _, bad := range []string{"", "text/plain", "application/sdpx", "text/*"} {
		refused(t, with("Accept: "+bad), 406, FaultNotAcceptable)
	}
	accepted(t, strings.ReplaceAll(with("Accept: text/plain"), "INVITE", "BYE"))
}

func TestRegistrations(t *testing.T) {
	register := func(contacts string) string {
		return "REGISTER sip:switchroom SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:8001@b>;tag=a\r\n" +
			"To: <sip:8001@b>\r\nCall-ID: a\r\nCSeq: 1 REGISTER\r\n" + contacts + "Content-Length: 0\r\n\r\n"
	}
	accepted(t, register(""))
	accepted(t, register("Contact: *\r\nExpires: 0\r\n"))
	accepted(t, register("Contact: <sip:a@b>;expires=60, <sip:c@d>\r\nExpires: 99999999999\r\n"))
	for _, bad := range []string{"Contact: *\r\n", "Contact: *\r\nExpires: 60\r\n", "Contact: *\r\nContact: <sip:a@b>\r\nExpires: 0\r\n",
		"Contact: *;q=1\r\nExpires: 0\r\n", "Contact: <sip:a@b?Route=x>\r\n"} {
		require.Equal(t, 400, verdict(register(bad)).Status, bad)
	}
	refused(t, with("Contact", "Contact: *\r\nExpires: 0\r\n"), 400, FaultContact)
}

func TestReferToMayHoldHeaders(t *testing.T) {
	refer := strings.ReplaceAll(with("Contact", "Contact: <sip:a@b>\r\n"+
		"r: <sip:b@c?Replaces=1%40d%3Bto-tag%3Dx%3Bfrom-tag%3Dy>\r\n"), "INVITE", "REFER")
	m := accepted(t, refer)
	require.Equal(t, "1%40d%3Bto-tag%3Dx%3Bfrom-tag%3Dy", m.Request.ReferTo().Address.Headers.GetOr("Replaces", ""))
}

func TestRFC2543BranchesGetAKeyOfTheirOwn(t *testing.T) {
	key := func(via, method string) any {
		return ServerKey(accepted(t, strings.ReplaceAll(with("Via", "Via: "+via+"\r\n"), "INVITE", method)).Request)
	}
	require.Equal(t, key("SIP/2.0/UDP h", "INVITE"), key("SIP/2.0/UDP h", "ACK"))
	require.NotEqual(t, key("SIP/2.0/UDP h", "INVITE"), key("SIP/2.0/UDP i", "INVITE"))
	require.NotEqual(t, key("SIP/2.0/UDP h;branch=1", "INVITE"), key("SIP/2.0/UDP h;branch=2", "INVITE"))
	require.Equal(t, key("SIP/2.0/UDP h;branch=z9hG4bK1;rport", "INVITE"), key("SIP/2.0/UDP H;branch=z9hG4bK1", "ACK"))
	require.NotEqual(t, key("SIP/2.0/UDP h;branch=z9hG4bK1", "INVITE"), key("SIP/2.0/UDP h:5062;branch=z9hG4bK1", "INVITE"))
}

func TestAStreamIsClosedOnlyWhenItsFramingIsLost(t *testing.T) {
	rules := *testRules
	rules.Stream = true
	for raw, closes := range map[string]bool{
		strings.Replace(invite, "SIP/2.0\r\n", "SIP/3.0\r\n", 1):             false,
		strings.Replace(invite, "INVITE sip:", "INVITE < sip:", 1):           false,
		strings.ReplaceAll(invite, "INVITE", "MESSAGE"):                      false,
		strings.Replace(invite, ";tag=a", "", 1):                             false,
		with("Call-ID", "Call-ID: a\r\nCall-ID: a\r\n"):                      false,
		with("Content-Length", ""):                                           true,
		with("Content-Length", "Content-Length: 5\r\nContent-Length: 5\r\n"): true,
		with("Content-Length", "Content-Length: 6\r\n"):                      true,
		"no SIP at all": true,
	} {
		v := Parse([]byte(raw), &rules).Verdict
		require.NotEqual(t, Accept, v.Action)
		require.Equal(t, closes, v.Close, "%q %v", raw, v)
		require.False(t, Parse([]byte(raw), testRules).Verdict.Close)
	}
	require.Equal(t, Accept, Parse([]byte(invite), &rules).Verdict.Action)
}

func TestARedirectionMayHoldHeaders(t *testing.T) {
	raw := strings.Replace(with("Contact", "Contact: <sip:a@b?Subject=x>\r\n"), "INVITE sip:4008001234@10.0.0.1 SIP/2.0", "SIP/2.0 302 Moved", 1)
	accepted(t, raw)
	raw = strings.Replace(raw, "<sip:a@b?Subject=x>", "*", 1)
	require.Equal(t, FaultContact, verdict(raw).Fault)
}

func TestNothingReturnedRefersToTheBuffer(t *testing.T) {
	raw := []byte(invite)
	m := Parse(raw, testRules)
	before := text(m)
	for i := range raw {
		raw[i] = 'x'
	}
	Parse([]byte(strings.ReplaceAll(invite, "a", "b")), testRules)
	require.Equal(t, before, text(m))
}
