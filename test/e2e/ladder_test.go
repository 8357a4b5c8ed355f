package e2e

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"switchroom/acd/api"
)

func TestTheLadderOfAFinishedCallHasBothLegsAndNoSecret(t *testing.T) {
	w := NewWorld(t, Options{Queues: oneSite})
	c := w.Converse(pcmu, 101, pcma, 101)
	c.HearEachOther()
	c.caller.Hangup()
	c.agent.respond(c.agent.Expect("BYE"), 200, "OK", "")
	record := w.CDRs(1)[0]
	var got struct{ Items []api.SIPMessage }
	w.Get("/api/v1/calls/"+record.ID+"/ladder", &got)
	dialogs := map[string][]string{}
	for _, m := range got.Items {
		dialogs[m.CallID] = append(dialogs[m.CallID], m.Direction+" "+m.Summary)
		require.NotContains(t, strings.ToLower(m.Text), "response=")
	}
	require.Len(t, dialogs, 2)
	for _, rungs := range dialogs {
		all := strings.Join(rungs, "; ")
		if strings.HasPrefix(all, "in INVITE") {
			require.Regexp(t, `^in INVITE, SDP; out 100 .*; out 200 OK to INVITE, SDP; .*in ACK.*in BYE; out 200 OK to BYE`, all)
		} else {
			require.Regexp(t, `^out INVITE, SDP; .*in 200 OK to INVITE, SDP; out ACK; .*out BYE; in 200 OK to BYE`, all)
		}
	}
}
