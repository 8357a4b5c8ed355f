package sdp

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	pion "github.com/pion/sdp/v3"
	"github.com/stretchr/testify/require"

	"switchroom/media"
)

// ours is the local side of most tests.
func ours() Local {
	return Local{Addr: netip.MustParseAddr("198.51.100.7"), Port: 16400, SessionID: 7, Version: 1, DTMF: 101}
}

// offer is a description with an address of its own and the given lines.
func offer(lines ...string) string {
	return "v=0\r\no=- 1 2 IN IP4 192.0.2.5\r\ns=-\r\nc=IN IP4 192.0.2.5\r\nt=0 0\r\n" + strings.Join(lines, "\r\n") + "\r\n"
}

func parse(t *testing.T, text string) *Description {
	t.Helper()
	d, err := Parse([]byte(text))
	require.NoError(t, err)
	return d
}

func answer(t *testing.T, text string, l Local) (string, media.Params) {
	t.Helper()
	body, p, err := Answer(parse(t, text), l)
	require.NoError(t, err)
	return string(body), p
}

func TestOfferIsWordForWord(t *testing.T) {
	require.Equal(t, strings.Join([]string{
		"v=0",
		"o=- 7 1 IN IP4 198.51.100.7",
		"s=-",
		"c=IN IP4 198.51.100.7",
		"t=0 0",
		"m=audio 16400 RTP/AVP 0 8 101",
		"a=rtpmap:0 PCMU/8000",
		"a=rtpmap:8 PCMA/8000",
		"a=rtpmap:101 telephone-event/8000",
		"a=fmtp:101 0-15",
		"a=ptime:20",
		"a=sendrecv",
		"",
	}, "\r\n"), string(Offer(ours())))
}

func TestAnswerIsWordForWord(t *testing.T) {
	got, p := answer(t, offer("m=audio 49170 RTP/AVP 18 8 0 96", "a=rtpmap:96 telephone-event/8000", "m=video 51372 RTP/AVP 99", "a=rtpmap:99 h263-1998/90000"), ours())
	require.Equal(t, strings.Join([]string{
		"v=0",
		"o=- 7 1 IN IP4 198.51.100.7",
		"s=-",
		"c=IN IP4 198.51.100.7",
		"t=0 0",
		"m=audio 16400 RTP/AVP 0 96",
		"a=rtpmap:0 PCMU/8000",
		"a=rtpmap:96 telephone-event/8000",
		"a=fmtp:96 0-15",
		"a=ptime:20",
		"a=sendrecv",
		"m=video 0 RTP/AVP 99",
		"",
	}, "\r\n"), got)
	require.Equal(t, media.Params{
		Remote: netip.MustParseAddrPort("192.0.2.5:49170"), RemoteRTCP: netip.MustParseAddrPort("192.0.2.5:49171"),
		Codec: media.PCMU, DTMFPayloadType: 96, PtimeMs: 20, Send: true, Recv: true,
	}, p)
}

func TestOurCodecPreferenceDecidesInAnAnswer(t *testing.T) {
	l := ours()
	l.Codecs = []media.Codec{media.PCMA, media.PCMU}
	_, p := answer(t, offer("m=audio 49170 RTP/AVP 0 8"), l)
	require.Equal(t, media.PCMA, p.Codec)
	require.EqualValues(t, 8, p.PayloadType)
	l.Codecs = []media.Codec{media.PCMU}
	_, p = answer(t, offer("m=audio 49170 RTP/AVP 8 0"), l)
	require.Equal(t, media.PCMU, p.Codec)
}

func TestPayloadTypesStayAsOffered(t *testing.T) {
	text, p := answer(t, offer("m=audio 49170 RTP/AVP 97 100 127", "a=rtpmap:97 pcma/8000/1", "a=rtpmap:100 opus/48000/2", "a=rtpmap:127 TELEPHONE-EVENT/8000"), ours())
	require.Equal(t, media.PCMA, p.Codec)
	require.EqualValues(t, 97, p.PayloadType)
	require.EqualValues(t, 127, p.DTMFPayloadType)
	require.Contains(t, text, "m=audio 16400 RTP/AVP 97 127\r\na=rtpmap:97 PCMA/8000\r\na=rtpmap:127 telephone-event/8000\r\n")
}

