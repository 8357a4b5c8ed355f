package sip

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/gobwas/ws"
)

// SIP over WebSocket (RFC 7118): phones in browsers connect to us, each message
// is a WebSocket message of its own, and what we have for such a phone goes back
// on its connection. We open none.

const (
	// webProtocol is the subprotocol that both sides must name.
	webProtocol = "sip"
	// frameMax bounds a WebSocket message, in one frame or several.
	frameMax = 64 << 10
)

var errFrame = errors.New("sip: websocket frame out of order")

// upgrade turns an accepted connection into a WebSocket. A peer sends nothing
// more before it has our answer.
func (ua *UA) upgrade(conn net.Conn) error {
	_ = conn.SetDeadline(time.Now().Add(handshakeTimeout))
	defer func() { _ = conn.SetDeadline(time.Time{}) }()
	asked := false
	u := ws.Upgrader{
		ReadBufferSize: 4096,
		Protocol: func(p []byte) bool {
			ok := strings.EqualFold(string(p), webProtocol)
			asked = asked || ok
			return ok
		},
		OnBeforeUpgrade: func() (ws.HandshakeHeader, error) {
			if !asked { // RFC 7118 section 4.2
				return nil, ws.RejectConnectionError(ws.RejectionStatus(400), ws.RejectionReason("subprotocol sip is wanted"))
			}
			return nil, nil
		},
	}
	if _, err := u.Upgrade(conn); err != nil {
		ua.count(webFailed)
		return fmt.Errorf("websocket with %s: %w", conn.RemoteAddr(), err)
	}
	return nil
}

// readWeb reads a WebSocket until it ends. Each message is handled whole, as a
// datagram is.
func (ua *UA) readWeb(s *stream, conn net.Conn) {
	defer ua.dropStream(s)
	in := bufio.NewReaderSize(conn, 4096)
	f := flow{stream: s, remote: s.remote}
	for {
		message, err := s.nextFrames(conn, in, func() time.Time { return ua.readDeadline(f, time.Time{}) })
		if err != nil {
			code := ws.StatusProtocolError
			if errors.Is(err, io.EOF) {
				code = ws.StatusNormalClosure
			}
			_ = s.enqueue(ws.MustCompileFrame(ws.NewCloseFrame(ws.NewCloseFrameBody(code, ""))))
			s.finish()
			return
		}
		if len(message) > 0 && !ua.receive(f, message) {
			s.finish()
			return
		}
	}
}

// nextFrames reads the frames of one message. Control frames between them are
// answered; io.EOF is the peer's goodbye.
func (s *stream) nextFrames(conn net.Conn, in *bufio.Reader, idle func() time.Time) ([]byte, error) {
	var message []byte
	begun := false
	for {
		deadline := idle()
		if begun {
			deadline = time.Now().Add(partialTimeout)
		}
		_ = conn.SetReadDeadline(deadline)
		h, err := ws.ReadHeader(in)
		if err != nil {
			return nil, err
		}
		if !h.Masked || h.Rsv != 0 || h.Length > frameMax-int64(len(message)) || h.OpCode.IsControl() && (h.Length > 125 || !h.Fin) {
			return nil, errFrame
		}
		_ = conn.SetReadDeadline(time.Now().Add(partialTimeout))
		payload := make([]byte, h.Length)
		if _, err := io.ReadFull(in, payload); err != nil {
			return nil, err
		}
		ws.Cipher(payload, h.Mask, 0)
		switch {
		case h.OpCode == ws.OpClose:
			return nil, io.EOF
		case h.OpCode == ws.OpPing:
			if err := s.enqueue(ws.MustCompileFrame(ws.NewPongFrame(payload))); err != nil {
				return nil, err
			}
			continue
		case h.OpCode == ws.OpPong:
			continue
		case h.OpCode == ws.OpContinuation != begun:
			return nil, errFrame
		case h.OpCode != ws.OpText && h.OpCode != ws.OpBinary && h.OpCode != ws.OpContinuation:
			return nil, errFrame
		}
		begun = true
		message = append(message, payload...)
		if h.Fin {
			return message, nil
		}
	}
}

// framed is a message as it goes out on a stream: on a WebSocket in a frame.
func (s *stream) framed(message []byte) []byte {
	if !s.web {
		return message
	}
	return ws.MustCompileFrame(ws.NewTextFrame(message))
}
