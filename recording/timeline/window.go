package timeline

import (
	"slices"

	"switchroom/media/g711"
	"switchroom/recording/wav"
)

// Chunk is how many sample instants one link of the hash chain covers: a second.
const Chunk = wav.Rate

// window is the end of the line that may still change, interleaved as in the
// file.
//
// Invariants: base is a multiple of Chunk; base <= dirty <= end; buf holds
// exactly the samples of [base, end).
type window struct {
	format wav.Format
	base   int64
	end    int64
	dirty  int64 // what Clean has not been told of begins here
	buf    []byte
}

// quiet is silence in each format, to copy from.
var quiet = [...][4096]byte{
	wav.ULaw: filled(g711.ULawSilence), wav.ALaw: filled(g711.ALawSilence), wav.PCM16: filled(0),
}

func filled(octet byte) (b [4096]byte) {
	for i := range b {
		b[i] = octet
	}
	return b
}

// silence appends n instants of silence on both channels.
func silence(b []byte, f wav.Format, n int64) []byte {
	for left := int(n) * f.Block(); left > 0; {
		part := quiet[f][:min(left, len(quiet[f]))]
		b = append(b, part...)
		left -= len(part)
	}
	return b
}

// Silence returns n sample instants of silence in format f.
func Silence(f wav.Format, n int64) []byte { return silence(nil, f, n) }

// extend makes the line at least to instants long, with silence.
func (w *window) extend(to int64) {
	if to > w.end {
		if n := int(to-w.end) * w.format.Block(); cap(w.buf)-len(w.buf) < n {
			// By a second at least: not in many small steps at a call's begin.
			w.buf = slices.Grow(w.buf, max(n, Chunk*w.format.Block()))
		}
		w.buf = silence(w.buf, w.format, to-w.end)
		w.end = to
	}
}

// put writes payload on channel ch from position pos on, extending the line as
// needed. The samples must not begin before base.
func (w *window) put(ch int, pos int64, payload []byte, c *code) {
	w.extend(pos + int64(len(payload)))
	w.dirty = min(w.dirty, pos)
	at := int(pos-w.base) * w.format.Block()
	if w.format == wav.PCM16 {
		c.linear(w.buf[at+2*ch:], payload)
		return
	}
	b := w.buf[at+ch:]
	table := c.octet
	for i, p := range payload {
		b[2*i] = table[p]
	}
}

// mix adds payload to what channel ch holds.
func (w *window) mix(ch int, pos int64, payload []byte, c *code) {
	w.extend(pos + int64(len(payload)))
	w.dirty = min(w.dirty, pos)
	at := int(pos-w.base) * w.format.Block()
	for i, p := range payload {
		c.add(w.buf[at+i*w.format.Block():], ch, p)
	}
}

// settle gives up the chunks that end at or before limit, oldest first.
func (w *window) settle(limit int64, chunk func([]byte)) {
	size := Chunk * w.format.Block()
	n := 0
	for w.base+Chunk <= min(limit, w.end) {
		chunk(w.buf[n : n+size])
		n += size
		w.base += Chunk
	}
	if n > 0 {
		w.buf = w.buf[:copy(w.buf, w.buf[n:])]
		w.dirty = max(w.dirty, w.base)
	}
}
