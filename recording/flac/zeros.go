package flac

import (
	"bytes"
	"compress/flate"
	"fmt"
	"io"

	"switchroom/recording/wav"
)

// zeros are the places where µ-law's zero is the negative one.
type zeros []byte

// mark notes those of a stretch of samples that begins at sample instant at.
func (z zeros) mark(samples []byte, at int64) zeros {
	for i, o := range samples {
		if o != negativeZero {
			continue
		}
		bit := 2*at + int64(i)
		for int64(len(z)) <= bit/8 {
			z = append(z, 0)
		}
		z[bit/8] |= 1 << (bit % 8)
	}
	return z
}

// restore puts the negative zeros back into a stretch. ok is false where there
// is another sample.
func (z zeros) restore(samples []byte, at int64) (ok bool) {
	ok = true
	for i := range samples {
		bit := 2*at + int64(i)
		if bit/8 >= int64(len(z)) {
			return ok
		}
		if z[bit/8]&(1<<(bit%8)) != 0 {
			ok = ok && samples[i] == 0xFF
			samples[i] = negativeZero
		}
	}
	return ok
}

// deflate packs them.
func (z zeros) deflate() ([]byte, error) {
	if len(z) == 0 {
		return nil, nil
	}
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.DefaultCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(z); err != nil {
		return nil, err
	}
	err = w.Close()
	return out.Bytes(), err
}

// inflate unpacks those of a recording of length instants.
func inflate(b []byte, f wav.Format, length int64) (zeros, error) {
	if len(b) == 0 {
		return nil, nil
	}
	most := (2*length + 7) / 8
	r := flate.NewReader(bytes.NewReader(b))
	z, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil || int64(len(z)) > most || f != wav.ULaw {
		return nil, fmt.Errorf("%w: negative zeros", ErrDamaged)
	}
	return z, nil
}
