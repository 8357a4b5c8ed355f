package e2e

import (
	"encoding/binary"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Update offers anew by UPDATE (RFC 3311) and gives the answer.
func (k *Talk) Update(body string) message {
	k.s.t.Helper()
	k.Send("UPDATE", body)
	return k.Expect("200 UPDATE")
}

// nulled is a hold in the old way (RFC 2543 B.5).
func nulled(sdp string) string {
	return strings.Replace(sdp, "c=IN IP4 127.0.0.1", "c=IN IP4 0.0.0.0", 1)
}

func TestHoldByUPDATEInEveryWay(t *testing.T) {
	t.Parallel()
	for name, byCaller := range map[string]bool{"caller": true, "agent": false} {
		t.Run(name, func(t *testing.T) {
			w := NewWorld(t, Options{})
			c := w.Converse(pcmu, 101, pcmu, 101)
			c.HearEachOther()
			holder, holding, held := c.agent, c.desk, c.voice
			if byCaller {
				holder, holding, held = c.caller, c.voice, c.desk
			}
			for _, way := range []struct {
				offer  string
				answer string
			}{{"sendonly", "a=recvonly"}, {"inactive", "a=inactive"}, {"null", ""}} {
				offer := nulled(holding.SDP("sendrecv"))
				if way.offer != "null" {
					offer = holding.SDP(way.offer)
				}
				require.Contains(t, holder.Update(offer).body, way.answer)
				held.HearsMusic()
				holding.HearsNothing()
				w.AgentIs("8001", "held")
				require.Contains(t, holder.Update(holding.SDP("sendrecv")).body, "a=sendrecv")
				c.HearEachOther()
				w.AgentIs("8001", "talking")
			}
			// What began by one method may end by the other.
			holder.Update(holding.SDP("sendonly"))
			held.HearsMusic()
			holder.Reinvite(holding.SDP("sendrecv"))
			c.HearEachOther()
			c.voice.Continuous()
			c.desk.Continuous()
			record, _ := c.End()
			holds := 0
			for _, kind := range record.kinds() {
				if kind == "hold/" {
					holds++
				}
			}
			require.Equal(t, 4, holds, "%v", record.kinds())
		})
	}
}

// Mute sends silence in place of the tone.
func (s *Sound) Mute(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.muted = on
}

// Report sends a receiver report without blocks (RFC 3550 6.4.2).
func (s *Sound) Report() {
	s.mu.Lock()
	defer s.mu.Unlock()
	to := *s.remote
	to.Port++
	report := binary.BigEndian.AppendUint32([]byte{0x80, 201, 0, 1}, s.ssrc)
	name := []byte("cname@e2e")
	sdes := append(binary.BigEndian.AppendUint32([]byte{0x81, 202, 0, 0}, s.ssrc), 1, byte(len(name)))
	sdes = append(sdes, name...)
	for sdes = append(sdes, 0); len(sdes)%4 != 0; {
		sdes = append(sdes, 0)
	}
	binary.BigEndian.PutUint16(sdes[2:], uint16(len(sdes)/4-1))
	_, _ = s.rtcp.WriteToUDP(append(report, sdes...), &to)
}

func TestAPhoneThatIsMutedIsNotTakenForADeadOne(t *testing.T) {
	const patience = 8 * time.Second // longer than a busy machine keeps a test from reporting
	w := NewWorld(t, Options{Silence: patience})
	c := w.Converse(pcmu, 101, pcmu, 101)
	c.HearEachOther()
	c.desk.Mute(true)
	c.voice.HearsNothing()
	require.Equal(t, "talking", w.AgentIs("8001", "talking").State, "silence is no hold")
	time.Sleep(time.Second)
	stopped := c.At()
	c.desk.vanish(true) // as phones do that suppress silence
	for range (patience + 2*time.Second) / (250 * time.Millisecond) {
		c.desk.Report()
		time.Sleep(250 * time.Millisecond)
	}
	require.Len(t, w.CallsAre(1, "talking"), 1)
	c.voice.HearsNothing()
	c.desk.vanish(false)
	c.desk.Mute(false)
	c.HearEachOther()
	spoken := c.At()
	time.Sleep(700 * time.Millisecond)
	r, tape := c.End()
	require.Equal(t, "caller-hangup", r.Cause)
	require.Zero(t, r.Held)
	w.Silent(tape.Agent, stopped+0.3, spoken-1.5)
	w.heardTogether([][]int16{tape.Agent}, []string{"agent"}, nil)
}
