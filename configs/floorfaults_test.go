package configs

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func init() { faultCases = append(faultCases, floorFaults...) }

// floorFaults are those of what agents and callers meet, in the form of
// faultCases.
var floorFaults = []struct {
	name, sections string
	faults         []string
}{
	{"an end of after-call work that is none", "queues: [{id: parcels, wrap_up_end: §fixd}]",
		[]string{`wrap_up_end is "fixd": did you mean "fixed"? It is one of early, fixed, agent`}},
	{"after-call work that the agent ends and that takes no time", "queues: [{id: parcels, wrap_up: §0s, wrap_up_end: agent}]",
		[]string{"wrap_up is 0s, which is none, and wrap_up_end leaves its end to the agent: wrap_up is the longest it may take"}},
	{"a return of nobody", "queues: [{id: parcels, rona: {busy: {return: §5m}}}]",
		[]string{"return without a limit: nobody is taken out, so nobody comes back"}},
	{"a return that is no time", "queues: [{id: parcels, rona: {rejected: {return: §nevr}}}]",
		[]string{`return is "nevr": a duration is wanted, such as 15s, 500ms or 5m`}},
	{"an unknown miss", "queues: [{id: parcels, rona: {§noanswer: {limit: 2}}}]",
		[]string{`unknown key "noanswer" in rona: did you mean "no_answer"?`}},
	{"a disposition that cannot be dialled", "clients: [{id: courier, dispositions: [{code: §A1}]}]",
		[]string{`code is "A1": one to four digits are wanted, which agents dial behind *54`}},
	{"a disposition twice", "clients: [{id: courier, dispositions: [{code: '01'}, {code: §'01'}]}]",
		[]string{`code "01" stands already in line 4: codes are unique in a client`}},
	{"a required disposition without any", "clients: [{id: courier, disposition_required: §true}]",
		[]string{"a disposition is required and the client has none: list them under dispositions"}},
	{"a required disposition without a default", "clients: [{id: courier, dispositions: [{code: '01'}], disposition_required: §true}]",
		[]string{"a disposition is required, so disposition_default must say what a call gets that is not filed in time"}},
	{"a default disposition that there is not", "clients: [{id: courier, dispositions: [{code: '01'}, {code: '02'}], disposition_default: §'9'}]",
		[]string{`disposition_default is "9", which is none of the client's codes: 01, 02`}},
}

func TestAQueuesPolicyForMissedOffersIsReadPieceByPiece(t *testing.T) {
	c, err := parse("x", []byte(with("queues: [{id: parcels, wrap_up_end: agent, rona: {no_answer: {limit: 3, return: 5m}, busy: {limit: 2, return: never}, reset: answered}}]")), debian)
	require.NoError(t, err)
	q := c.Queues[0]
	require.Equal(t, time.Hour, q.WrapUp, "the longest that is forgotten")
	require.Equal(t, Rona{NoAnswer: Miss{Limit: 3, Return: 5 * time.Minute}, Rejected: Miss{Limit: 1},
		Busy: Miss{Limit: 2, Delay: 15 * time.Second}, Unreachable: Miss{Delay: 30 * time.Second}, Reset: "answered"}, q.Rona)
}
