//go:build linux

package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/google/uuid"
	"go.uber.org/zap"

	"switchroom/media"
	"switchroom/recording"
)

// recorder records the calls as the switch does, and checks afterwards that
// the files hold what was sent.
type recorder struct {
	store  *recording.Store
	dir    string
	remove bool
	cancel context.CancelFunc
	ended  chan error
	tapes  []*recording.Recorder

	mu     sync.Mutex
	sealed []recording.Meta
}

func newRecorder(dir string) (*recorder, error) {
	r := &recorder{dir: dir, remove: dir == "", ended: make(chan error, 1)}
	if r.remove {
		var err error
		if r.dir, err = os.MkdirTemp("", "media-load-"); err != nil {
			return nil, err
		}
	}
	store, err := recording.Open(recording.Config{Dir: r.dir + "/recordings", Sealed: r.note}, zap.NewNop())
	if err != nil {
		return nil, err
	}
	r.store = store
	ctx, cancel := context.WithCancel(context.Background())
	r.cancel = cancel
	go func() { r.ended <- store.Run(ctx) }()
	return r, nil
}

func (r *recorder) note(m recording.Meta) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sealed = append(r.sealed, m)
}

// start begins a call's recording.
func (r *recorder) start() (media.Tap, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return nil, err
	}
	tape, err := r.store.Start(recording.Meta{ID: id.String(), Queue: "load"})
	if err != nil {
		return nil, err
	}
	r.tapes = append(r.tapes, tape)
	return tape, nil
}

// stop ends and checks all recordings, and adds what they lost to l.
func (r *recorder) stop(l *losses) error {
	for _, t := range r.tapes {
		t.Stop("normal")
	}
	r.cancel()
	err := <-r.ended
	if len(r.sealed) != len(r.tapes) {
		err = errors.Join(err, fmt.Errorf("%d of %d recordings sealed", len(r.sealed), len(r.tapes)))
	}
	frames, wrong := 0, 0
	for _, m := range r.sealed {
		l.ofRecording(&m)
		n, checked := r.check(m)
		frames += n
		if checked != nil {
			if wrong++; wrong <= 3 {
				err = errors.Join(err, checked)
			}
		}
	}
	fmt.Printf("         %d recordings with %d packets checked sample by sample, %d wrong\n", len(r.sealed), frames, wrong)
	err = errors.Join(err, r.store.Close())
	if r.remove {
		err = errors.Join(err, os.RemoveAll(r.dir))
	}
	return err
}

// check compares a recording with what the generator sent: from the first
// packet on, each channel must hold every packet's sound where its number says,
// without a gap. It returns how many packets it found.
func (r *recorder) check(m recording.Meta) (frames int, err error) {
	f, _, err := r.store.Audio(m.ID)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil {
		return 0, err
	}
	_, sound, found := bytes.Cut(b, []byte("data"))
	if !found || len(sound) < 4 {
		return 0, fmt.Errorf("recording %s: no sound", m.ID)
	}
	sound = sound[4:]
	for side := range 2 {
		channel := make([]byte, len(sound)/2)
		for i := range channel {
			channel[i] = sound[2*i+side]
		}
		n, err := checkChannel(channel)
		if err != nil {
			return frames, fmt.Errorf("recording %s, channel %d: %w", m.ID, side, err)
		}
		frames += n
	}
	return frames, nil
}

const payloadLen = packetLen - rtpHead

// checkChannel follows the packets of one side through its channel.
func checkChannel(channel []byte) (int, error) {
	at := firstPacket(channel)
	if at < 0 {
		return 0, errors.New("silence only")
	}
	leg, counter := binary.BigEndian.Uint32(channel[at:]), uint32(0)
	for ; at+payloadLen <= len(channel); at, counter = at+payloadLen, counter+1 {
		gotLeg, got := binary.BigEndian.Uint32(channel[at:]), binary.BigEndian.Uint32(channel[at+4:])
		if gotLeg == 0xffffffff { // the silence after the last packet
			if next := firstPacket(channel[at:]); next >= 0 {
				return int(counter), fmt.Errorf("a gap of %d samples after packet %d", next, counter)
			}
			break
		}
		if gotLeg != leg || got != counter {
			return int(counter), fmt.Errorf("at sample %d: leg %d packet %d, wanted leg %d packet %d", at, gotLeg, got, leg, counter)
		}
	}
	return int(counter), nil
}

// firstPacket finds where the sound begins: the first octet that isn't silence,
// as a leg's number begins with 0.
func firstPacket(channel []byte) int {
	for i := 0; i+payloadLen <= len(channel); i++ {
		if channel[i] != 0xff {
			return i
		}
	}
	return -1
}
