package sdp

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"switchroom/media"
)

func TestAcceptTakesThePeersFirstCodec(t *testing.T) {
	p, err := Accept(ours(), parse(t, offer("m=audio 49170 RTP/AVP 8 0 101", "a=rtpmap:101 telephone-event/8000", "a=ptime:30", "a=sendonly")))
	require.NoError(t, err)
	require.Equal(t, media.Params{
		Remote: netip.MustParseAddrPort("192.0.2.5:49170"), RemoteRTCP: netip.MustParseAddrPort("192.0.2.5:49171"),
		Codec: media.PCMA, PayloadType: 8, DTMFPayloadType: 101, PtimeMs: 30, Recv: true,
	}, p)
}

func TestAcceptRefusesWhatWasNotOffered(t *testing.T) {
	for _, c := range []struct {
		lines []string
		want  error
	}{
		{[]string{"m=audio 0 RTP/AVP 0"}, ErrNoAudio},
		{nil, ErrNoAudio},
		{[]string{"m=video 49170 RTP/AVP 31"}, ErrNoAudio},
		{[]string{"m=audio 49170 RTP/AVP 18"}, ErrNoCodec},
		{[]string{"m=audio 49170 RTP/SAVP 0"}, ErrTransport},
		{[]string{"m=audio 49170 RTP/AVP 0", "m=video 6000 RTP/AVP 31"}, ErrSyntax},
		{[]string{"m=audio 49170 RTP/AVP 0", "c=IN IP4 239.0.0.1"}, ErrAddress},
	} {
		_, err := Accept(ours(), parse(t, offer(c.lines...)))
		require.ErrorIs(t, err, c.want, "%v", c.lines)
	}
	l := ours()
	l.Codecs = []media.Codec{media.PCMA}
	_, err := Accept(l, parse(t, offer("m=audio 49170 RTP/AVP 0")))
	require.ErrorIs(t, err, ErrNoCodec, "we offered A-law alone")
}

func TestAcceptNeverDoesMoreThanWeOffered(t *testing.T) {
	l := ours()
	l.Direction = SendOnly
	p, err := Accept(l, parse(t, offer("m=audio 49170 RTP/AVP 0", "a=sendrecv")))
	require.NoError(t, err)
	require.True(t, p.Send)
	require.False(t, p.Recv)
}

// RFC 3264, section 8: streams stay where they are, payload types keep their meaning.
func TestReofferKeepsTheSessionsStreamsAndPayloadTypes(t *testing.T) {
	for _, c := range []struct {
		last []string
		want []string
	}{
		{[]string{"m=audio 49170 RTP/AVP 0 96", "a=rtpmap:96 telephone-event/8000"}, []string{"m=audio 16400 RTP/AVP 0 8 96"}},
		{[]string{"m=video 6000 RTP/AVP 31", "m=audio 49170 RTP/AVPF 0"}, []string{"m=video 0 RTP/AVP 31", "m=audio 16400 RTP/AVPF 0 8 101"}},
		{[]string{"m=audio 49170 RTP/AVP 0 101", "a=rtpmap:101 opus/48000/2"}, []string{"m=audio 16400 RTP/AVP 0 8 96"}},
		{[]string{"m=audio 49170 RTP/AVP 18", "m=audio 49172 RTP/AVP 8"}, []string{"m=audio 0 RTP/AVP 18", "m=audio 16400 RTP/AVP 0 8 101"}},
		{[]string{"m=image 4000 udptl t38", "m=audio 0 RTP/AVP 0"}, []string{"m=image 0 udptl t38", "m=audio 16400 RTP/AVP 0 8 101"}},
		{[]string{"m=image 4000 udptl t38"}, []string{"m=audio 16400 RTP/AVP 0 8 101"}},
		{nil, []string{"m=audio 16400 RTP/AVP 0 8 101"}},
	} {
		text := string(Reoffer(ours(), parse(t, offer(c.last...))))
		require.Equal(t, c.want, mLines(text), "%v", c.last)
	}
}