func TestTelephoneEventIsTakenAtTheCodecsClock(t *testing.T) {
	_, p := answer(t, offer("m=audio 49170 RTP/AVP 111 101 0 110", "a=rtpmap:111 opus/48000/2", "a=rtpmap:101 telephone-event/48000", "a=rtpmap:110 telephone-event/8000"), ours())
	require.EqualValues(t, 110, p.DTMFPayloadType)
	_, p = answer(t, offer("m=audio 49170 RTP/AVP 0 101", "a=rtpmap:101 telephone-event/48000"), ours())
	require.Zero(t, p.DTMFPayloadType)
	l := ours()
	l.DTMF = 0
	text, p := answer(t, offer("m=audio 49170 RTP/AVP 0 101", "a=rtpmap:101 telephone-event/8000"), l)
	require.Zero(t, p.DTMFPayloadType)
	require.NotContains(t, text, "telephone-event")
}

func TestMappingOutweighsTheStaticMeaning(t *testing.T) {
	_, _, err := Answer(parse(t, offer("m=audio 49170 RTP/AVP 0", "a=rtpmap:0 G729/8000")), ours())
	require.ErrorIs(t, err, ErrNoCodec)
	_, p := answer(t, offer("m=audio 49170 RTP/AVP 0", "a=rtpmap:0 PCMU"), ours())
	require.Equal(t, media.PCMU, p.Codec, "half a mapping is none")
	_, _, err = Answer(parse(t, offer("m=audio 49170 RTP/AVP 97", "a=rtpmap:97 PCMU/16000")), ours())
	require.ErrorIs(t, err, ErrNoCodec)
	_, _, err = Answer(parse(t, offer("m=audio 49170 RTP/AVP 97", "a=rtpmap:97 PCMU/8000/2")), ours())
	require.ErrorIs(t, err, ErrNoCodec)
}

func TestComfortNoiseIsTakenOnlyWhenAsked(t *testing.T) {
	text, p := answer(t, offer("m=audio 49170 RTP/AVP 0 13"), ours())
	require.Zero(t, p.CNPayloadType)
	require.Contains(t, text, "m=audio 16400 RTP/AVP 0\r\n")
	l := ours()
	l.CN = true
	text, p = answer(t, offer("m=audio 49170 RTP/AVP 0 13"), l)
	require.EqualValues(t, 13, p.CNPayloadType)
	require.Contains(t, text, "m=audio 16400 RTP/AVP 0 13\r\n")
	require.Contains(t, string(Offer(l)), "a=rtpmap:13 CN/8000\r\n")
}

// RFC 3264, sections 6.1 and 8.4.
func TestDirectionsFollowTheOffer(t *testing.T) {
	for _, c := range []struct {
		session, stream, conn string
		wish                  Direction
		want                  Direction
		held                  bool
	}{
		{want: SendRecv},
		{stream: "a=sendrecv", want: SendRecv},
		{stream: "a=sendonly", want: RecvOnly, held: true},
		{stream: "a=recvonly", want: SendOnly},
		{stream: "a=inactive", want: Inactive, held: true},
		{session: "a=sendonly", want: RecvOnly, held: true},
		{session: "a=inactive", stream: "a=sendrecv", want: SendRecv},
		{conn: "c=IN IP4 0.0.0.0", want: RecvOnly, held: true},
		{conn: "c=IN IP4 0.0.0.0", stream: "a=recvonly", want: Inactive, held: true},
		{conn: "c=IN IP4 0.0.0.0", stream: "a=inactive", want: Inactive, held: true},
		{wish: SendOnly, want: SendOnly},
		{wish: SendOnly, stream: "a=sendonly", want: Inactive, held: true},
		{wish: RecvOnly, stream: "a=sendonly", want: RecvOnly, held: true},
		{wish: RecvOnly, stream: "a=recvonly", want: Inactive},
		{wish: Inactive, want: Inactive},
	} {
		lines := []string{"m=audio 49170 RTP/AVP 0", c.stream, c.conn}
		if c.session != "" {
			lines = append([]string{c.session}, lines...)
		}
		l := ours()
		l.Direction = c.wish
		d := parse(t, offer(lines...))
		body, p, err := Answer(d, l)
		require.NoError(t, err, "%+v", c)
		require.Contains(t, string(body), "a="+c.want.String()+"\r\n", "%+v", c)
		require.Equal(t, c.want.Sends(), p.Send, "%+v", c)
		require.Equal(t, c.want.Receives(), p.Recv, "%+v", c)
		require.Equal(t, c.held, d.Held(), "%+v", c)
		if c.conn != "" {
			require.False(t, p.Remote.IsValid(), "nothing may go to 0.0.0.0")
			require.False(t, p.RemoteRTCP.IsValid())
		}
	}
}

