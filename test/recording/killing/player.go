package killing

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"switchroom/media/g711"
	"switchroom/recording/vault"
	"switchroom/recording/wav"

	"filippo.io/age"
)

// players opens a recording with sox and on its own, checks that the sound is
// what was said, and returns how many packets of both sides are whole. An
// encrypted one is opened with key before.
func players(dir, id string, key age.Identity) (said int, err error) {
	files, err := filepath.Glob(filepath.Join(dir, "recordings", "*", "*", "*", id+".[ws]*"))
	if err == nil && len(files) == 0 {
		return 0, nil // its particulars are there, and no sound yet
	}
	if err != nil || len(files) > 1 {
		return 0, fmt.Errorf("%s: %d files, %v", id, len(files), err)
	}
	file := files[0]
	st, err := os.Stat(file)
	if err != nil {
		return 0, err
	}
	if st.Size() == 0 {
		return 0, nil // made just before the kill: all that was said is missing
	}
	if key != nil && filepath.Ext(file) == ".swr" {
		if file, err = unlock(dir, file, key); err != nil {
			return 0, fmt.Errorf("%s: %w", id, err)
		}
		defer os.Remove(file)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	f, n, err := wav.ReadHeader(b)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", id, err)
	}
	if f != wav.ULaw || int(n) > len(b)-f.HeaderSize() {
		return 0, fmt.Errorf("%s: the header claims %d octets of %s, there are %d", id, n, f, len(b)-f.HeaderSize())
	}
	sound := b[f.HeaderSize() : f.HeaderSize()+int(n)]
	if err := sox(file, sound); err != nil {
		return 0, err
	}
	return compare(id, sound)
}

// unlock makes a WAV of an encrypted file.
func unlock(dir, file string, key age.Identity) (string, error) {
	in, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer in.Close()
	st, err := in.Stat()
	if err != nil {
		return "", err
	}
	out, err := os.CreateTemp(dir, "*.wav")
	if err != nil {
		return "", err
	}
	_, _, err = vault.Unlock(in, st.Size(), out, key)
	return out.Name(), errors.Join(err, out.Close())
}

// sox decodes the file with sox, which must not even warn, and compares.
func sox(file string, sound []byte) error {
	if _, err := exec.LookPath("sox"); err != nil {
		return fmt.Errorf("sox is needed: %w", err)
	}
	var out, warnings bytes.Buffer
	cmd := exec.Command("sox", file, "-t", "raw", "-e", "mu-law", "-b", "8", "-D", "-")
	cmd.Stdout, cmd.Stderr = &out, &warnings
	if err := cmd.Run(); err != nil || warnings.Len() > 0 {
		return fmt.Errorf("sox %s: %v: %s", file, err, warnings.String())
	}
	if out.Len() != len(sound) {
		return fmt.Errorf("sox %s: %d octets, not %d", file, out.Len(), len(sound))
	}
	return nil
}

// compare finds where each side begins to speak and checks every sample.
func compare(id string, sound []byte) (said int, err error) {
	said = 1 << 30
	for side := range 2 {
		start := -1
		for i := side; i < len(sound); i += 2 {
			if start < 0 && sound[i] == g711.ULawSilence {
				continue
			}
			if start < 0 {
				start = i / 2
			}
			n := i/2 - start
			if want := Sound(side, n); sound[i] != want {
				// The end may be silence drawn out ahead of a speaker who is late.
				if !silent(sound[i:]) {
					return 0, fmt.Errorf("%s: side %d, sample %d: %d, not %d", id, side, i/2, sound[i], want)
				}
				said = min(said, n/packet)
				break
			}
			if i+2 >= len(sound) {
				said = min(said, (n+1)/packet)
			}
		}
		if start < 0 {
			said = 0
		}
	}
	return said, nil
}

// silent says whether every second octet of b is silence.
func silent(b []byte) bool {
	for i := 0; i < len(b); i += 2 {
		if b[i] != g711.ULawSilence {
			return false
		}
	}
	return true
}
