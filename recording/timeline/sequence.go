package timeline

// Bounds of what a sequence number may do (RFC 3550, appendix A.1).
const (
	dropoutMax  = 3000 // a step ahead beyond it is a restart, not loss
	reorderBits = 256  // how far back a packet is still told from a duplicate
)

// standing says what a packet's number makes of it.
type standing uint8

const (
	inOrder   standing = iota // next, or after a loss
	outOfTurn                 // behind the highest, not seen yet
	duplicate                 // seen
	stale                     // too far behind to know
	restarted                 // numbering began anew
)

// sequence counts a source's packets by their numbers.
type sequence struct {
	begun    bool
	first    uint64 // extended numbers: cycles * 65536 + seq
	highest  uint64
	received uint64 // distinct ones since first
	closed   uint64 // expected and
	gained   uint64 // received before the last restart
	seen     [reorderBits / 64]uint64
}

// admit takes note of number seq.
func (s *sequence) admit(seq uint16) standing {
	if !s.begun {
		s.restart(seq)
		return inOrder
	}
	step := int64(int16(seq - uint16(s.highest)))
	switch {
	case step > 0 && step < dropoutMax:
		s.advance(uint64(step))
		return inOrder
	case step <= 0 && -step < reorderBits:
		return s.behind(uint64(-step))
	case step < 0 && -step < dropoutMax:
		return stale
	}
	s.closed, s.gained = s.expected(), s.gained+s.received
	s.restart(seq)
	return restarted
}

func (s *sequence) restart(seq uint16) {
	s.begun = true
	s.first = 1<<16 | uint64(seq)
	s.highest = s.first
	s.received = 0
	clear(s.seen[:])
	s.mark(s.highest)
}

func (s *sequence) mark(n uint64) {
	s.seen[n%reorderBits/64] |= 1 << (n % 64)
	s.received++
}

func (s *sequence) advance(step uint64) {
	for n := s.highest + 1; n < s.highest+min(step, reorderBits); n++ {
		s.seen[n%reorderBits/64] &^= 1 << (n % 64)
	}
	s.highest += step
	s.seen[s.highest%reorderBits/64] &^= 1 << (s.highest % 64)
	s.mark(s.highest)
}

func (s *sequence) behind(back uint64) standing {
	n := s.highest - back
	if s.seen[n%reorderBits/64]&(1<<(n%64)) != 0 {
		return duplicate
	}
	s.first = min(s.first, n)
	s.mark(n)
	return outOfTurn
}

// expected is how many packets the source sent as far as the numbers tell.
func (s *sequence) expected() uint64 {
	if !s.begun {
		return 0
	}
	return s.closed + s.highest - s.first + 1
}

// lost is how many of them never came.
func (s *sequence) lost() uint64 { return s.expected() - s.gained - s.received }