func TestHoldKeepsThePortAndResumeRestoresTheCodec(t *testing.T) {
	talk := offer("m=audio 49170 RTP/AVP 8 101", "a=rtpmap:101 telephone-event/8000")
	_, before := answer(t, talk, ours())
	_, hold := answer(t, talk[:len(talk)-2]+"\r\na=sendonly\r\n", ours())
	_, after := answer(t, talk, ours())
	require.Equal(t, before, after)
	require.Equal(t, before.Remote, hold.Remote)
	require.False(t, hold.Send)
	require.True(t, hold.Recv)
}

func TestPacketTimesAreThePeersWithinReason(t *testing.T) {
	for _, c := range []struct {
		lines []string
		want  int
	}{
		{nil, 20},
		{[]string{"a=ptime:10"}, 10},
		{[]string{"a=ptime:30"}, 30},
		{[]string{"a=ptime:60"}, 60},
		{[]string{"a=ptime:1000"}, 60},
		{[]string{"a=ptime:5"}, 10},
		{[]string{"a=maxptime:10"}, 10},
		{[]string{"a=maxptime:150"}, 20},
		{[]string{"a=ptime:40", "a=maxptime:30"}, 30},
	} {
		_, p := answer(t, offer(append([]string{"m=audio 49170 RTP/AVP 0"}, c.lines...)...), ours())
		require.Equal(t, c.want, p.PtimeMs, "%v", c.lines)
	}
}

func TestRTCPGoesWhereThePeerSays(t *testing.T) {
	for attr, want := range map[string]string{
		"":                                 "192.0.2.5:49171",
		"a=rtcp:53020":                     "192.0.2.5:53020",
		"a=rtcp:53020 IN IP4 192.0.2.99":   "192.0.2.99:53020",
		"a=rtcp-mux":                       "192.0.2.5:49171",
		"a=rtcp:49170\r\na=rtcp-mux":       "192.0.2.5:49170",
		"a=rtcp-fb:* nack\r\na=rtcp-rsize": "192.0.2.5:49171",
	} {
		text, p := answer(t, offer("m=audio 49170 RTP/AVP 0", attr), ours())
		require.Equal(t, want, p.RemoteRTCP.String(), attr)
		require.NotContains(t, text, "rtcp-mux", "declined")
	}
	_, p := answer(t, offer("m=audio 65535 RTP/AVP 0"), ours())
	require.False(t, p.RemoteRTCP.IsValid())
	l := ours()
	l.RTCPPort = 20001
	require.Contains(t, string(Offer(l)), "a=rtcp:20001\r\n")
	l.RTCPPort = l.Port + 1
	require.NotContains(t, string(Offer(l)), "a=rtcp")
}

func TestOtherStreamsAreRefusedInPlace(t *testing.T) {
	for _, c := range []struct {
		lines []string
		want  []string
	}{
		{[]string{"m=video 6024 RTP/AVP 107", "m=audio 49170 RTP/AVP 0"}, []string{"m=video 0 RTP/AVP 107", "m=audio 16400 RTP/AVP 0"}},
		{[]string{"m=audio 49170 RTP/AVP 0", "m=image 4000 udptl t38"}, []string{"m=audio 16400 RTP/AVP 0", "m=image 0 udptl t38"}},
		{[]string{"m=audio 49170 RTP/AVP 0", "m=application 3000 UDP/BFCP *"}, []string{"m=audio 16400 RTP/AVP 0", "m=application 0 UDP/BFCP *"}},
		{[]string{"m=audio 49170 RTP/AVP 0", "m=audio 49172 RTP/AVP 8"}, []string{"m=audio 16400 RTP/AVP 0", "m=audio 0 RTP/AVP 8"}},
		{[]string{"m=audio 49170 RTP/AVP 18", "m=audio 49172 RTP/AVP 8"}, []string{"m=audio 0 RTP/AVP 18", "m=audio 16400 RTP/AVP 8"}},
		{[]string{"m=audio 49170 RTP/SAVP 0", "m=audio 49172 RTP/AVP 0"}, []string{"m=audio 0 RTP/SAVP 0", "m=audio 16400 RTP/AVP 0"}},
		{[]string{"m=audio 0 RTP/AVP 0", "m=audio 49172 RTP/AVP 0"}, []string{"m=audio 0 RTP/AVP 0", "m=audio 16400 RTP/AVP 0"}},
		{[]string{"m=audio 49170/2 RTP/AVP 0", "m=audio 49174/1 RTP/AVPF 0"}, []string{"m=audio 0 RTP/AVP 0", "m=audio 16400 RTP/AVPF 0"}},
		{[]string{"m=audio 49170 RTP/AVP 0", "c=IN IP4 239.1.2.3/127", "m=audio 49174 RTP/AVP 0"}, []string{"m=audio 0 RTP/AVP 0", "m=audio 16400 RTP/AVP 0"}},
	} {
		text, _ := answer(t, offer(c.lines...), ours())
		require.Equal(t, c.want, mLines(text), "%v", c.lines)
	}
}

