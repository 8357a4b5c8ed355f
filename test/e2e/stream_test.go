package e2e

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/zaf/g711"
)

const (
	pcmu = 0
	pcma = 8
)

// Sound is the RTP side of a Talk: it sends a tone in real time and keeps
// every packet that comes.
type Sound struct {
	w      *World
	name   string
	codec  uint8
	events uint8 // payload type for telephone-events in its descriptions
	conn   *net.UDPConn
	rtcp   *net.UDPConn
	ended  sync.WaitGroup

	mu       sync.Mutex
	remote   *net.UDPAddr
	theirs   uint8 // payload type that the other side wants events in
	tone     float64
	ssrc, ts uint32
	seq      uint16
	got      []packet
	reports  int // RTCP sender or receiver reports
	digits   []digit
	held     bool       // sends nothing
	muted    bool       // sends silence
	dual     [2]float64 // tones in place of the own one: a key in the sound
	version  int
}

// packet is what came over the wire, and when.
type packet struct {
	at      time.Time
	pt      uint8
	marker  bool
	seq     uint16
	ts      uint32
	ssrc    uint32
	payload []byte
}

// Sound opens a port pair that will send a tone, named as in tones.
func (w *World) Sound(tone string, codec, events uint8) *Sound {
	w.t.Helper()
	rtp, rtcp := w.freePair()
	s := &Sound{w: w, name: tone, codec: codec, events: events, conn: rtp, rtcp: rtcp, tone: tones[tone],
		ssrc: rand.Uint32(), seq: uint16(rand.Uint32()), ts: rand.Uint32()}
	stop := make(chan struct{})
	s.ended.Go(s.listen)
	s.ended.Go(s.listenRTCP)
	s.ended.Go(func() { s.speak(stop) })
	w.t.Cleanup(func() {
		close(stop)
		s.conn.Close()
		s.rtcp.Close()
		s.ended.Wait()
	})
	return s
}

// SDP is the description of this side, with a direction such as sendrecv.
func (s *Sound) SDP(direction string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held = direction == "inactive" || direction == "recvonly"
	s.version++
	names := map[uint8]string{pcmu: "PCMU", pcma: "PCMA"}
	port := s.conn.LocalAddr().(*net.UDPAddr).Port
	lines := []string{"v=0", fmt.Sprintf("o=- %d %d IN IP4 127.0.0.1", s.ssrc, s.version), "s=-", "c=IN IP4 127.0.0.1", "t=0 0"}
	formats, attributes := strconv.Itoa(int(s.codec)), []string{fmt.Sprintf("a=rtpmap:%d %s/8000", s.codec, names[s.codec])}
	if s.events != 0 {
		formats += fmt.Sprintf(" %d", s.events)
		attributes = append(attributes, fmt.Sprintf("a=rtpmap:%d telephone-event/8000", s.events), fmt.Sprintf("a=fmtp:%d 0-15", s.events))
	}
	lines = append(lines, fmt.Sprintf("m=audio %d RTP/AVP %s", port, formats))
	lines = append(append(lines, attributes...), "a=ptime:20", "a="+direction)
	return strings.Join(lines, "\r\n") + "\r\n"
}

// towards takes where to send from the other side's description.
func (s *Sound) towards(sdp string) {
	port, _ := strconv.Atoi(between(sdp, "m=audio ", " "))
	if port == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remote = &net.UDPAddr{IP: net.ParseIP(strings.TrimSpace(between(sdp, "c=IN IP4 ", "\r\n"))), Port: port}
	for _, line := range strings.Split(sdp, "\r\n") {
		if strings.HasSuffix(line, " telephone-event/8000") {
			pt, _ := strconv.Atoi(between(line, "a=rtpmap:", " "))
			s.theirs = uint8(pt)
		}
	}
}

// speak sends 20 ms of tone each 20 ms, and what was late all at once.
func (s *Sound) speak(stop chan struct{}) {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	began, sent := time.Now(), 0
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
		}
		for ; sent < int(time.Since(began)/(20*time.Millisecond)); sent++ {
			s.frame(sent)
		}
	}
}

