package journal

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// segmentMin is the smallest segment that is worth having.
const segmentMin = 64 << 10

const (
	segmentSuffix = ".swj"
	asideSuffix   = ".aside" // what Open could not understand
	spareName     = "spare"  // the segment after the current one, allocated beforehand
	lockName      = "lock"
)

// segment is one file of the journal. Its name is the number of its first
// record or a lower one; it ends at the latest where the next one begins.
type segment struct {
	name string
	head header

	// limit is where readers stop: the end of what is synced. Under
	// Journal.mu for the last segment, constant for the others.
	limit int64
}

func segmentName(base uint64) string { return fmt.Sprintf("%020d%s", base, segmentSuffix) }

// parseSegmentName gives the number in a segment's name.
func parseSegmentName(name string) (base uint64, ok bool) {
	digits, ok := strings.CutSuffix(name, segmentSuffix)
	if !ok || len(digits) != 20 {
		return 0, false
	}
	base, err := strconv.ParseUint(digits, 10, 64)
	return base, err == nil && base > 0
}

// readHeader takes the first of the two headers that is whole.
func readHeader(f io.ReaderAt) (header, error) {
	page := make([]byte, headBytes)
	for _, off := range []int64{0, pageBytes} {
		if _, err := f.ReadAt(page, off); err != nil {
			continue
		}
		h, ok := decodeHeader(page)
		if !ok {
			continue
		}
		if h.version != formatVersion {
			return h, fmt.Errorf("%w: format version %d", errDamaged, h.version)
		}
		return h, nil
	}
	return header{}, fmt.Errorf("%w: no header", errDamaged)
}

// newHeader begins a segment.
func newHeader(base uint64, id ID) header {
	var salt [8]byte
	rand.Read(salt[:])
	return header{
		version: formatVersion, base: base, created: time.Now(), id: id,
		salt: binary.LittleEndian.Uint64(salt[:]),
	}
}

// write puts the header on both of its pages.
func (h header) write(f io.WriterAt) error {
	page := h.encode()
	for _, off := range []int64{0, pageBytes} {
		if _, err := f.WriteAt(page, off); err != nil {
			return err
		}
	}
	return nil
}
