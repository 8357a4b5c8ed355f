package configs

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"switchroom/configs/prompts"
)

// Sound is a prompt that is a file of the administrator's.
type Sound struct {
	ID   string // LANGUAGE/NAME
	File string
	Sum  string // of its contents: 12 hex digits
}

// Languages are those that callers can be spoken to in.
var Languages = prompts.Languages

// soundMax bounds a prompt's file: half an hour of 16-bit samples.
const soundMax = 30*60*8000*2 + 4096

// promptPattern names a prompt; it becomes a file's name.
var promptPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`)

func promptName(s string) (string, error) {
	if promptPattern.MatchString(s) {
		return s, nil
	}
	return "", errors.New("a prompt's name is up to 64 of a-z 0-9 _ - ; its file is NAME.wav in the folder of prompts")
}

// prompts reads one prompt or a list of them.
func (d *decoder) prompts(m *mapping, key string, client *string) (names []string) {
	for _, n := range m.nodes(key) {
		text, ok := d.text(n, key)
		if !ok {
			continue
		}
		name, err := promptName(text)
		if err != nil {
			d.fault(position(n), "%s has %s: %v", key, quote(text), err)
			continue
		}
		names = append(names, name)
		d.sounds = append(d.sounds, sound{name, position(n), client})
	}
	return names
}

// prompt reads one prompt that may be none.
func (d *decoder) prompt(m *mapping, key string, dst *string, client *string) {
	read(m, key, dst, optional(promptName))
	if *dst != "" {
		d.sounds = append(d.sounds, sound{*dst, m.place(key), client})
	}
}

// builtIn notes that prompts are said which the text does not name.
func (d *decoder) builtIn(at place, names []string, client *string) {
	for _, name := range names {
		d.sounds = append(d.sounds, sound{name, at, client})
	}
}

// sound is a prompt that the text names, said to callers of a client; of any
// client when that is empty.
type sound struct {
	name   string
	at     place
	client *string
}

// findSounds looks for the sound of each prompt that is named, in each language
// in which it may be said, and of the built-in ones that are replaced.
func (d *decoder) findSounds(c *Config) {
	found := map[string]bool{}
	for _, s := range d.sounds {
		for _, language := range c.languagesOf(*s.client) {
			d.findSound(c, language, s.name, s.at, found)
		}
	}
	for _, language := range c.languagesOf("") {
		for _, name := range prompts.Names(language) {
			d.findSound(c, language, name, place{1, 1}, found)
		}
	}
	slices.SortFunc(c.Sounds, func(a, b Sound) int { return bytes.Compare([]byte(a.ID), []byte(b.ID)) })
}

func (d *decoder) findSound(c *Config, language, name string, at place, found map[string]bool) {
	id := language + "/" + name
	if found[id] {
		return
	}
	found[id] = true
	var tried []string
	for _, file := range []string{filepath.Join(language, name+".wav"), name + ".wav"} {
		if c.Prompts == "" {
			break
		}
		path := filepath.Join(d.seen(c.Prompts), file)
		tried = append(tried, path)
		sum, err := checkSound(path)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			d.fault(at, "prompt %s: %s: %v", quote(name), path, plainError(err))
			return
		}
		c.Sounds = append(c.Sounds, Sound{ID: id, File: path, Sum: sum})
		return
	}
	if prompts.Has(language, name) {
		return
	}
	switch near := nearest(name, prompts.Names(language)); {
	case near != "":
		d.fault(at, "there is no prompt %s in the language %s: did you mean %q?", quote(name), language, near)
	case len(tried) > 0:
		d.fault(at, "there is no prompt %s in the language %s: its file would be %s", quote(name), language, tried[0])
	default:
		d.fault(at, "there is no prompt %s in the language %s: set prompts to the folder of your own", quote(name), language)
	}
}

// folder is where the configuration lies: relative names are seen from there.
func (d *decoder) folder() string { return filepath.Dir(d.file) }

// seen is a name of the text as the program has to open it.
func (d *decoder) seen(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(d.folder(), name)
}

// languagesOf are the languages in which a client's callers are spoken to.
func (c *Config) languagesOf(client string) (all []string) {
	for _, v := range c.Clients {
		if (client == "" || v.ID == client) && !slices.Contains(all, v.Language) {
			all = append(all, v.Language)
		}
	}
	if len(all) == 0 {
		all = []string{Languages[0]}
	}
	return all
}

// checkSound reads a file whole and says what keeps it from being a prompt.
func checkSound(path string) (sum string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, soundMax+1))
	if err != nil {
		return "", err
	}
	if len(text) > soundMax {
		return "", errors.New("longer than half an hour")
	}
	if err := checkWAV(text); err != nil {
		return "", err
	}
	h := sha256.Sum256(text)
	return hex.EncodeToString(h[:])[:12], nil
}

// checkWAV wants a RIFF WAVE file of 8000 Hz, mono, 16-bit PCM or G.711.
func checkWAV(text []byte) error {
	if len(text) < 12 || string(text[:4]) != "RIFF" || string(text[8:12]) != "WAVE" {
		return errors.New("it is no RIFF WAVE file")
	}
	known := false
	for rest := text[12:]; len(rest) >= 8; {
		id, length := string(rest[:4]), uint64(binary.LittleEndian.Uint32(rest[4:]))
		rest = rest[8:]
		switch {
		case id == "fmt " && length >= 16 && len(rest) >= 16:
			if err := checkFormat(rest); err != nil {
				return err
			}
			known = true
		case id == "data" && !known:
			return errors.New("its samples come before their format")
		case id == "data" && len(rest) == 0:
			return errors.New("it holds no samples")
		case id == "data":
			return nil
		}
		if length > uint64(len(rest)) {
			return errors.New("it is cut short")
		}
		rest = rest[min(length+length%2, uint64(len(rest))):]
	}
	return errors.New("it holds no samples")
}

// checkFormat looks at a format chunk: tag, channels, rate, bits.
func checkFormat(b []byte) error {
	tag, channels := binary.LittleEndian.Uint16(b), binary.LittleEndian.Uint16(b[2:])
	rate, bits := binary.LittleEndian.Uint32(b[4:]), binary.LittleEndian.Uint16(b[14:])
	if tag == 0xFFFE && len(b) >= 26 { // extensible: the tag proper comes later
		tag = binary.LittleEndian.Uint16(b[24:])
	}
	if rate == 8000 && channels == 1 && (tag == 1 && bits == 16 || (tag == 6 || tag == 7) && bits == 8) {
		return nil
	}
	return fmt.Errorf("it has %d Hz, %d channels, %d bits, format %d: 8000 Hz mono, 16-bit PCM or G.711 is wanted (sox IN.wav -r 8000 -c 1 -b 16 -e signed OUT.wav)",
		rate, channels, bits, tag)
}