func TestOriginIdentifiesADescription(t *testing.T) {
	session, version := parse(t, offer("m=audio 49170 RTP/AVP 0")).Origin()
	require.Equal(t, "1", session)
	require.Equal(t, "2", version)
	require.Equal(t, SendRecv, parse(t, offer("m=audio 49170 RTP/AVP 0")).Direction())
	require.Equal(t, Inactive, parse(t, offer("m=video 49170 RTP/AVP 31")).Direction())
	require.False(t, parse(t, offer("m=video 49170 RTP/AVP 31")).Held())
	require.True(t, parse(t, offer("m=audio 49168 RTP/AVP 18", "m=audio 49170 RTP/AVP 0", "a=inactive")).Held(), "the stream in our codec counts")
}

// local draws one side of a session.
func local(t *rapid.T, addr, label string) Local {
	codecs := rapid.SampledFrom([][]media.Codec{nil, {media.PCMU}, {media.PCMA}, {media.PCMA, media.PCMU}})
	return Local{
		Addr: netip.MustParseAddr(addr), Port: 2 * uint16(rapid.IntRange(600, 32000).Draw(t, label+" port")),
		SessionID: rapid.Uint64().Draw(t, label+" session"), Version: rapid.Uint64().Draw(t, label+" version"),
		Codecs: codecs.Draw(t, label+" codecs"), DTMF: rapid.SampledFrom([]uint8{0, 96, 101, 127}).Draw(t, label+" dtmf"),
		CN: rapid.Bool().Draw(t, label+" cn"), PtimeMs: rapid.SampledFrom([]int{0, 10, 20, 30, 60}).Draw(t, label+" ptime"),
		Direction: Direction(rapid.IntRange(0, 3).Draw(t, label+" direction")),
	}
}

func TestBothSidesDrawTheSameConclusion(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := local(t, "192.0.2.1", "a"), local(t, "192.0.2.2", "b")
		offered, err := Parse(Offer(a))
		require.NoError(t, err)
		text, pb, err := Answer(offered, b)
		if err != nil {
			require.ErrorIs(t, err, ErrNoCodec)
			return
		}
		answered, err := Parse(text)
		require.NoError(t, err)
		pa, err := Accept(a, answered)
		require.NoError(t, err)

		require.Equal(t, pb.Codec, pa.Codec)
		require.Equal(t, pb.PayloadType, pa.PayloadType)
		require.Equal(t, pb.DTMFPayloadType, pa.DTMFPayloadType)
		require.Equal(t, pb.CNPayloadType, pa.CNPayloadType)
		require.Equal(t, pb.PtimeMs, pa.PtimeMs)
		require.Equal(t, pb.Send, pa.Recv)
		require.Equal(t, pb.Recv, pa.Send)
		require.Equal(t, netip.AddrPortFrom(b.Addr, b.Port), pa.Remote)
		require.Equal(t, netip.AddrPortFrom(a.Addr, a.Port), pb.Remote)
		require.Equal(t, a.DTMF != 0 && b.DTMF != 0, pa.DTMFPayloadType != 0)
		require.Equal(t, a.Direction.Sends() && b.Direction.Receives(), pa.Send)
	})
}

// anyOffer draws a well-formed offer of any kind: several streams of several
// media and transports, known and unknown formats, directions, addresses.
func anyOffer(t *rapid.T) string {
	var b strings.Builder
	b.WriteString("v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=" + anyConnection.Draw(t, "conn") + "\r\nt=0 0\r\n")
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\r\n", args...) }
	if rapid.Bool().Draw(t, "session direction") {
		line("a=%s", anyDirection.Draw(t, "direction"))
	}
	for i := range rapid.IntRange(0, 5).Draw(t, "streams") {
		at := strconv.Itoa(i)
		kind := rapid.SampledFrom([]string{"audio", "audio", "audio", "video", "image", "application", "x-new"}).Draw(t, "media"+at)
		proto := rapid.SampledFrom([]string{"RTP/AVP", "RTP/AVP", "RTP/AVPF", "RTP/SAVP", "udptl", "TCP/MSRP"}).Draw(t, "proto"+at)
		port := rapid.SampledFrom([]int{0, 9, 5000, 49170, 65535}).Draw(t, "port"+at)
		types := rapid.SliceOfN(rapid.IntRange(0, 127), 1, 8).Draw(t, "types"+at)
		if rapid.Bool().Draw(t, "g711"+at) {
			types = append(types, rapid.SampledFrom([]int{0, 8}).Draw(t, "static"+at))
		}
		line("m=%s %d %s %s", kind, port, proto, strings.Trim(fmt.Sprint(types), "[]"))
		if rapid.Bool().Draw(t, "own conn"+at) {
			line("c=%s", anyConnection.Draw(t, "conn"+at))
		}
		for _, pt := range types {
			if rapid.Bool().Draw(t, "mapped") {
				line("a=rtpmap:%d %s", pt, anyCoding.Draw(t, "coding"))
			}
		}
		for range rapid.IntRange(0, 3).Draw(t, "attributes"+at) {
			line("%s", anyAttribute.Draw(t, "attribute"))
		}
	}
	return b.String()
}

