package tail

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"switchroom/recording/disk"
)

// readMax bounds a log that is read: the limit, the table and one tick more.
const readMax = 256 << 20

func fileName(number uint64) string { return fmt.Sprintf("tail-%08d.log", number) }

// Read folds the logs that a former run left below files' root. names are
// theirs, in order, next is a number that none of them bears. whole is false
// when there was damage before the end of the last one, or one could not be
// read: other recordings than those returned may then be open.
func Read(files disk.Files) (left []*Left, names []string, next uint64, whole bool, err error) {
	entries, err := files.ReadDir(".")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, 0, false, fmt.Errorf("tail: %w", err)
	}
	for _, e := range entries {
		var n uint64
		if _, err := fmt.Sscanf(e.Name(), "tail-%d.log", &n); err == nil && e.Name() == fileName(n) {
			names = append(names, e.Name())
			next = max(next, n+1)
		}
	}
	slices.Sort(names)
	byID := make(map[string]*Left)
	whole = true
	for _, name := range names {
		b, err := disk.ReadFile(files, name, readMax)
		if err != nil || !fold(byID, b) {
			whole = false
		}
	}
	for _, l := range byID {
		left = append(left, l)
	}
	slices.SortFunc(left, func(a, b *Left) int { return strings.Compare(a.ID, b.ID) })
	return left, names, next, whole, nil
}

// fold applies a log's records; it reports whether it could be read to its end.
func fold(byID map[string]*Left, b []byte) bool {
	if len(b) == 0 {
		return true // made, and cut off before anything was written
	}
	if len(b) < len(magic) || string(b[:len(magic)]) != magic {
		return false
	}
	b = b[len(magic):]
	t := table{byID: byID, handle: make(map[uint32]*Left)}
	for len(b) > 0 {
		k, body, rest, ok := next(b)
		if !ok || !t.read(k, body) {
			return false
		}
		b = rest
	}
	return true
}
