package recording

import (
	"errors"
	"time"

	"switchroom/recording/calendar"
	"switchroom/recording/disk"
)

// Config says where and how recordings are kept. Zero values mean the default.
type Config struct {
	// Dir is the recordings' root. It is made when missing. Required, unless
	// Files is set.
	Dir string
	// Keys is the directory of the signing key, apart from Dir so that who
	// can change recordings cannot sign for them. "" is Dir + "-keys".
	Keys string
	// Files is the file layer; nil is the operating system below Dir.
	Files disk.Files
	// Now is the wall clock; nil is time.Now. Lengths never come from it.
	Now func() time.Time
	// Uptime tells one boot of the machine from another, and the time since,
	// by a clock that no step of the wall clock moves; nil is the machine's.
	Uptime func() (boot string, up time.Duration)

	// Sealed is told of each recording once it is complete and safe, exactly
	// once in the store's life. It must not block for long: it holds up the
	// sealing of others, never the recording.
	Sealed func(Meta)
	// Archived is told when a recording's file has another form. It must not
	// block, and may be nil.
	Archived func(Meta, Kept)
	// Alarm is told when something is wrong and when it is right again. It
	// must not block.
	Alarm func(Alarm)

	// EncryptTo are age public keys, EncryptFile a file of them, read again
	// when it changes. With either set, sound is encrypted to all of them, and
	// without a usable key Start refuses.
	EncryptTo   []string
	EncryptFile string

	// Archive is FormFLAC to have finished recordings' files made into FLAC, "" or
	// FormWAV to leave them. ArchiveAfter is how long after its end a recording is
	// left alone, ArchiveShare the part of one processor the work may take
	// (default 0.1).
	Archive      string
	ArchiveAfter time.Duration
	ArchiveShare float64

	// FreeLow and FreeMin are shares of the file system, in percent: below
	// FreeLow an alarm is raised (default 10), below FreeMin Start refuses
	// (default 5). FreeMinOctets refuses by octets, and has no default.
	FreeLow, FreeMin float64
	FreeMinOctets    uint64

	// Ring is how many octets of packets a recording can hold while the writer
	// is away; rounded up to a power of two. Default 64 KB, 3.4 s of a call
	// with 20 ms packets.
	Ring int
	// Tick is how often the writer looks (default 70 ms), Sync how often what
	// it wrote is made durable (default 1 s).
	Tick, Sync time.Duration
	// PauseMax resumes a pause by itself after so long; 0 never does.
	PauseMax time.Duration
}

const (
	defaultRing = 64 << 10
	ringMin     = 4 << 10
	ringMax     = 16 << 20
	tickMax     = 150 * time.Millisecond // what a crash may take is 200 ms
)

func (c Config) withDefaults() (Config, error) {
	if c.Dir == "" && c.Files == nil {
		return c, errors.New("recording: Config.Dir is required")
	}
	if c.Keys == "" && c.Dir == "" {
		return c, errors.New("recording: Config.Keys is required without Dir")
	}
	if c.Keys == "" {
		c.Keys = c.Dir + "-keys"
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Uptime == nil {
		c.Uptime = calendar.System
	}
	if c.FreeLow == 0 {
		c.FreeLow = 10
	}
	if c.FreeMin == 0 {
		c.FreeMin = 5
	}
	if c.ArchiveShare == 0 {
		c.ArchiveShare = 0.1
	}
	if c.Ring == 0 {
		c.Ring = defaultRing
	}
	if c.Tick == 0 {
		c.Tick = 70 * time.Millisecond
	}
	if c.Sync == 0 {
		c.Sync = time.Second
	}
	switch {
	case c.FreeLow < 0 || c.FreeLow > 100 || c.FreeMin < 0 || c.FreeMin > 100:
		return c, errors.New("recording: FreeLow and FreeMin are percentages")
	case c.Ring < ringMin || c.Ring > ringMax:
		return c, errors.New("recording: Ring must be 4 KB to 16 MB")
	case c.Tick < time.Millisecond || c.Tick > tickMax:
		return c, errors.New("recording: Tick must be 1 ms to 150 ms")
	case c.Sync < c.Tick:
		return c, errors.New("recording: Sync must not be shorter than Tick")
	case c.Archive != "" && c.Archive != FormWAV && c.Archive != FormFLAC:
		return c, errors.New("recording: Archive is wav or flac")
	case c.ArchiveShare < 0 || c.ArchiveShare > 1 || c.ArchiveAfter < 0:
		return c, errors.New("recording: ArchiveShare is a part of one, ArchiveAfter not negative")
	case c.PauseMax < 0:
		return c, errors.New("recording: PauseMax must not be negative")
	}
	return c, nil
}
