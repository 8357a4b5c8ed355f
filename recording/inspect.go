package recording

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"slices"

	"switchroom/recording/ledger"
)

// inspect looks at one recording.
func (a *audit) inspect(n name, b *lens) {
	entry, listed := a.entries[n.id]
	m, text, err := readMeta(a.files, n)
	missing := errors.Is(err, fs.ErrNotExist)
	switch {
	case listed && entry.Kind == ledger.Deleted:
		a.inspectDeleted(n, entry)
		return
	case !listed && err == nil && !m.Sealed:
		a.count(&a.report.Open)
		return
	case !listed && missing && !a.there(n):
		a.find(n.id, FlawRemoved, "there is no such recording, and the ledger knows of none")
		return
	case !listed:
		a.find(n.id, FlawUnlisted, "the ledger does not know it")
		return
	}
	a.count(&a.report.Recordings)
	metaSum := sha256.Sum256(text)
	switch {
	case missing && !a.there(n):
		a.find(n.id, FlawRemoved, "sealed at %s, and gone without a certificate", entry.At.Format("2006-01-02 15:04:05Z"))
		return
	case missing:
		a.find(n.id, FlawMetadata, "the JSON is missing")
	case hex.EncodeToString(metaSum[:]) != entry.Meta:
		a.find(n.id, FlawMetadata, "the JSON is not the one that was sealed")
	}
	a.inspectSound(n, entry, m, b)
}

func (a *audit) count(n *int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	*n++
}

func (a *audit) exists(file string) bool {
	f, err := a.files.Open(file)
	if err == nil {
		f.Close()
	}
	return err == nil
}

// there says that there is any file that may hold a recording's sound.
func (a *audit) there(n name) bool { return slices.ContainsFunc(n.sounds(), a.exists) }

func (a *audit) inspectDeleted(n name, entry ledger.Entry) {
	a.mu.Lock()
	a.report.Deleted++
	a.report.Certificates = append(a.report.Certificates, certificateOf(entry))
	a.mu.Unlock()
	for _, file := range append(n.sounds(), n.meta()) {
		if a.exists(file) {
			a.find(n.id, FlawUnlisted, "deleted by certificate, and %s is here again", file)
		}
	}
}
