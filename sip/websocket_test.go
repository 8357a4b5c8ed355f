package sip

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"
	"github.com/stretchr/testify/require"
)

// browser is a phone in a browser: a WebSocket and what is sent over it.
type browser struct {
	t    *testing.T
	conn net.Conn
}

func (s *station) browse(t *testing.T, url string, roots *tls.Config, protocols ...string) (*browser, error) {
	d := ws.Dialer{Protocols: protocols, TLSConfig: roots, Timeout: 10 * time.Second}
	conn, _, _, err := d.Dial(context.Background(), url)
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { _ = conn.Close() })
	return &browser{t, conn}, nil
}

func (b *browser) send(lines ...string) {
	head, body, _ := strings.Cut(strings.Join(lines, "\r\n"), "\r\n\r\n")
	if body != "" {
		head += "\r\nContent-Type: application/sdp"
	}
	require.NoError(b.t, wsutil.WriteClientText(b.conn, []byte(head+"\r\n\r\n"+body))) // without Content-Length: RFC 7118 section 5
}

func (b *browser) expect(start string) string {
	b.t.Helper()
	require.NoError(b.t, b.conn.SetReadDeadline(time.Now().Add(20*time.Second)))
	m, _, err := wsutil.ReadServerData(b.conn)
	require.NoError(b.t, err)
	require.True(b.t, strings.HasPrefix(string(m), start), "want %q, got %q", start, m)
	return string(m)
}

func (b *browser) ask(method, uri, to string, seq int, more ...string) []string {
	return append([]string{method + " " + uri + " SIP/2.0", fmt.Sprintf("Via: SIP/2.0/WS df7jal23ls0d.invalid;branch=z9hG4bK%s%d", method, seq),
		"Max-Forwards: 70", "From: <sip:8001@sw.example>;tag=b", "To: " + to, "Call-ID: b1", fmt.Sprintf("CSeq: %d %s", seq, method),
		"Contact: <sip:8001@df7jal23ls0d.invalid;transport=ws>"}, more...)
}

func TestAPhoneInABrowserRegistersCallsAndIsCalled(t *testing.T) {
	sw := floor(t, Config{Listen: []string{"ws:127.0.0.1:0"}}, Account{ID: "8001", Password: "secret"})
	b, err := sw.browse(t, "ws://"+sw.at("ws")+"/", nil, "sip")
	require.NoError(t, err)
	b.send(b.ask("REGISTER", "sip:sw.example", "<sip:8001@sw.example>", 1)...)
	res := b.expect("SIP/2.0 401")
	b.send(b.ask("REGISTER", "sip:sw.example", "<sip:8001@sw.example>", 2, proof(t, res, "REGISTER", "sip:sw.example", "8001", "secret"))...)
	b.expect("SIP/2.0 200")
	require.True(t, sw.registration(t).Registered)

	out := sw.dial(t, Dial{Account: "8001", From: Identity{Number: "4001"}})
	inv := b.expect("INVITE sip:8001@df7jal23ls0d.invalid;transport=ws ")
	require.True(t, strings.HasPrefix(field(inv, "Via"), "SIP/2.0/WS 127.0.0.1"))
	require.Contains(t, field(inv, "Contact"), ";transport=ws>")
	require.NoError(t, wsutil.WriteClientMessage(b.conn, ws.OpPing, []byte("x"))) // answered between messages
	b.send("SIP/2.0 200 OK", "Via: "+field(inv, "Via"), "From: "+field(inv, "From"), "To: "+field(inv, "To")+";tag=x", "Call-ID: "+field(inv, "Call-ID"),
		"CSeq: "+field(inv, "CSeq"), "Contact: <sip:8001@df7jal23ls0d.invalid;transport=ws>", "", string(answerSDP))
	b.expect("ACK ")
	out.next(t, Answered)
	out.leg.Hangup(Cause{})
	bye := b.expect("BYE ")
	b.send("SIP/2.0 200 OK", "Via: "+field(bye, "Via"), "From: "+field(bye, "From"), "To: "+field(bye, "To"), "Call-ID: "+field(bye, "Call-ID"), "CSeq: "+field(bye, "CSeq"))
	out.next(t, Ended)

	require.NoError(t, b.conn.Close())
	gone := sw.registration(t)
	require.False(t, gone.Registered)
	require.Equal(t, "connection", gone.Reason)
	sw.quiet(t)
}

func TestAWebSocketIsHeldToItsRules(t *testing.T) {
	sw := floor(t, Config{Listen: []string{"ws:127.0.0.1:0"}}, Account{ID: "8001", Password: "secret"})
	for _, protocols := range [][]string{nil, {"chat"}} {
		_, err := sw.browse(t, "ws://"+sw.at("ws")+"/", nil, protocols...)
		require.Error(t, err)
	}
	begin := func() *browser {
		b, err := sw.browse(t, "ws://"+sw.at("ws")+"/sip", nil, "chat", "sip")
		require.NoError(t, err)
		return b
	}
	for name, frame := range map[string]ws.Frame{
		"not masked":              ws.NewTextFrame([]byte("REGISTER sip:x SIP/2.0\r\n\r\n")),
		"a continuation of none":  ws.MaskFrame(ws.NewFrame(ws.OpContinuation, true, []byte("x"))),
		"an extension nobody has": ws.MaskFrame(ws.Frame{Header: ws.Header{Fin: true, Rsv: 4, OpCode: ws.OpText}, Payload: nil}),
		"an opcode nobody knows":  ws.MaskFrame(ws.NewFrame(5, true, nil)),
		"too much":                ws.MaskFrame(ws.NewTextFrame(make([]byte, frameMax+1))),
		"a control frame in part": ws.MaskFrame(ws.NewFrame(ws.OpPing, false, []byte("x"))),
	} {
		b := begin()
		_ = ws.WriteFrame(b.conn, frame)
		require.NoError(t, b.conn.SetReadDeadline(time.Now().Add(20*time.Second)))
		_, _, err := wsutil.ReadServerData(b.conn)
		require.Error(t, err, name)
	}
	b := begin() // in pieces, with a ping between them
	whole := []byte(strings.Join(append(b.ask("REGISTER", "sip:sw.example", "<sip:8001@sw.example>", 1), "", ""), "\r\n"))
	require.NoError(t, ws.WriteFrame(b.conn, ws.MaskFrame(ws.NewFrame(ws.OpText, false, whole[:40:40]))))
	require.NoError(t, ws.WriteFrame(b.conn, ws.MaskFrame(ws.NewPingFrame([]byte("p")))))
	require.NoError(t, ws.WriteFrame(b.conn, ws.MaskFrame(ws.NewFrame(ws.OpContinuation, true, append([]byte{}, whole[40:]...)))))
	b.expect("SIP/2.0 401")
	require.Eventually(t, func() bool { return sw.ua.Stats().Connections == 1 }, 20*time.Second, 10*time.Millisecond)
	require.GreaterOrEqual(t, sw.ua.Stats().Counters["web_failed"], uint64(2))
}
