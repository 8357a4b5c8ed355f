//go:build linux

package main

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"
)

// channelOf is a channel that holds the packets of leg 7 with the given
// numbers, between silence.
func channelOf(counters ...uint32) []byte {
	b := bytes.Repeat([]byte{0xff}, 333)
	for _, n := range counters {
		payload := make([]byte, payloadLen)
		binary.BigEndian.PutUint32(payload, 7)
		binary.BigEndian.PutUint32(payload[4:], n)
		b = append(b, payload...)
	}
	return append(b, bytes.Repeat([]byte{0xff}, 333)...)
}

func TestWholeChannelPasses(t *testing.T) {
	n, err := checkChannel(channelOf(0, 1, 2, 3))
	require.NoError(t, err)
	require.Equal(t, 4, n)
}

func TestDamagedChannelFails(t *testing.T) {
	shifted := channelOf(0, 1, 2)
	shifted = append(shifted[:333+payloadLen], shifted[333+payloadLen+1:]...)
	gap := append(channelOf(0, 1), channelOf(2)...)
	for name, channel := range map[string][]byte{
		"missing": channelOf(0, 2), "first missing": channelOf(1, 2), "swapped": channelOf(0, 2, 1), "doubled": channelOf(0, 0, 1),
		"one sample gone": shifted, "a gap": gap, "silence": channelOf(),
	} {
		_, err := checkChannel(channel)
		require.Error(t, err, name)
	}
}
