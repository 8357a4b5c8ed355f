package flac

import (
	"encoding/binary"
	"errors"

	"switchroom/media/g711"
	"switchroom/recording/wav"
)

// ErrDamaged says that the octets are not what Encode wrote.
var ErrDamaged = errors.New("flac: not an archived recording, or damaged")

// negativeZero is µ-law's second code for zero.
const negativeZero = 0x7F

// linear fills dst with channel ch of interleaved samples.
func linear(dst []int32, src []byte, f wav.Format, ch int) {
	switch f {
	case wav.ULaw:
		for i := range dst {
			dst[i] = int32(g711.ULawSample(src[2*i+ch]))
		}
	case wav.ALaw:
		for i := range dst {
			dst[i] = int32(g711.ALawSample(src[2*i+ch]))
		}
	default:
		for i := range dst {
			dst[i] = int32(int16(binary.LittleEndian.Uint16(src[4*i+2*ch:])))
		}
	}
}

// coded is the reverse: it fills channel ch of interleaved samples. ok is false
// when a sample is none that the format has.
func coded(dst []byte, src []int32, f wav.Format, ch int) (ok bool) {
	ok = true
	switch f {
	case wav.ULaw:
		for i, s := range src {
			o := g711.ULawOctet(int16(s))
			dst[2*i+ch] = o
			ok = ok && int32(g711.ULawSample(o)) == s
		}
	case wav.ALaw:
		for i, s := range src {
			o := g711.ALawOctet(int16(s))
			dst[2*i+ch] = o
			ok = ok && int32(g711.ALawSample(o)) == s
		}
	default:
		for i, s := range src {
			binary.LittleEndian.PutUint16(dst[4*i+2*ch:], uint16(s))
			ok = ok && int32(int16(s)) == s
		}
	}
	return ok
}