func mLines(text string) (out []string) {
	for _, line := range strings.Split(text, "\r\n") {
		if strings.HasPrefix(line, "m=") {
			out = append(out, line)
		}
	}
	return out
}

func TestTheOffersTimesAreRepeated(t *testing.T) {
	text := strings.Replace(offer("m=audio 49170 RTP/AVP 0"), "t=0 0", "t=3338481189 3370017201", 1)
	got, _ := answer(t, text, ours())
	require.Contains(t, got, "\r\nt=3338481189 3370017201\r\n")
}

func TestWhatCannotBeTakenSaysWhyAndHasAWarning(t *testing.T) {
	for _, c := range []struct {
		lines []string
		want  error
		code  int
	}{
		{nil, ErrNoAudio, 304},
		{[]string{"m=video 6024 RTP/AVP 107"}, ErrNoAudio, 304},
		{[]string{"m=image 4000 udptl t38"}, ErrNoAudio, 304},
		{[]string{"m=audio 0 RTP/AVP 0"}, ErrNoAudio, 304},
		{[]string{"m=audio 49170 RTP/SAVP 0"}, ErrTransport, 302},
		{[]string{"m=audio 9 UDP/TLS/RTP/SAVPF 111 0"}, ErrTransport, 302},
		{[]string{"m=audio 49170 RTP/AVP 18", "a=fmtp:18 annexb=no"}, ErrNoCodec, 305},
		{[]string{"m=audio 49170 RTP/AVP 101", "a=rtpmap:101 telephone-event/8000"}, ErrNoCodec, 305},
		{[]string{"m=video 6024 RTP/AVP 107", "m=audio 49170 RTP/SAVP 0", "m=audio 49170 RTP/AVP 18"}, ErrNoCodec, 305},
		{[]string{"m=audio 49170 RTP/AVP 0", "c=IN IP6 2001:db8::1"}, ErrAddress, 301},
	} {
		_, _, err := Answer(parse(t, offer(c.lines...)), ours())
		require.ErrorIs(t, err, c.want, "%v", c.lines)
		code, text := Warning(err)
		require.Equal(t, c.code, code, "%v", c.lines)
		require.NotEmpty(t, text)
	}
	require.ErrorIs(t, ErrTransport, ErrNoAudio)
	code, _ := Warning(ErrSyntax)
	require.Equal(t, 399, code)
}

func TestMediaNeverGoesToWhatIsNoHost(t *testing.T) {
	for _, conn := range []string{
		"c=IN IP4 255.255.255.255", "c=IN IP4 239.1.2.3", "c=IN IP4 224.2.1.1/127/3", "c=IN IP4 0.0.0.1",
		"c=IN IP4 240.0.0.1", "c=IN IP4 media.example.com", "c=IN IP4 192.0.2.5/127", "c=IN IP6 192.0.2.5",
		"c=IN IP4 2001:db8::1", "c=IN IP6 ff15::101", "c=IN IP6 fe80::1%eth0", "c=ATM NSAP 47.0091", "c=IN IP4 1.2.3.256",
		"c=IN IP6 ::ffff:239.1.1.1",
	} {
		d, err := Parse([]byte(offer("m=audio 49170 RTP/AVP 0", conn)))
		require.NoError(t, err, conn)
		for _, local := range []string{"198.51.100.7", "2001:db8::7"} {
			l := ours()
			l.Addr = netip.MustParseAddr(local)
			_, p, err := Answer(d, l)
			require.ErrorIs(t, err, ErrAddress, conn)
			require.False(t, p.Remote.IsValid())
		}
	}
	for _, lines := range [][]string{
		{"m=audio 22 RTP/AVP 0"}, {"m=audio 1 RTP/AVP 0"}, {"m=audio 1023 RTP/AVP 0"},
		{"m=audio 49170 RTP/AVP 0", "a=rtcp:22"}, {"m=audio 49170 RTP/AVP 0", "a=rtcp:5000 IN IP4 239.1.1.1"},
	} {
		_, _, err := Answer(parse(t, offer(lines...)), ours())
		require.ErrorIs(t, err, ErrAddress, "%v", lines)
		_, err = Accept(ours(), parse(t, offer(lines...)))
		require.ErrorIs(t, err, ErrAddress, "%v", lines)
	}
}

