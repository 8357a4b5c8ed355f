package recording

import (
	"encoding/hex"
	"errors"

	"switchroom/recording/disk"
	"switchroom/recording/proof"
	"switchroom/recording/tail"
	"switchroom/recording/vault"
)

// openVault begins the encrypted file. Its head goes out at once or, when the
// disk does not take it, with the first record.
func (t *tape) openVault(files disk.Files, n name) (err error) {
	if t.vault == nil {
		if t.vault, t.head, err = vault.New(n.id, t.line.Format(), *t.keys); err != nil {
			return err
		}
	}
	if t.file, err = files.Create(n.vault()); err != nil {
		return err
	}
	// What goes wrong here goes wrong with the first record too, and is told then.
	_ = t.putHead()
	return nil
}

func (t *tape) putHead() error {
	if len(t.head) == 0 {
		return nil
	}
	if _, err := t.file.WriteAt(t.head, 0); err != nil {
		return err
	}
	t.head = nil
	return nil
}

// putVault writes sound into the encrypted file, behind what is there.
func (t *tape) putVault(pos int64, b []byte) error {
	if err := t.putHead(); err != nil {
		return err
	}
	return t.vault.Sound(t.file, pos, b)
}

// conclude ends the file, all of whose sound is written. It may be called
// again after an error.
func (t *tape) conclude() error {
	root := t.finish()
	if t.vault == nil {
		return nil
	}
	if err := t.putHead(); err != nil { // nothing was ever said
		return err
	}
	if err := t.vault.End(t.file, t.line.End(), root); err != nil {
		return err
	}
	return t.file.Truncate(t.vault.Size())
}

// link notes in the log how far the hash chain goes.
func (t *tape) link(log *tail.Log) {
	chunks, head := t.chain.Len(), t.chain.Head()
	if t.vault != nil {
		chunks, head = t.vault.Chain()
	}
	if chunks != t.linked && t.handle != 0 {
		t.linked = chunks
		log.Link(t.handle, chunks, head)
	}
}

// proven fills in what vouches for the file.
func (t *tape) proven(m *Meta, size int64) {
	root, chunks := t.finish(), t.chunks
	m.Length = lengthOf(size, t.line.Format())
	if t.vault != nil {
		sums := t.vault.Sums()
		root, chunks = sums.Root, sums.Chunks
		m.Length = instants(t.line.End())
	}
	m.Root, m.Chunks = hex.EncodeToString(root[:]), chunks
}

// mendVault brings a cut-off encrypted file into order, without a key: what
// was being written when the crash came is cut off, and what is there hashed.
func mendVault(f disk.File, n name, m *Meta, left *tail.Left) (found mended, err error) {
	size, err := f.Size()
	if err != nil {
		return found, err
	}
	e, err := vault.Scan(f, size)
	switch {
	case errors.Is(err, vault.ErrDamaged) || err == nil && e.ID != n.id:
		// Without its head nobody can open it; what there is stays as it is.
		e.Size, found.headless = size, true
	case err != nil:
		return found, err
	default:
		m.Format = e.Format.String()
		if err := f.Truncate(e.Size); err != nil {
			return found, err
		}
	}
	sums, err := vault.Hash(f, n.id, e.Size, func(chunks int, head [proof.Size]byte) {
		if left != nil && chunks == left.Chunks && head != left.Link {
			found.altered = true
		}
	})
	if err != nil {
		return found, err
	}
	if m.Encryption == nil {
		m.Encryption = &Encryption{Scheme: vaultScheme}
	}
	m.Length, m.Root, m.Chunks = instants(e.Length), hex.EncodeToString(sums.Root[:]), sums.Chunks
	found.length = e.Length
	return found, nil
}
