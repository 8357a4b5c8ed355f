package dtmf

import (
	"math"
	"time"

	"switchroom/media/tone"
)

// In-band detection: every 12.75 ms the power at the eight frequencies is
// taken by Goertzel's algorithm. A block holds a key when one frequency of
// each group stands out, their levels fit together and hardly anything else
// is in the sound. A key is down when two blocks in a row hold it and the
// phases have moved between them as its frequencies ask: that is what voices
// can't imitate for long (ITU-T Q.24, annex A).

// frequency is one of the eight, with what the resonator needs of it.
type frequency struct{ hz, sin, cos float64 }

var (
	lowGroup  = group(697, 770, 852, 941)
	highGroup = group(1209, 1336, 1477, 1633)
	keypad    = [4]string{"123A", "456B", "789C", "*0#D"}
)

func group(hz ...float64) (g [4]frequency) {
	for i, f := range hz {
		sin, cos := math.Sincos(2 * math.Pi * f / rate)
		g[i] = frequency{f, sin, cos}
	}
	return g
}

const (
	blockLen  = 102 // samples: a compromise between Q.24's shortest key and its frequency limits
	blockTime = blockLen * time.Second / rate

	levelMin = -30.0 // dBm0 of each tone; Q.24 asks for -25 to -29

	// Twist: how much louder one group may be, as ratios of power. Lines
	// weaken high tones, so they may be 8 dB below the low ones, and the low
	// ones 4 dB below the high ones. 1 dB is added for what tones between two
	// bins lose.
	twistNormal  = 7.94 // 9 dB
	twistReverse = 3.16 // 5 dB

	apart  = 6.3  // power of the tone against its group's other tones: 8 dB
	purity = 0.63 // least share of the block's energy in the two tones

	// drift is the largest deviation of a frequency, measured by phase. Q.24:
	// 1.5 % are to be accepted, 3.5 % refused.
	drift = 0.025
)

// Detector finds keys in sound of 8 kHz. It belongs to one stream; the zero
// value is ready.
type Detector struct {
	block [blockLen]float64
	fill  int

	last   hit // of the block before
	before hit // of the block before that
	key    held
	down   bool
}

// hit is what one block held: a key with the phases of its two tones if ok,
// and the block's energy in any case.
type hit struct {
	row, column int
	low, high   float64
	energy      float64
	ok          bool
}

func (h hit) same(other hit) bool {
	return h.ok && other.ok && h.row == other.row && h.column == other.column
}

// held is the key that is down.
type held struct {
	hit
	blocks  int     // it was heard in, breaks included
	missing int     // blocks without it since it was last heard
	inside  float64 // energy of its first two blocks
	beside  float64 // energy of the blocks before the first and after the last
}

// missingMax blocks without the key end it. A pause of 40 ms has three at
// least, wherever they fall, a break of 10 ms two at most.
const missingMax = 3

// Detect takes samples in and appends to dst the keys that were let go in
// them. Lengths are known to a block's.
func (d *Detector) Detect(dst []Key, samples []int16) []Key {
	for _, s := range samples {
		d.block[d.fill] = float64(s)
		if d.fill++; d.fill < blockLen {
			continue
		}
		d.fill = 0
		if key, ok := d.step(d.examine()); ok {
			dst = append(dst, key)
		}
	}
	return dst
}

// step follows the blocks' hits and reports a key that ended.
func (d *Detector) step(now hit) (out Key, ended bool) {
	steady := now.same(d.last) && onPitch(lowGroup[now.row].hz, now.low-d.last.low) &&
		onPitch(highGroup[now.column].hz, now.high-d.last.high)
	if d.down {
		d.key.follow(now)
		if d.key.missing == missingMax || steady && !now.same(d.key.hit) {
			d.down = false
			out, ended = d.key.result()
		}
	}
	if !d.down && steady {
		d.down = true
		d.key = held{hit: now, blocks: 2, inside: now.energy + d.last.energy, beside: d.before.energy}
	}
	d.before, d.last = d.last, now
	return out, ended
}

func (p *held) follow(now hit) {
	if now.same(p.hit) {
		p.blocks += 1 + p.missing
		p.missing = 0
		return
	}
	if p.missing++; p.missing == 1 {
		p.beside += now.energy
	}
}

// result is the key that ended; false when it was too short. Two blocks may
// be all that is heard of 40 ms, but then there is more of it in the blocks
// beside them; of 24 ms there isn't.
func (p *held) result() (Key, bool) {
	if p.blocks == 2 && p.beside < 0.35*p.inside/2 {
		return Key{}, false
	}
	return Key{Digit: keypad[p.row][p.column], Length: time.Duration(p.blocks) * blockTime}, true
}

// onPitch is whether a tone's phase moved over a block as its frequency does,
// give or take the drift.
func onPitch(hz, moved float64) bool {
	const turn = 2 * math.Pi
	expected := turn * hz * blockLen / rate
	off := math.Remainder(moved-expected, turn)
	return math.Abs(off) <= turn*drift*hz*blockLen/rate
}

// examine judges the block.
func (d *Detector) examine() hit {
	var energy float64
	for _, s := range d.block {
		energy += s * s
	}
	low, lowPower := d.strongest(&lowGroup)
	high, highPower := d.strongest(&highGroup)
	if low < 0 || high < 0 {
		return hit{energy: energy}
	}
	switch {
	case lowPower < floor || highPower < floor,
		lowPower > highPower*twistNormal,
		highPower > lowPower*twistReverse,
		lowPower+highPower < purity*energy*blockLen/2:
		return hit{energy: energy}
	}
	return hit{energy: energy, row: low, column: high, low: d.phase(lowGroup[low]), high: d.phase(highGroup[high]), ok: true}
}

// floor is the power at a frequency of a tone of levelMin.
var floor = math.Pow(tone.Amplitude(levelMin)*blockLen/2, 2)

// strongest is the tone of a group that stands out, -1 when none does.
func (d *Detector) strongest(group *[4]frequency) (best int, power float64) {
	var powers [4]float64
	for i, f := range group {
		powers[i] = d.power(f)
		if powers[i] > powers[best] {
			best = i
		}
	}
	for i, p := range powers {
		if i != best && p*apart > powers[best] {
			return -1, 0
		}
	}
	return best, powers[best]
}

// goertzel runs the resonator over the block and returns its last two states.
func (d *Detector) goertzel(f frequency) (s1, s2 float64) {
	c := 2 * f.cos
	for _, x := range d.block {
		s1, s2 = x+c*s1-s2, s1
	}
	return s1, s2
}

func (d *Detector) power(f frequency) float64 {
	s1, s2 := d.goertzel(f)
	return s1*s1 + s2*s2 - 2*f.cos*s1*s2
}

// phase is the phase of the tone at the block's end; from one block's end to
// the next it moves by as much as the tone does.
func (d *Detector) phase(f frequency) float64 {
	s1, s2 := d.goertzel(f)
	return math.Atan2(s2*f.sin, s1-s2*f.cos)
}
