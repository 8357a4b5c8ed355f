package recording

import (
	"path"
	"strings"
	"time"

	"github.com/google/uuid"
)

const (
	soundSuffix = ".wav"
	flacSuffix  = ".flac"
	vaultSuffix = ".swr"
	metaSuffix  = ".json"
	draftSuffix = ".tmp"
)

// name is where a recording lies, by its id alone.
type name struct {
	id   string
	dir  string // YYYY/MM/DD: the UTC day of the time in the id
	time time.Time
}

// nameOf checks an id. Only the canonical form of a version 7 UUID is one:
// what is opened is then made of hexadecimal digits and dashes.
func nameOf(id string) (name, bool) {
	u, err := uuid.Parse(id)
	if err != nil || u.Version() != 7 || u.Variant() != uuid.RFC4122 || u.String() != id {
		return name{}, false
	}
	ms := int64(0)
	for _, b := range u[:6] {
		ms = ms<<8 | int64(b)
	}
	t := time.UnixMilli(ms).UTC()
	if t.Year() > 9999 {
		return name{}, false
	}
	return name{id: id, dir: t.Format("2006/01/02"), time: t}, true
}

func (n name) sound() string { return path.Join(n.dir, n.id+soundSuffix) }
func (n name) flac() string  { return path.Join(n.dir, n.id+flacSuffix) }
func (n name) vault() string { return path.Join(n.dir, n.id+vaultSuffix) }
func (n name) meta() string  { return path.Join(n.dir, n.id+metaSuffix) }
func (n name) draft() string { return path.Join(n.dir, n.id+metaSuffix+draftSuffix) }

// uuid is the id in 16 octets.
func (n name) uuid() uuid.UUID { return uuid.MustParse(n.id) }

// all lists every file there may be of a recording.
func (n name) all() []string {
	return append(n.sounds(), n.flac()+draftSuffix, n.draft(), n.meta())
}

// sounds lists the files that may hold the sound, the likeliest first.
func (n name) sounds() []string { return []string{n.sound(), n.flac(), n.vault()} }

// idOf returns the id of a file's base name with the suffix, if it is one that
// lies in its own directory dir.
func idOf(dir, base, suffix string) (name, bool) {
	id, ok := strings.CutSuffix(base, suffix)
	if !ok {
		return name{}, false
	}
	n, ok := nameOf(id)
	return n, ok && n.dir == dir
}
