package timeline

import (
	"encoding/binary"

	"switchroom/media"
	"switchroom/media/g711"
	"switchroom/recording/wav"
)

// code brings the octets of one codec into the file's format.
type code struct {
	format wav.Format
	octet  *[256]byte  // into a G.711 file
	value  *[256]int16 // the octet's linear value
}

var (
	codes  [2][3]code // by codec and format
	tables struct {
		same, ulawToALaw, alawToULaw [256]byte
		ulaw, alaw                   [256]int16
	}
)

func init() {
	for i := range 256 {
		tables.same[i] = byte(i)
		tables.ulaw[i] = g711.ULawSample(byte(i))
		tables.alaw[i] = g711.ALawSample(byte(i))
	}
	g711.ULawToALaw(tables.ulawToALaw[:], tables.same[:])
	g711.ALawToULaw(tables.alawToULaw[:], tables.same[:])
	codes[media.PCMU] = [3]code{
		wav.ULaw:  {wav.ULaw, &tables.same, &tables.ulaw},
		wav.ALaw:  {wav.ALaw, &tables.ulawToALaw, &tables.ulaw},
		wav.PCM16: {wav.PCM16, nil, &tables.ulaw},
	}
	codes[media.PCMA] = [3]code{
		wav.ULaw:  {wav.ULaw, &tables.alawToULaw, &tables.alaw},
		wav.ALaw:  {wav.ALaw, &tables.same, &tables.alaw},
		wav.PCM16: {wav.PCM16, nil, &tables.alaw},
	}
}

// codeOf returns how codec c is written into a file of format f; nil for a
// codec unknown here.
func codeOf(c media.Codec, f wav.Format) *code {
	if int(c) >= len(codes) || int(f) >= len(codes[0]) {
		return nil
	}
	return &codes[c][f]
}

// Native returns the format that holds codec c as it was received.
func Native(c media.Codec) wav.Format {
	if c == media.PCMA {
		return wav.ALaw
	}
	return wav.ULaw
}

// linear writes payload as 16 bit samples into every second place of b.
func (c *code) linear(b, payload []byte) {
	value := c.value
	for i, p := range payload {
		binary.LittleEndian.PutUint16(b[4*i:], uint16(value[p]))
	}
}

// add adds octet p to the sample of channel ch in block, without overflow.
func (c *code) add(block []byte, ch int, p byte) {
	v := int32(c.value[p])
	switch c.format {
	case wav.PCM16:
		b := block[2*ch:]
		v += int32(int16(binary.LittleEndian.Uint16(b)))
		binary.LittleEndian.PutUint16(b, uint16(clip(v)))
	case wav.ALaw:
		if block[ch] == g711.ALawSilence {
			block[ch] = c.octet[p]
			return
		}
		block[ch] = g711.ALawOctet(clip(v + int32(tables.alaw[block[ch]])))
	default:
		if block[ch] == g711.ULawSilence {
			block[ch] = c.octet[p]
			return
		}
		block[ch] = g711.ULawOctet(clip(v + int32(tables.ulaw[block[ch]])))
	}
}

func clip(v int32) int16 { return int16(max(-1<<15, min(1<<15-1, v))) }
