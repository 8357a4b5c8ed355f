package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// record is what is looked at of a call's record.
type record struct {
	ID        string
	From      string
	Cause     string
	Agent     string
	Recording string
	Started   time.Time
	Answered  *time.Time
}

// check holds the records and recordings against the calls of the life that
// has ended. It gives how much each recording lacks of what was said until the
// kill.
func (s *subject) check(calls []*call, died time.Time) ([]time.Duration, error) {
	want := map[string]*call{}
	for _, c := range calls {
		want[c.number] = c
	}
	var found map[string][]record
	deadline := time.Now().Add(2 * time.Minute) // the index may have much to catch up with
	for {
		var err error
		if found, err = s.records(want); err == nil && complete(want, found) {
			break
		}
		if time.Now().After(deadline) {
			return nil, fmt.Errorf("records: %v, %w", missing(want, found), err)
		}
		time.Sleep(50 * time.Millisecond)
	}
	var lacks []time.Duration
	for number, c := range want {
		all := found[number]
		switch {
		case len(all) > 1:
			return nil, fmt.Errorf("call %s has %d records", number, len(all))
		case len(all) == 0:
			continue // it was never answered, and nobody was told that it is a call
		}
		r := all[0]
		if r.Recording == "" {
			// One that began in the last moment may not have come to the disk.
			if r.Answered != nil && died.Sub(*r.Answered) > 200*time.Millisecond {
				return nil, fmt.Errorf("call %s, %s, talked since %v and has no recording", number, r.ID, died.Sub(*r.Answered))
			}
			continue
		}
		length, err := s.length(r)
		if err != nil {
			return nil, fmt.Errorf("call %s: %w", number, err)
		}
		if c.talked() && r.Cause == "system" && r.Answered != nil { // cut off by the kill
			said := died.Sub(*r.Answered) // one machine, one clock
			lack := max(said-length, 0)
			if lacks = append(lacks, lack); lack > 200*time.Millisecond {
				return lacks, fmt.Errorf("recording %s lacks %v of %v", r.ID, lack, said)
			}
		}
	}
	return lacks, nil
}

// records finds the records of the calls, by the caller's number.
func (s *subject) records(want map[string]*call) (map[string][]record, error) {
	var page struct{ Items []record }
	if err := s.get("/api/v1/cdrs?limit=200", &page); err != nil {
		return nil, err
	}
	found := map[string][]record{}
	for _, r := range page.Items {
		if want[r.From] != nil {
			found[r.From] = append(found[r.From], r)
		}
	}
	return found, nil
}

func complete(want map[string]*call, found map[string][]record) bool {
	return len(missing(want, found)) == 0
}

// missing lists the calls that were acknowledged and have no record.
func missing(want map[string]*call, found map[string][]record) (none []string) {
	for number, c := range want {
		if !c.answered.IsZero() && len(found[number]) == 0 {
			none = append(none, number)
		}
	}
	return none
}

// length is how long the sound of a recording is, by its bytes: two channels of
// G.711 at 8 kHz behind the header's data chunk.
func (s *subject) length(r record) (time.Duration, error) {
	day := r.Started.UTC().Format("2006/01/02")
	path := filepath.Join(s.dir, "data", "recordings", day, r.Recording+".wav")
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	if len(text) < 44 || string(text[:4]) != "RIFF" || string(text[8:12]) != "WAVE" {
		return 0, fmt.Errorf("%s is no WAV", path)
	}
	rate := time.Duration(0)
	for at := 12; at+8 <= len(text); {
		size := int(binary.LittleEndian.Uint32(text[at+4:]))
		switch string(text[at : at+4]) {
		case "fmt ":
			rate = time.Duration(binary.LittleEndian.Uint32(text[at+16:])) // bytes a second
		case "data":
			if size > len(text)-at-8 {
				return 0, fmt.Errorf("%s promises more than it holds", path)
			}
			if rate == 0 {
				return 0, fmt.Errorf("%s has no format", path)
			}
			return time.Duration(size) * time.Second / rate, nil
		}
		at += 8 + size + size&1
	}
	return 0, fmt.Errorf("%s has no sound", path)
}
