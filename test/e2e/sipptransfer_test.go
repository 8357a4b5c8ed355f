package e2e

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestASIPpPhoneTransfersItsCaller(t *testing.T) {
	w := NewWorld(t, Options{})
	w.SetAgent("8002", "not-ready")
	phone := w.sipp("phone_transfers", fmt.Sprintf("127.0.0.1:%d", w.SIP), "-m", "1", "-p", fmt.Sprint(w.PhonePort(1)))
	wang := w.Desk(2)
	caller := w.Rings("13800001", "4008001234")
	caller.sound.Hears("agent")
	second := wang.Ring()
	second.sound = w.Sound("agent2", pcmu, 101)
	second.sound.towards(second.invite.body)
	second.Answer(second.sound.SDP("sendrecv"))
	caller.sound.Hears("agent2")
	second.sound.Hears("caller")
	phone.Wait()
	time.Sleep(700 * time.Millisecond)
	caller.Hangup()
	second.HungUp()
	r := w.CDR()
	require.Equal(t, []string{"ring/answered", "queue/answered", "ring/answered", "talk/transferred", "talk/caller-hangup"}, r.kinds())
	tape := w.Recording(r.Recording)
	w.heardTogether([][]int16{tape.Agent}, []string{"agent"}, []string{"agent2"})
	w.heardTogether([][]int16{tape.Agent}, []string{"agent2"}, []string{"agent"})
	caller.sound.Continuous()
}

func TestASIPpPhoneKeepsTheCallerThatItCannotTransfer(t *testing.T) {
	w := NewWorld(t, Options{})
	w.SetAgent("8002", "not-ready")
	phone := w.sipp("phone_transfers_in_vain", fmt.Sprintf("127.0.0.1:%d", w.SIP), "-m", "1", "-p", fmt.Sprint(w.PhonePort(1)))
	wang := w.Desk(2)
	caller := w.Rings("13800001", "4008001234")
	caller.sound.Hears("agent")
	refused := wang.Ring()
	refused.Refuse(480)
	w.Eventually(8*time.Second, "the phone is told", func() bool { return w.Agent("8001").State == "talking" && w.Agent("8002").State == "not-ready" })
	caller.sound.Hears("agent")
	time.Sleep(500 * time.Millisecond)
	caller.Hangup()
	phone.Wait()
	r := w.CDR()
	require.Equal(t, "8001", r.Agent)
	require.Contains(t, r.kinds(), "ring/rejected")
}
