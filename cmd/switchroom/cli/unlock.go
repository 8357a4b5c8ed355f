package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"

	"switchroom/recording/vault"

	"filippo.io/age"
	"github.com/google/uuid"
)

// identity names the private keys that encrypted recordings are opened with.
type identity struct {
	Identity []string `short:"i" placeholder:"FILE" help:"Private keys, as age-keygen writes them, for recordings that are encrypted."`
}

func (i identity) load() ([]age.Identity, error) {
	var all []age.Identity
	for _, file := range i.Identity {
		f, err := os.Open(file)
		if err != nil {
			return nil, fmt.Errorf("read the key: %w", err)
		}
		ids, err := age.ParseIdentities(f)
		f.Close()
		if err != nil { // its text could hold a part of the key
			return nil, fmt.Errorf("read the key: %s holds no age private key", file)
		}
		all = append(all, ids...)
	}
	return all, nil
}

// unlocked opens an encrypted recording into out, and says how long the WAV is.
func unlocked(r io.ReaderAt, size int64, out vault.File, ids []age.Identity) (int64, error) {
	sound, n, err := vault.Unlock(r, size, out, ids...)
	switch {
	case errors.Is(err, vault.ErrNotForUs):
		return 0, errors.New("it is not encrypted for this key")
	case err != nil:
		return 0, err
	case sound.Left > 0:
		return n, fmt.Errorf("it was cut off or changed: %d octets behind the first %.1f s cannot be read", sound.Left, float64(sound.Length)/8000)
	}
	return n, nil
}

// fetch copies a recording's file, as the switch keeps it, into f; it must have
// the hash that the metadata tells.
func fetch(ctx context.Context, api *client, id, sum string, f *os.File) (int64, error) {
	answer, err := api.do(ctx, http.MethodGet, "/api/v1/recordings/"+id+"/file", nil, nil)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	hash := sha256.New()
	n, err := io.Copy(f, io.TeeReader(answer.Body, hash))
	if err == nil && sum != "" && hex.EncodeToString(hash.Sum(nil)) != sum {
		err = fmt.Errorf("its sha256 is %s and should be %s", hex.EncodeToString(hash.Sum(nil)), sum)
	}
	return n, err
}

// scratch is a file without a name, for what is not to be found again.
func scratch() (*os.File, error) {
	f, err := os.CreateTemp("", "switchroom-*")
	if err != nil {
		return nil, err
	}
	return f, os.Remove(f.Name())
}

type recordingsDecryptCmd struct {
	File []string `arg:"" help:"Encrypted files (.swr)." type:"existingfile"`
	Into string   `short:"o" default:"." placeholder:"FOLDER" help:"Folder to put the WAVs in; made if it isn't there."`
	identity
}

// Run needs no switch: whoever has the file and the key can hear it.
func (c *recordingsDecryptCmd) Run(s *session) error {
	ids, err := c.load()
	if err != nil {
		return err
	}
	if len(ids) == 0 {
		return usageError{errors.New("which key? Name its file with --identity")}
	}
	if err := os.MkdirAll(c.Into, 0o750); err != nil {
		return fmt.Errorf("make the folder: %w", err)
	}
	folder, err := os.OpenRoot(c.Into)
	if err != nil {
		return fmt.Errorf("open the folder: %w", err)
	}
	defer folder.Close()
	failed := 0
	for _, file := range c.File {
		name, n, err := decryptFile(folder, file, ids)
		if err != nil {
			failed++
			fmt.Fprintf(s.Stderr, "switchroom: %s\n", printable(file+": "+err.Error()))
		}
		if name != "" {
			fmt.Fprintf(s.Stdout, "%s  %s\n", name, bytesOf(n))
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d files were not decrypted, or not whole", failed, len(c.File))
	}
	return nil
}

func decryptFile(folder *os.Root, file string, ids []age.Identity) (name string, n int64, err error) {
	f, err := os.Open(file)
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return "", 0, err
	}
	extent, err := vault.Scan(f, st.Size())
	if err != nil {
		return "", 0, err
	}
	return unlockInto(folder, extent.ID, f, st.Size(), ids)
}

