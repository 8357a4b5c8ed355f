package server

import (
	"context"
	"fmt"
	"net"
	"testing"

	"switchroom/configs"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"go.uber.org/zap"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// config is a switch without calls on the given addresses.
func config(t *testing.T, sip, http string) func() (*configs.Config, error) {
	text := fmt.Sprintf(`
sip: {listen: ["udp:%[1]s", "tcp:%[1]s"]}
media: {listen: 127.0.0.1, ports: 31000-31099}
http: {listen: "%s"}
data: %s
drain_timeout: 0s
clients: [{id: courier, name: Courier}]
sites: [{id: chengdu, name: Chengdu}]
trunks: [{id: telecom, peers: [127.0.0.2]}]
numbers: [{number: "4001", client: courier, queue: parcels}]
queues: [{id: parcels, client: courier, rings: [{after: 0s}]}]
agents: [{id: "8001", name: A, site: chengdu, password: secret}]
`, sip, http, t.TempDir())
	return func() (*configs.Config, error) { return configs.Parse("test.yaml", []byte(text)) }
}

func TestASwitchThatCannotOpenGivesItsSocketsBack(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	sip := free.Addr().String()
	require.NoError(t, free.Close())

	load := config(t, sip, taken.Addr().String())
	_, err = Open(t.Context(), Args{Load: load, Log: zap.NewNop()})
	require.ErrorContains(t, err, "http.listen")

	require.NoError(t, taken.Close())
	s, err := Open(t.Context(), Args{Load: load, Log: zap.NewNop()}) // the same folder, the same ports
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	require.NoError(t, s.Run(ctx), "asked to end before it began")
}
