package killing

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"switchroom/media"
	"switchroom/recording"

	"github.com/google/uuid"
	"go.uber.org/zap"
)

// childEnv, when set, makes the process the one that is killed: it holds the
// directory to record in and the number of calls.
const childEnv = "SWITCHROOM_KILLING"

// Sound is what side says at sample instant n of its speech: never silence.
func Sound(side, n int) byte { return byte(1 + (n*31+n/160*7+side*50)%120) }

// packet is 20 ms.
const packet = 160

// Child records until it is killed, if the process was started for that; else
// it returns at once. It prints each call's id, then a line for each 20 ms:
// how many packets every call has spoken, by how much it was late, and how
// long the writer's last look took, in ms.
func Child() {
	dir := os.Getenv(childEnv)
	if dir == "" {
		return
	}
	calls, err := strconv.Atoi(os.Args[len(os.Args)-1])
	if err == nil {
		err = record(dir, calls)
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(3)
}

// config is the store's. With a file of public keys in dir it encrypts.
func config(dir string) recording.Config {
	c := recording.Config{Dir: filepath.Join(dir, "recordings"), Keys: filepath.Join(dir, "keys"), FreeMin: 0.001, FreeLow: 0.002}
	if keys := filepath.Join(dir, recipientsFile); exists(keys) {
		c.EncryptFile = keys
	}
	return c
}

// recipientsFile holds the public key that is encrypted to.
const recipientsFile = "recipients.txt"

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

func record(dir string, calls int) error {
	store, err := recording.Open(config(dir), zap.NewNop())
	if err != nil {
		return err
	}
	if _, err := store.Recover(context.Background()); err != nil {
		return err
	}
	go func() {
		fmt.Fprintln(os.Stderr, store.Run(context.Background()))
		os.Exit(3)
	}()
	tapes := make([]*recording.Recorder, calls)
	for i := range tapes {
		id, err := uuid.NewV7()
		if err != nil {
			return err
		}
		if tapes[i], err = store.Start(recording.Meta{ID: id.String(), Client: "courier"}); err != nil {
			return err
		}
		fmt.Println("id", id)
	}
	return speak(store, tapes)
}

// speak lets all calls speak in real time, for a minute at most.
func speak(store *recording.Store, tapes []*recording.Recorder) error {
	start := media.Now()
	payload := make([]byte, packet)
	for k := range 3000 {
		due := start + int64(k)*int64(20*time.Millisecond)
		time.Sleep(time.Duration(due - media.Now()))
		late := media.Now() - due
		for side := range 2 {
			for i := range payload {
				payload[i] = Sound(side, k*packet+i)
			}
			f := media.Frame{Side: media.Side(side), Seq: uint16(k), Timestamp: uint32(k * packet), SSRC: uint32(side + 1), Arrival: due, Payload: payload}
			for _, r := range tapes {
				r.Frame(&f)
			}
		}
		fmt.Println("said", k+1, late/int64(time.Millisecond), int64(1000*store.Stats().LookSeconds))
	}
	return fmt.Errorf("not killed")
}