func (s *Sound) frame(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ts += 160
	if s.remote == nil || s.held {
		return
	}
	if len(s.digits) > 0 {
		d := &s.digits[0]
		if d.sent == 0 {
			d.ts = s.ts
		}
		s.write(s.theirs, d.sent == 0, d.ts, d.next())
		if d.sent >= digitPackets {
			s.digits = s.digits[1:]
		}
		return
	}
	pcm := make([]byte, 0, 320)
	for i := range 160 {
		at := 2 * math.Pi * float64(n*160+i) / 8000
		v := 8000 * math.Sin(s.tone*at)
		switch {
		case s.muted && s.dual == [2]float64{}:
			v = 0
		case s.dual != [2]float64{}:
			v = 6000*math.Sin(s.dual[0]*at) + 6000*math.Sin(s.dual[1]*at)
		}
		pcm = binary.LittleEndian.AppendUint16(pcm, uint16(int16(v)))
	}
	payload := g711.EncodeUlaw(pcm)
	if s.codec == pcma {
		payload = g711.EncodeAlaw(pcm)
	}
	s.write(s.codec, false, s.ts, payload)
}

func (s *Sound) write(pt uint8, marker bool, ts uint32, payload []byte) {
	h := make([]byte, 12, 12+len(payload))
	h[0], h[1] = 0x80, pt
	if marker {
		h[1] |= 0x80
	}
	s.seq++
	binary.BigEndian.PutUint16(h[2:], s.seq)
	binary.BigEndian.PutUint32(h[4:], ts)
	binary.BigEndian.PutUint32(h[8:], s.ssrc)
	_, _ = s.conn.WriteToUDP(append(h, payload...), s.remote) // the switch may have closed its port
}

// digit is a telephone-event under way (RFC 4733 2.3): updates each 20 ms and
// the end three times.
type digit struct {
	event uint8
	ts    uint32
	sent  int
}

const digitPackets = 8

func (d *digit) next() []byte {
	d.sent++
	end, steps := uint8(0), min(d.sent, digitPackets-2)
	if d.sent > digitPackets-3 {
		end = 0x80
	}
	return binary.BigEndian.AppendUint16([]byte{d.event, end | 10}, uint16(160*steps))
}

// Press sends digits as telephone-events.
func (s *Sound) Press(keys string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range keys {
		s.digits = append(s.digits, digit{event: uint8(strings.IndexRune("0123456789*#ABCD", k))})
	}
}

// Types presses keys and returns when the last of them is sent.
func (s *Sound) Types(keys string) {
	s.w.t.Helper()
	s.Press(keys)
	s.w.Eventually(20*time.Second, "the keys are sent", func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return len(s.digits) == 0
	})
}

func (s *Sound) listen() {
	buf := make([]byte, 2000)
	for {
		n, _, err := s.conn.ReadFromUDP(buf)
		if err != nil {
			return
		}
		if n < 12 || buf[0]>>6 != 2 {
			continue
		}
		s.mu.Lock()
		s.got = append(s.got, packet{at: time.Now(), pt: buf[1] & 0x7f, marker: buf[1]&0x80 != 0,
			seq: binary.BigEndian.Uint16(buf[2:]), ts: binary.BigEndian.Uint32(buf[4:]), ssrc: binary.BigEndian.Uint32(buf[8:]),
			payload: slices.Clone(buf[12:n])})
		s.mu.Unlock()
	}
}

func (s *Sound) listenRTCP() {
	buf := make([]byte, 2000)
	for {
		n, _, err := s.rtcp.ReadFromUDP(buf)
		if err != nil {
			return
		}
		if n >= 8 && buf[0]>>6 == 2 && (buf[1] == 200 || buf[1] == 201) {
			s.mu.Lock()
			s.reports++
			s.mu.Unlock()
		}
	}
}

// packets is what has come so far.
func (s *Sound) packets() []packet {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.got)
}