func TestIPv6IsSpoken(t *testing.T) {
	l := ours()
	l.Addr = netip.MustParseAddr("2001:db8::7")
	text := "v=0\r\no=- 1 1 IN IP6 2001:db8::5\r\ns=-\r\nc=IN IP6 2001:db8::5\r\nt=0 0\r\nm=audio 6000 RTP/AVP 8\r\n"
	got, p := answer(t, text, l)
	require.Equal(t, "[2001:db8::5]:6000", p.Remote.String())
	require.Contains(t, got, "o=- 7 1 IN IP6 2001:db8::7\r\n")
	require.Contains(t, got, "c=IN IP6 2001:db8::7\r\n")
	mapped := strings.ReplaceAll(text, "2001:db8::5", "::ffff:192.0.2.2")
	_, p = answer(t, mapped, ours())
	require.Equal(t, "192.0.2.2:6000", p.Remote.String())
	_, p = answer(t, strings.Replace(text, "c=IN IP6 2001:db8::5", "c=IN IP6 ::", 1), l)
	require.False(t, p.Remote.IsValid())
	require.False(t, p.Send)
}

func TestOddTextIsRead(t *testing.T) {
	base := offer("m=audio 49170 RTP/AVP 0")
	for name, text := range map[string]string{
		"bare line feeds":      strings.ReplaceAll(base, "\r\n", "\n"),
		"no last line end":     strings.TrimSuffix(base, "\r\n"),
		"last line cut off":    base + "a",
		"last media cut off":   base + "m=video 60",
		"last value cut off":   base + "a=ptime:",
		"blank lines":          strings.ReplaceAll(base, "t=0 0\r\n", "t=0 0\r\n\r\n"),
		"trailing blanks":      strings.ReplaceAll(base, "t=0 0", "t=0 0  "),
		"empty session name":   strings.ReplaceAll(base, "s=-", "s="),
		"no session name":      strings.ReplaceAll(base, "s=-\r\n", ""),
		"no time":              strings.ReplaceAll(base, "t=0 0\r\n", ""),
		"unknown types":        strings.ReplaceAll(base, "t=0 0", "t=0 0\r\ny=what\r\nb=XX:abc\r\nk=prompt\r\nz=0 0\r\nr=0 0 0"),
		"a name in the origin": strings.ReplaceAll(base, "o=- 1 2 IN IP4 192.0.2.5", "o=bob 280744730 28977631 IN IP4 host.example.com"),
		"long ids":             strings.ReplaceAll(base, "o=- 1 2", "o=- 99999999999999999999999 99999999999999999999999"),
		"Latin-1":              strings.ReplaceAll(base, "s=-", "s=Gr\xfc\xdfe"),
	} {
		_, p := answer(t, text, ours())
		require.Equal(t, "192.0.2.5:49170", p.Remote.String(), name)
	}
}

