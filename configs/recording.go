package configs

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"filippo.io/age"
)

// Recording is how recordings are kept.
type Recording struct {
	// Retention is how long a recording is kept that neither its queue nor its
	// client has a value for; Forever deletes none.
	Retention     time.Duration
	DeletionDelay time.Duration // between a recording's first phase of deletion and the second
	Sweep         time.Duration // how often it is looked what is due

	FreeAlarm  int // percent of the disk free: below, an alarm
	FreeRefuse int // percent: below, nothing new is recorded

	Encryption Encryption
	Archive    Archive
}

// Encryption names whom recordings are encrypted for. With neither field set
// they are not.
type Encryption struct {
	Recipients []string // age public keys
	File       string   // a file of them, one a line; read again when it changes
}

// On says whether recordings are to be encrypted.
func (e Encryption) On() bool { return len(e.Recipients) > 0 || e.File != "" }

// Archive is what becomes of finished recordings' files.
type Archive struct {
	Format string        // one of ArchiveFormats
	After  time.Duration // from the recording's end
	CPU    int           // percent of one processor it may take at most
}

// Forever is the retention of what is never deleted.
const Forever = time.Duration(math.MaxInt64)

// ArchiveFormats are what a finished recording's file may become; wav leaves
// it as it is.
var ArchiveFormats = []string{"wav", "flac"}

// Unrecordeds say what becomes of a call that must be recorded and cannot be.
var Unrecordeds = []string{"refuse", "answer"}

func defaultRecording() Recording {
	return Recording{
		Retention: Forever, DeletionDelay: 24 * time.Hour, Sweep: time.Hour,
		FreeAlarm: 10, FreeRefuse: 5,
		Archive: Archive{Format: "wav", After: time.Hour, CPU: 10},
	}
}

func (d *decoder) recording(m *mapping, r *Recording) {
	if m == nil {
		return
	}
	defer m.done()
	d.retention(m, &r.Retention)
	m.duration("deletion_delay", &r.DeletionDelay, 0, 90*day)
	m.duration("sweep", &r.Sweep, time.Second, day)
	m.integer("free_alarm", &r.FreeAlarm, 0, 99)
	m.integer("free_refuse", &r.FreeRefuse, 0, 99)
	if r.FreeRefuse > r.FreeAlarm {
		d.fault(m.place("free_refuse"), "free_refuse is %d, free_alarm %d: the alarm comes first", r.FreeRefuse, r.FreeAlarm)
	}
	d.encryption(m.section("encryption"), &r.Encryption)
	if a := m.section("archive"); a != nil {
		a.choice("format", &r.Archive.Format, ArchiveFormats)
		a.duration("after", &r.Archive.After, 0, 365*day)
		a.integer("cpu", &r.Archive.CPU, 1, 100)
		a.done()
		if r.Archive.Format != "wav" && r.Encryption.On() {
			d.fault(a.place("format"), "format is %s: what is encrypted the switch cannot read, so it stays as it is; write format: wav", r.Archive.Format)
		}
	}
}

func (d *decoder) encryption(m *mapping, e *Encryption) {
	if m == nil {
		return
	}
	defer m.done()
	for _, n := range m.items("recipients") {
		text, ok := d.text(n, "recipients")
		if !ok {
			continue
		}
		key, err := Recipient(text)
		switch {
		case errors.Is(err, errPrivate):
			d.fault(position(n), "recipients has %v", err)
		case err != nil:
			d.fault(position(n), "recipients has %s: %v", quote(text), err)
		case slices.Contains(e.Recipients, key):
			d.fault(position(n), "recipients names %s twice: once is enough", quote(key))
		default:
			e.Recipients = append(e.Recipients, key)
		}
	}
	read(m, "file", &e.File, optional(printable))
}

// Recipient checks an age public key. A private one is told apart, and not
// shown.
func Recipient(s string) (string, error) {
	if strings.HasPrefix(strings.ToUpper(s), "AGE-SECRET-KEY-") {
		return "", errPrivate
	}
	if strings.ContainsAny(s, "\n\r#") {
		return "", errors.New("one public key is wanted")
	}
	if _, err := age.ParseRecipients(strings.NewReader(s)); err != nil {
		return "", errors.New("an age public key is wanted, age1... as age-keygen prints it")
	}
	return s, nil
}

// errPrivate is told without the key.
var errPrivate = errors.New("a private key: keep it away from the switch and write the public one, which age-keygen -y prints")

const day = 24 * time.Hour

// retentionMax is a hundred years: what is kept longer is kept forever.
const retentionMax = 36500 * day

// dayPattern is days with what Go reads as a duration behind them.
var dayPattern = regexp.MustCompile(`^([0-9]{1,6})d(.*)$`)

// retention reads how long recordings are kept, with days as a unit. Zero, the
// value of a key that isn't there, leaves it to who stands above.
func (d *decoder) retention(m *mapping, dst *time.Duration) {
	read(m, "retention", dst, kept)
	if *dst > 0 && *dst < day && m.has("retention") {
		d.warn(m.place("retention"), "retention is %s: recordings are deleted on the day they are made", short(*dst))
	}
}

// kept reads how long something is kept.
func kept(s string) (time.Duration, error) {
	if s == "forever" {
		return Forever, nil
	}
	v, err := days(s)
	switch {
	case err != nil && digits.MatchString(s):
		return 0, fmt.Errorf("a duration has a unit, such as %sd", s)
	case err != nil:
		return 0, errors.New("a duration such as 90d, 36h or 1d12h, or forever, is wanted")
	case v < time.Second || v > retentionMax:
		return 0, errors.New("from 1s to 36500d, or forever, is wanted")
	}
	return v, nil
}

func days(s string) (time.Duration, error) {
	part := dayPattern.FindStringSubmatch(s)
	if part == nil {
		return time.ParseDuration(s)
	}
	n, err := strconv.Atoi(part[1])
	if err != nil || n > int(retentionMax/day)+1 {
		return retentionMax + 1, err
	}
	v := time.Duration(n) * day
	if part[2] == "" {
		return v, nil
	}
	rest, err := time.ParseDuration(part[2])
	if rest < 0 {
		err = errors.New("negative")
	}
	return v + rest, err
}

// Kept says how long a recording of that client and queue is kept, and by
// which rule: the queue's own value goes before the client's, and that before
// the one for all.
func (c *Config) Kept(client, queue string) (keep time.Duration, rule string) {
	if q := c.queue(queue); q != nil && q.Retention > 0 {
		return q.Retention, "queue " + queue
	}
	if i := slices.IndexFunc(c.Clients, func(x Client) bool { return x.ID == client }); i >= 0 && c.Clients[i].Retention > 0 {
		return c.Clients[i].Retention, "client " + client
	}
	return c.Recording.Retention, "recording"
}