// unlockInto opens an encrypted recording into a WAV below folder. What of a
// damaged one can be had is written, and the error says so.
func unlockInto(folder *os.Root, id string, f io.ReaderAt, size int64, ids []age.Identity) (name string, n int64, err error) {
	if _, err := uuid.Parse(id); err != nil {
		return "", 0, errors.New("its id is no UUID")
	}
	name = id + ".wav"
	part := name + ".part"
	out, err := folder.OpenFile(part, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o640)
	if err != nil {
		return "", 0, err
	}
	n, err = unlocked(f, size, out, ids)
	synced := errors.Join(out.Sync(), out.Close())
	if n == 0 || synced != nil {
		return "", 0, errors.Join(err, synced, folder.Remove(part))
	}
	return name, n, errors.Join(err, folder.Rename(part, name))
}

type recordingsPlayCmd struct {
	ID     string `arg:"" help:"The recording's id."`
	Player string `placeholder:"PROGRAM" help:"Program to play it with; the first one found of ffplay, play, aplay if none is named. With - the WAV goes to stdout."`
	identity
}

func (c *recordingsPlayCmd) Run(s *session) error {
	api, err := s.client()
	if err != nil {
		return err
	}
	var item recordingItem
	if _, err := api.get(s.ctx, "/api/v1/recordings/"+segment(c.ID), nil, &item); err != nil {
		return err
	}
	wavFile, err := c.sound(s, api, item)
	if err != nil {
		return fmt.Errorf("recording %s: %w", item.ID, err)
	}
	defer wavFile.Close()
	if _, err := wavFile.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if c.Player == "-" {
		_, err := io.Copy(s.Stdout, wavFile)
		return err
	}
	return play(s.ctx, c.Player, wavFile)
}

// sound gives the recording's WAV in a file without a name.
func (c *recordingsPlayCmd) sound(s *session, api *client, item recordingItem) (*os.File, error) {
	out, err := scratch()
	if err != nil || !item.Encrypted {
		if err == nil {
			err = download(s.ctx, api, item.ID, out)
		}
		return out, err
	}
	ids, err := c.load()
	if err == nil && len(ids) == 0 {
		err = errEncrypted
	}
	if err != nil {
		return nil, err
	}
	sealed, err := scratch()
	if err != nil {
		return nil, err
	}
	defer sealed.Close()
	size, err := fetch(s.ctx, api, item.ID, item.SHA256, sealed)
	if err != nil {
		return nil, err
	}
	_, err = unlocked(sealed, size, out, ids)
	return out, err
}

var errEncrypted = errors.New("it is encrypted: name the private key's file with --identity")

func download(ctx context.Context, api *client, id string, f *os.File) error {
	answer, err := api.do(ctx, http.MethodGet, "/api/v1/recordings/"+segment(id)+"/audio", nil, nil)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	_, err = io.Copy(f, answer.Body)
	return err
}

// players are known by name, with how they are told to read from stdin and to
// end by themselves.
var players = [][]string{{"ffplay", "-nodisp", "-autoexit", "-loglevel", "error", "-"}, {"play", "-q", "-t", "wav", "-"}, {"aplay", "-q", "-"}}

func play(ctx context.Context, player string, sound io.Reader) error {
	names := []string{}
	for _, p := range players {
		names = append(names, p[0])
		if player != "" && player != p[0] {
			continue
		}
		path, err := exec.LookPath(p[0])
		if err != nil {
			continue
		}
		cmd := exec.CommandContext(ctx, path, p[1:]...)
		cmd.Stdin, cmd.Stderr = sound, os.Stderr
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("%s: %w", p[0], err)
		}
		return nil
	}
	return fmt.Errorf("no player was found among %s: install one, or take the WAV with --player -", strings.Join(names, ", "))
}