func TestNonsenseIsRefused(t *testing.T) {
	base := offer("m=audio 49170 RTP/AVP 0")
	for name, text := range map[string]string{
		"nothing":           "",
		"blank":             "\r\n\r\n",
		"no SDP":            "<html>\r\n</html>\r\n",
		"version 1":         strings.Replace(base, "v=0", "v=1", 1),
		"version late":      strings.Replace(base, "v=0\r\n", "", 1) + "v=0\r\n",
		"two versions":      strings.Replace(base, "v=0", "v=0\r\nv=0", 1),
		"no origin":         strings.Replace(base, "o=- 1 2 IN IP4 192.0.2.5\r\n", "", 1),
		"two origins":       strings.Replace(base, "s=-", "o=- 1 2 IN IP4 192.0.2.5", 1),
		"port 65536":        offer("m=audio 65536 RTP/AVP 0"),
		"port -1":           offer("m=audio -1 RTP/AVP 0"),
		"no port":           offer("m=audio x RTP/AVP 0"),
		"no ports":          offer("m=audio 4000/0 RTP/AVP 0"),
		"no formats":        offer("m=audio 4000 RTP/AVP"),
		"format 4294967296": offer("m=audio 4000 RTP/AVP 4294967296"),
		"format 128":        offer("m=audio 4000 RTP/AVP 128"),
		"ptime 0":           offer("m=audio 4000 RTP/AVP 0", "a=ptime:0"),
		"ptime -20":         offer("m=audio 4000 RTP/AVP 0", "a=ptime:-20"),
		"ptime huge":        offer("m=audio 4000 RTP/AVP 0", "a=maxptime:99999999999"),
		"rtcp 65536":        offer("m=audio 4000 RTP/AVP 0", "a=rtcp:65536"),
		"rtcp nowhere":      offer("m=audio 4000 RTP/AVP 0", "a=rtcp:5000 IN"),
		"no address":        strings.Replace(base, "c=IN IP4 192.0.2.5\r\n", "", 1),
		"half an address":   strings.Replace(base, "c=IN IP4 192.0.2.5", "c=IN IP4", 1),
		"no type":           strings.Replace(base, "s=-", "hello", 1),
		"NUL":               strings.Replace(base, "s=-", "s=\x00", 1),
		"time":              strings.Replace(base, "t=0 0", "t=now", 1),
		"times":             strings.Replace(base, "t=0 0", "t=a b", 1),
		"1,000 streams":     offer(strings.Repeat("m=audio 4000 RTP/AVP 0\r\n", 1000)),
		"17 streams":        offer(strings.Repeat("m=audio 4000 RTP/AVP 0\r\n", 17)),
		"65 formats":        offer("m=audio 4000 RTP/AVP" + strings.Repeat(" 0", 65)),
		"a long line":       offer("m=audio 4000 RTP/AVP 0", "a="+strings.Repeat("x", 3000)),
		"many lines":        offer("m=audio 4000 RTP/AVP 0", strings.Repeat("a=x\r\n", 600)),
		"long":              offer("m=audio 4000 RTP/AVP 0") + strings.Repeat("a="+strings.Repeat("x", 1000)+"\r\n", 20),
		"control in m":      offer("m=vid\x1beo 4000 RTP/AVP 0"),
		"a long token":      offer("m=" + strings.Repeat("x", 65) + " 4000 RTP/AVP 0"),
	} {
		_, err := Parse([]byte(text))
		require.ErrorIs(t, err, ErrSyntax, name)
	}
}

func TestTortureBodies(t *testing.T) {
	v4, v6 := ours(), ours()
	v6.Addr = netip.MustParseAddr("2001:db8::7")
	for _, c := range []struct {
		file string
		l    Local
		err  error
		m    []string
	}{
		{"rfc4475-sdp01", v4, nil, []string{"m=audio 16400 RTP/AVP 0", "m=video 0 RTP/AVP 31"}},
		{"rfc5118-mult-ip-in-sdp", v4, nil, []string{"m=audio 16400 RTP/AVP 0", "m=video 0 RTP/AVP 107"}},
		{"rfc5118-ipv6-in-sdp", v6, ErrNoCodec, nil}, // it offers G.726 only
		{"rfc5118-ipv4-mapped-ipv6", v4, ErrNoCodec, nil},
	} {
		body, err := os.ReadFile(filepath.Join("testdata", c.file+".sdp"))
		require.NoError(t, err)
		d, err := Parse(body)
		require.NoError(t, err, c.file)
		text, _, err := Answer(d, c.l)
		require.ErrorIs(t, err, c.err, c.file)
		require.Equal(t, c.m, mLines(string(text)), c.file)
	}
}

func TestPionReadsWhatWeWrite(t *testing.T) {
	l := ours()
	l.CN, l.RTCPPort = true, 30001
	text, _ := answer(t, offer("m=video 6024 RTP/AVP 107", "m=audio 49170 RTP/AVP 0 13 101", "a=rtpmap:101 telephone-event/8000"), l)
	for _, body := range []string{string(Offer(l)), text} {
		var d pion.SessionDescription
		require.NoError(t, d.UnmarshalString(body))
		again, err := d.Marshal()
		require.NoError(t, err)
		require.Equal(t, body, string(again))
	}
}
