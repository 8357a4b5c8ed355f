package cli

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"

	"filippo.io/age"
	"github.com/google/uuid"
)

type recordingsExportCmd struct {
	ID   []string `arg:"" optional:"" help:"Recordings' ids; none: all that the filters choose."`
	Into string   `short:"o" default:"." placeholder:"FOLDER" help:"Folder to put the files in; made if it isn't there."`
	recordingFilter
	identity
}

// exported says where one recording went, for programs.
type exported struct {
	ID   string `json:"id"`
	File string `json:"file"`
	Meta string `json:"meta"`
	Size int64  `json:"size"`
}

// Run goes on after a recording that can't be had, and fails in the end.
func (c *recordingsExportCmd) Run(s *session) error {
	api, err := s.client()
	if err != nil {
		return err
	}
	items, err := c.chosen(s, api)
	if err != nil {
		return err
	}
	ids, err := c.load()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(c.Into, 0o750); err != nil {
		return fmt.Errorf("make the folder: %w", err)
	}
	folder, err := os.OpenRoot(c.Into)
	if err != nil {
		return fmt.Errorf("open the folder: %w", err)
	}
	defer folder.Close()
	done := []exported{}
	failed := 0
	for _, item := range items {
		e, err := export(s.ctx, api, folder, item, ids)
		if err != nil {
			failed++
			fmt.Fprintf(s.Stderr, "switchroom: %s\n", printable(err.Error()))
			if s.ctx.Err() != nil {
				break
			}
			continue
		}
		done = append(done, e)
		if !s.JSON {
			fmt.Fprintf(s.Stdout, "%s  %s\n", e.File, bytesOf(e.Size))
		}
	}
	if s.JSON {
		if err := s.printValue(list[exported]{Items: done}); err != nil {
			return err
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d recordings were not exported", failed, len(items))
	}
	return nil
}

// chosen gives the metadata of what is to be exported, as the switch wrote it.
func (c *recordingsExportCmd) chosen(s *session, api *client) ([]json.RawMessage, error) {
	if len(c.ID) == 0 {
		items, more, err := pages(s.ctx, api, "/api/v1/recordings", c.query(), c.Limit)
		if more {
			fmt.Fprintf(s.Stderr, "switchroom: there are more than %d; --limit 0 exports all\n", c.Limit)
		}
		return items, err
	}
	var items []json.RawMessage
	for _, id := range c.ID {
		text, err := api.get(s.ctx, "/api/v1/recordings/"+segment(id), nil, nil)
		if err != nil {
			return nil, fmt.Errorf("recording %s: %w", id, err)
		}
		items = append(items, text)
	}
	return items, nil
}

// export writes one recording's sound and metadata below folder. Files appear
// under their names only when whole and, if the metadata has a hash, proven.
func export(ctx context.Context, api *client, folder *os.Root, meta json.RawMessage, ids []age.Identity) (exported, error) {
	var item recordingItem
	if err := json.Unmarshal(meta, &item); err != nil {
		return exported{}, fmt.Errorf("read the metadata: %w", err)
	}
	id, err := uuid.Parse(item.ID)
	if err != nil { // nothing that is sent to us becomes part of a path
		return exported{}, fmt.Errorf("recording %q: its id is no UUID", item.ID)
	}
	e := exported{ID: id.String(), File: id.String() + ".wav", Meta: id.String() + ".json"}
	switch {
	case item.Encrypted && len(ids) > 0:
		e.File, e.Size, err = exportUnlocked(ctx, api, folder, item, ids)
	case item.Encrypted:
		e.File = id.String() + ".swr"
		e.Size, err = exportFile(ctx, api, folder, e.File, "/api/v1/recordings/"+e.ID+"/file", item.SHA256)
	default:
		e.Size, err = exportFile(ctx, api, folder, e.File, "/api/v1/recordings/"+e.ID+"/audio", item.SHA256)
	}
	if err != nil {
		return e, fmt.Errorf("recording %s: %w", e.ID, err)
	}
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, meta, "", "  "); err != nil {
		return e, fmt.Errorf("recording %s: %w", e.ID, err)
	}
	pretty.WriteByte('\n')
	if _, err := replace(folder, e.Meta, &pretty, func() error { return nil }); err != nil {
		return e, fmt.Errorf("recording %s: %w", e.ID, err)
	}
	return e, nil
}

// exportFile copies what lies at path into a file below folder.
func exportFile(ctx context.Context, api *client, folder *os.Root, name, path, sum string) (int64, error) {
	answer, err := api.do(ctx, http.MethodGet, path, nil, nil)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	hash := sha256.New()
	return replace(folder, name, io.TeeReader(answer.Body, hash), func() error {
		if got := hex.EncodeToString(hash.Sum(nil)); sum != "" && got != sum {
			return fmt.Errorf("its sha256 is %s and should be %s", got, sum)
		}
		return nil
	})
}

// exportUnlocked writes the WAV of an encrypted recording. The encrypted file
// is proven by its hash before.
func exportUnlocked(ctx context.Context, api *client, folder *os.Root, item recordingItem, ids []age.Identity) (string, int64, error) {
	sealed, err := scratch()
	if err != nil {
		return "", 0, err
	}
	defer sealed.Close()
	size, err := fetch(ctx, api, item.ID, item.SHA256, sealed)
	if err != nil {
		return "", 0, err
	}
	return unlockInto(folder, item.ID, sealed, size, ids)
}

// replace writes name below folder from r, through a file beside it that takes
// its place once whole returns nil. Nothing is left behind otherwise.
func replace(folder *os.Root, name string, r io.Reader, whole func() error) (n int64, err error) {
	part := name + ".part"
	f, err := folder.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o640)
	if err != nil {
		return 0, err
	}
	defer func() {
		if err != nil {
			if gone := folder.Remove(part); gone != nil && !errors.Is(gone, fs.ErrNotExist) {
				err = errors.Join(err, gone)
			}
		}
	}()
	n, err = io.Copy(f, r)
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = whole()
	}
	if err == nil {
		err = folder.Rename(part, name)
	}
	return n, err
}