var (
	anyDirection  = rapid.SampledFrom([]string{"sendrecv", "sendonly", "recvonly", "inactive"})
	anyConnection = rapid.SampledFrom([]string{"IN IP4 192.0.2.9", "IN IP4 192.0.2.10", "IN IP4 0.0.0.0", "IN IP4 239.1.1.1/5", "IN IP6 2001:db8::9", "IN IP4 host.example"})
	anyCoding     = rapid.SampledFrom([]string{"PCMU/8000", "PCMA/8000", "pcmu/8000/1", "telephone-event/8000", "telephone-event/48000", "opus/48000/2", "G729/8000", "CN/8000", "broken"})
	anyAttribute  = rapid.SampledFrom([]string{"a=sendonly", "a=recvonly", "a=inactive", "a=sendrecv", "a=ptime:30", "a=maxptime:40", "a=rtcp:6001", "a=rtcp-mux", "a=mid:1", "a=crypto:1 x y", "b=AS:64", "i=what", "a=x-y:z"})
)

func TestEveryAnswerIsValidForItsOffer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := anyOffer(t)
		d, err := Parse([]byte(text))
		require.NoError(t, err, text)
		l := local(t, "192.0.2.2", "l")
		body, p, err := Answer(d, l)
		if err != nil {
			return
		}
		checkAnswer(t, text, string(body), l, p)
	})
}

type failer interface {
	Errorf(format string, args ...any)
	FailNow()
}

// checkAnswer holds an answer against its offer by the text alone.
func checkAnswer(t failer, offered, answered string, l Local, p media.Params) {
	from, to := mLines(strings.ReplaceAll(strings.ReplaceAll(offered, "\r\n", "\n"), "\n", "\r\n")), mLines(answered)
	require.Len(t, to, len(from), "as many streams as offered")
	live := 0
	for i := range to {
		was, is := strings.Fields(from[i]), strings.Fields(to[i])
		require.Equal(t, was[0], is[0], "the same media")
		require.Equal(t, was[2], is[2], "the same transport")
		for _, f := range is[3:] {
			require.Contains(t, was[3:], f, "only formats that were offered")
		}
		if is[1] != "0" {
			live++
			require.NotEqual(t, "0", was[1], "what was refused stays so")
			require.Equal(t, strconv.Itoa(int(l.Port)), is[1])
			require.Contains(t, is[3:], strconv.Itoa(int(p.PayloadType)))
		}
	}
	require.Equal(t, 1, live)
	back, err := Parse([]byte(answered))
	require.NoError(t, err)
	require.Equal(t, p.Send, back.Direction().Sends())
	require.Equal(t, p.Recv, back.Direction().Receives())
	require.True(t, p.Remote.IsValid() || !p.Send, "never send nowhere")
	require.Contains(t, []int{10, 20, 30, 40, 60}, p.PtimeMs/10*10)
	directions := slices.DeleteFunc(strings.Split(answered, "\r\n"), func(line string) bool {
		_, ok := parseDirection(strings.TrimPrefix(line, "a="))
		return !ok
	})
	require.Len(t, directions, 1)
}
