package exchange

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"switchroom/acd"
	"switchroom/configs"
	"switchroom/media"
	"switchroom/media/sdp"
	"switchroom/sip"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
)

// carrier answers OPTIONS once it is told to.
func carrier(t *testing.T) (address string, answers *atomic.Bool) {
	t.Helper()
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	answers = new(atomic.Bool)
	go func() {
		b := make([]byte, 4096)
		for {
			n, from, err := c.ReadFrom(b)
			if err != nil {
				return
			}
			if start, rest, ok := strings.Cut(string(b[:n]), "\r\n"); ok && answers.Load() && strings.HasPrefix(start, "OPTIONS ") {
				_, _ = c.WriteTo([]byte("SIP/2.0 200 OK\r\n"+rest), from)
			}
		}
	}()
	return c.LocalAddr().String(), answers
}

func TestATrunksHealthIsShownAndWrittenDown(t *testing.T) {
	address, answers := carrier(t)
	j := openJournal(t)
	cfg := &configs.Config{
		SIP:    configs.SIP{Listen: []string{"udp:127.0.0.1:0"}, Realm: "test", T1: 20 * time.Millisecond},
		Media:  configs.Media{Listen: "127.0.0.1", Ports: configs.PortRange{Min: 16384, Max: 16393}, Timeout: time.Second},
		Trunks: []configs.Trunk{{ID: "telecom", Address: "sip:" + address, Channels: 2, Ping: 30 * time.Millisecond}},
	}
	x, err := New(cfg, Parts{Journal: j, Log: zap.NewNop(), Boot: "b"})
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- x.Run(ctx) }()
	shown := func() string { return x.Status().Channels[0].State }
	require.Equal(t, "up", shown(), "until it is known better")
	require.Eventually(t, func() bool { return shown() == "down" }, time.Minute, 5*time.Millisecond)
	answers.Store(true)
	require.Eventually(t, func() bool { return shown() == "up" }, time.Minute, 5*time.Millisecond)
	stop()
	require.NoError(t, <-done)
	require.NoError(t, j.Commit(context.Background(), j.Append(acd.Event{Kind: Alive})))

	var states []string
	r := j.Read(0)
	defer r.Close()
	for {
		e, err := r.Next()
		if err != nil {
			break
		}
		if e.Kind == acd.TrunkState {
			require.Equal(t, "telecom", e.Trunk)
			states = append(states, e.State)
		}
	}
	require.Equal(t, []string{"down", "up"}, states)
}

func TestATrunkIsOfferedItsOwnCodecs(t *testing.T) {
	pcma := configs.Trunk{ID: "pcma", Codecs: []string{"pcma"}}
	both := configs.Trunk{ID: "both", Codecs: []string{"pcmu", "pcma"}}
	require.Equal(t, []media.Codec{media.PCMA}, codecsOf(pcma))
	require.Equal(t, []media.Codec{media.PCMU, media.PCMA}, codecsOf(configs.Trunk{}))
	require.Equal(t, []media.Codec{media.PCMA, media.PCMU}, preferring(codecsOf(both), media.PCMA))
	require.Equal(t, []media.Codec{media.PCMA}, preferring(codecsOf(pcma), media.PCMU))

	x := &Exchange{}
	x.plan.Store(&plan{config: &configs.Config{Trunks: []configs.Trunk{pcma, both}}})
	p := &party{call: &call{x: x}, local: sdp.Local{Addr: netip.MustParseAddr("127.0.0.1"), Port: 4000, RTCPPort: 4001, PtimeMs: 20,
		Codecs: []media.Codec{media.PCMU, media.PCMA}}}
	d := sip.Dial{Routes: []sip.Route{{Trunk: "pcma"}, {Trunk: "both"}}}
	p.trunkOffers(&d)
	require.Contains(t, string(d.Routes[0].SDP), "RTP/AVP 8\r\n")
	require.Nil(t, d.Routes[1].SDP, "the usual offer will do")
}
