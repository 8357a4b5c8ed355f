package trace

import (
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func message(method, id, rest string) []byte {
	return []byte(method + " sip:a@b SIP/2.0\r\nCall-ID: " + id + "\r\nCSeq: 1 " + method + "\r\n" + rest)
}

func TestAConversationIsItsDialogsInTheOrderOfTime(t *testing.T) {
	s := New(1 << 20)
	at := time.Unix(100, 0)
	s.Add(Message{At: at.Add(2), Sent: true}, message("INVITE", "b", "\r\n"))
	s.Add(Message{At: at.Add(1), Peer: netip.MustParseAddrPort("192.0.2.1:5060")}, message("INVITE", "a", "\r\n"))
	s.Add(Message{At: at.Add(3)}, message("INVITE", "c", "\r\n"))
	s.Name("one", "a")
	s.Name("one", "b")
	s.Name("one", "b")
	got := s.Conversation("one")
	require.Len(t, got, 2)
	require.Equal(t, "a", got[0].CallID)
	require.Equal(t, "192.0.2.1:5060", got[0].Peer.String())
	require.Equal(t, "b", got[1].CallID)
	require.True(t, got[1].Sent)
	require.Equal(t, string(message("INVITE", "b", "\r\n")), got[1].Text)
	require.Empty(t, s.Conversation("another"))
}

func TestWhatIsNotOfACallIsNotKept(t *testing.T) {
	s := New(1 << 20)
	for _, method := range []string{"REGISTER", "OPTIONS"} {
		s.Add(Message{}, message(method, "x", "\r\n"))
	}
	s.Add(Message{}, []byte("\r\n\r\n"))
	s.Add(Message{}, []byte("SIP/2.0 200 OK\r\nCSeq: 1 INVITE\r\n\r\nCall-ID: x\r\n"))
	require.Empty(t, s.Dialogs("x", ""))
	for _, none := range []*Store{nil, {}, New(0)} {
		none.Add(Message{}, message("INVITE", "x", "\r\n"))
		none.Name("one", "x")
		require.Empty(t, none.Conversation("one"))
	}
}

func TestSecretsAreStruckOutBeforeTheyAreKept(t *testing.T) {
	const s1, s2, s3 = "d0c0ffee", "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz", "4711"
	for name, raw := range map[string][]byte{
		"digest":    message("INVITE", "x", "Authorization: Digest username=\"u\",\r\n response=\""+s1+"\"\r\nTo: <sip:a@b>\r\n\r\n"),
		"spelling":  message("INVITE", "x", "proxy-AUTHORIZATION : Digest response=\""+s1+"\"\nTo: <sip:a@b>\n\n"),
		"challenge": message("INVITE", "x", "WWW-Authenticate:Digest nonce=\""+s1+"\"\r\nTo: <sip:a@b>\r\n\r\n"),
		"media key": message("INVITE", "x", "To: <sip:a@b>\r\n\r\nv=0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:"+s2+"|2^20\r\n"),
		"odd key":   message("INVITE", "x", "To: <sip:a@b>\r\n\r\nv=0\r\na=crypto:1 "+strings.Repeat(" ", 9)+"X "+s2+"\r\n"),
		"old key":   message("INVITE", "x", "To: <sip:a@b>\r\n\r\nv=0\r\nk=clear:"+s2+"\r\n"),
		"digits":    message("INFO", "x", "To: <sip:a@b>\r\nContent-Type: Application/DTMF\r\n\r\n"+s3+"\r\n"),
		"relay":     message("INFO", "x", "To: <sip:a@b>\r\nc: application/dtmf-relay\r\n\r\nSignal="+s3+"\r\nDuration=160\r\n"),
		"wrapped":   message("INFO", "x", "To: <sip:a@b>\r\nc: multipart/mixed;boundary=b\r\n\r\n--b\r\nc: application/x\r\n\r\nSignal= "+s3+"\r\n"),
	} {
		s := New(1 << 20)
		s.Add(Message{}, raw)
		got := s.Dialogs("x")
		require.Len(t, got, 1, name)
		for _, secret := range []string{s1, s2, s3} {
			require.NotContains(t, got[0].Text, secret, name)
			for i := range s.parts {
				require.NotContains(t, string(s.parts[i].ring), secret, name)
			}
		}
		require.Contains(t, got[0].Text, "To: <sip:a@b>", name)
		require.Contains(t, got[0].Text, "(struck out)", name)
	}
}

func TestALongMessageIsCutAndSaysSo(t *testing.T) {
	s := New(1 << 20)
	raw := message("INVITE", "x", "Subject: "+strings.Repeat("a", 9000)+"\r\n\r\n")
	s.Add(Message{}, raw)
	got := s.Dialogs("x")[0]
	require.Equal(t, len(raw)-longest, got.Cut)
	require.LessOrEqual(t, len(got.Text), longest+2)
}

func TestTheOldestIsForgottenAndTheRestIsWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := New(256 << 10)
		for i := range s.parts {
			s.parts[i].ring = s.parts[i].ring[:rapid.IntRange(300, 3000).Draw(t, "ring")]
		}
		want := map[string]string{}
		order := []string{}
		for i := range rapid.IntRange(1, 120).Draw(t, "messages") {
			id := fmt.Sprint("call", i)
			raw := message("BYE", id, "X: "+strings.Repeat("y", rapid.IntRange(0, 150).Draw(t, "size"))+"\r\n\r\n")
			s.Add(Message{At: time.Unix(int64(i), 0)}, raw)
			want[id], order = string(raw), append(order, id)
			last := s.Dialogs(id)
			require.Len(t, last, 1, "the newest is there")
		}
		for _, id := range order {
			for _, m := range s.Dialogs(id) {
				require.Equal(t, want[id], m.Text)
			}
		}
	})
}

func TestNamesAreBounded(t *testing.T) {
	s := New(1 << 20)
	for i := range 3 * s.names.max {
		s.Name(fmt.Sprint(i), "x")
	}
	require.Len(t, s.names.calls, s.names.max)
	require.Len(t, s.names.order, s.names.max)
	for i := range 2 * most {
		s.Name("one", fmt.Sprint(i))
	}
	require.Len(t, s.names.calls["one"], most)
}

func TestManyMayAddAndReadAtOnce(t *testing.T) {
	s := New(256 << 10)
	var all sync.WaitGroup
	for g := range 4 {
		all.Go(func() {
			for i := range 100 {
				id := fmt.Sprint("c", g, i%7)
				s.Name("one", id)
				s.Add(Message{}, message("ACK", id, "\r\n"))
				for _, m := range s.Conversation("one") {
					require.Contains(t, m.Text, m.CallID)
				}
			}
		})
	}
	all.Wait()
}

func FuzzAdd(f *testing.F) {
	f.Add(message("INVITE", "x", "Authorization: s\r\n\r\na=crypto:1\r\n"))
	f.Add([]byte("\n:\nCall-ID:\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		s := New(256 << 10)
		s.Add(Message{}, raw)
		if id, ok := callOf(raw[:min(len(raw), longest)]); ok {
			s.Dialogs(string(id))
		}
	})
}

func BenchmarkAdd(b *testing.B) {
	s := New(16 << 20)
	raw := message("INVITE", "a84b4c76e66710@gw.example", strings.Repeat("Via: SIP/2.0/UDP pc33.example.com;branch=z9hG4bK776asdhds\r\n", 8)+"\r\n"+strings.Repeat("a=rtpmap:0 PCMU/8000\r\n", 10))
	b.ReportAllocs()
	for b.Loop() {
		s.Add(Message{Transport: "UDP"}, raw)
	}
}