// last is the sound of the time just past, decoded; its start tells how much
// of it came.
func (s *Sound) last(d time.Duration) []int16 {
	var out []int16
	for _, p := range s.packets() {
		if time.Since(p.at) <= d {
			out = append(out, p.decode()...)
		}
	}
	return out
}

func (p packet) decode() []int16 {
	var pcm []byte
	switch p.pt {
	case pcmu:
		pcm = g711.DecodeUlaw(p.payload)
	case pcma:
		pcm = g711.DecodeAlaw(p.payload)
	}
	return samplesOf(pcm)
}

// Hears waits until nothing but a tone has been heard for most of half a second.
func (s *Sound) Hears(tone string) {
	s.w.t.Helper()
	s.w.Eventually(8*time.Second, s.name+" hears "+tone, func() bool {
		heard := s.last(500 * time.Millisecond)
		share, rms := power(heard, tones[tone])
		return len(heard) > 3000 && share > 0.9 && rms > 1000
	})
}

// HearsMusic waits until something audible that is none of the parties' tones
// has been heard for most of a second.
func (s *Sound) HearsMusic() {
	s.w.t.Helper()
	s.w.Eventually(8*time.Second, s.name+" hears music", func() bool {
		heard := s.last(time.Second)
		_, rms := power(heard, 1000)
		for _, hz := range tones {
			if share, _ := power(heard, hz); share > 0.5 {
				return false
			}
		}
		return len(heard) > 6000 && rms > 100
	})
}

// HearsNothing waits until there was silence, or no packet at all, for a while.
func (s *Sound) HearsNothing() {
	s.w.t.Helper()
	s.w.Eventually(8*time.Second, s.name+" hears nothing", func() bool {
		_, rms := power(s.last(500*time.Millisecond), 1000)
		return rms < 50
	})
}

// Continuous demands of all that came what a phone relies on (RFC 3550 5.1):
// one source, sequence numbers without a gap, timestamps that go on and keep
// step with the clock however often the source behind the switch changed.
func (s *Sound) Continuous() {
	s.w.t.Helper()
	got := s.packets()
	require.NotEmpty(s.w.t, got)
	first, lag := got[0], []float64{}
	for i, p := range got[1:] {
		before := got[i]
		require.Equal(s.w.t, first.ssrc, p.ssrc, "%s: SSRC changed at packet %d", s.name, i+1)
		require.Equal(s.w.t, before.seq+1, p.seq, "%s: sequence number at packet %d", s.name, i+1)
		if p.pt != pcmu && p.pt != pcma {
			continue
		}
		if p.pt == before.pt {
			require.Positive(s.w.t, int32(p.ts-before.ts), "%s: timestamp at packet %d", s.name, i+1)
		}
		lag = append(lag, p.at.Sub(first.at).Seconds()-float64(int32(p.ts-first.ts))/8000)
	}
	// A busy machine makes packets late, never early: the least lag of each
	// half second is the stream's own.
	const window = 25
	for i := 0; i+2*window <= len(lag); i += window {
		require.InDelta(s.w.t, slices.Min(lag[:window]), slices.Min(lag[i:i+2*window]), 0.3, "%s: timestamps and clock at packet %d", s.name, i)
	}
}

// Digits are the telephone-events that came in payload type pt, each once.
func (s *Sound) Digits(pt uint8) string {
	var keys strings.Builder
	ended := map[uint32]bool{}
	for _, p := range s.packets() {
		if p.pt == pt && len(p.payload) >= 4 && p.payload[1]&0x80 != 0 && !ended[p.ts] && p.payload[0] < 16 {
			ended[p.ts] = true
			keys.WriteByte("0123456789*#ABCD"[p.payload[0]])
		}
	}
	return keys.String()
}

// types are the payload types that came, in order of their first packet.
func (s *Sound) types() []uint8 {
	var out []uint8
	for _, p := range s.packets() {
		if !slices.Contains(out, p.pt) {
			out = append(out, p.pt)
		}
	}
	return out
}
