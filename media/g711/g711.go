package g711

import reference "github.com/zaf/g711"

// The octets that stand for silence: the smallest positive value of each law.
const (
	ULawSilence byte = 0xFF
	ALawSilence byte = 0xD5
)

// The encoders' tables are indexed by the bits that count: µ-law quantises
// from 14 bits and A-law from 12 bits and a sign, so the lowest two and four
// bits of a sample never change the octet. 16 KB and 4 KB stay in the cache
// where two tables of 64 KB would not.
const (
	ulawShift = 2
	alawShift = 4
)

var (
	ulawToLinear [256]int16
	alawToLinear [256]int16
	ulawToALaw   [256]byte
	alawToULaw   [256]byte
	linearToULaw [1 << (16 - ulawShift)]byte
	linearToALaw [1 << (16 - alawShift)]byte
)

func init() {
	for i := range 256 {
		ulawToLinear[i] = reference.DecodeUlawFrame(byte(i))
		alawToLinear[i] = reference.DecodeAlawFrame(byte(i))
		ulawToALaw[i] = reference.Ulaw2AlawFrame(byte(i))
		alawToULaw[i] = reference.Alaw2UlawFrame(byte(i))
	}
	for i := range linearToULaw {
		linearToULaw[i] = reference.EncodeUlawFrame(int16(uint16(i << ulawShift)))
	}
	for i := range linearToALaw {
		linearToALaw[i] = reference.EncodeAlawFrame(int16(uint16(i << alawShift)))
	}
}

// DecodeULaw writes the samples of src to dst and returns how many it wrote:
// as many as the shorter of the two holds.
func DecodeULaw(dst []int16, src []byte) int { return decode(dst, src, &ulawToLinear) }

// DecodeALaw is DecodeULaw for A-law.
func DecodeALaw(dst []int16, src []byte) int { return decode(dst, src, &alawToLinear) }

// EncodeULaw writes the octets of src to dst and returns how many it wrote:
// as many as the shorter of the two holds.
func EncodeULaw(dst []byte, src []int16) int {
	n := min(len(dst), len(src))
	dst, src = dst[:n], src[:n]
	for i, s := range src {
		dst[i] = linearToULaw[uint16(s)>>ulawShift]
	}
	return n
}

// EncodeALaw is EncodeULaw for A-law.
func EncodeALaw(dst []byte, src []int16) int {
	n := min(len(dst), len(src))
	dst, src = dst[:n], src[:n]
	for i, s := range src {
		dst[i] = linearToALaw[uint16(s)>>alawShift]
	}
	return n
}

// ULawToALaw converts src into dst by the tables of G.711, which lose less
// than going through linear PCM would, and returns how many octets it wrote:
// as many as the shorter of the two holds. dst may be src.
func ULawToALaw(dst, src []byte) int { return translate(dst, src, &ulawToALaw) }

// ALawToULaw is ULawToALaw the other way round.
func ALawToULaw(dst, src []byte) int { return translate(dst, src, &alawToULaw) }

// ULawSample is the linear value of one µ-law octet.
func ULawSample(b byte) int16 { return ulawToLinear[b] }

// ALawSample is the linear value of one A-law octet.
func ALawSample(b byte) int16 { return alawToLinear[b] }

// ULawOctet is the µ-law octet of one linear sample.
func ULawOctet(s int16) byte { return linearToULaw[uint16(s)>>ulawShift] }

// ALawOctet is the A-law octet of one linear sample.
func ALawOctet(s int16) byte { return linearToALaw[uint16(s)>>alawShift] }

func decode(dst []int16, src []byte, table *[256]int16) int {
	n := min(len(dst), len(src))
	dst, src = dst[:n], src[:n]
	for i, b := range src {
		dst[i] = table[b]
	}
	return n
}

func translate(dst, src []byte, table *[256]byte) int {
	n := min(len(dst), len(src))
	dst, src = dst[:n], src[:n]
	for i, b := range src {
		dst[i] = table[b]
	}
	return n
}
