package sip

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAUASeesWhetherItIsAlive(t *testing.T) {
	s := newStation(t, Config{Listen: []string{"udp:127.0.0.1:0", "udp:0.0.0.0:0"}}, nil)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	require.NoError(t, s.ua.Alive(ctx))
	require.Empty(t, s.ua.dialled.count)
	s.close()
	require.ErrorIs(t, s.ua.Alive(ctx), ErrClosed)
}
