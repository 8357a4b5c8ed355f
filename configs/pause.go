package configs

import "time"

// Pause is what agents may do with a queue's recordings.
type Pause struct {
	Allowed bool
	Limit   time.Duration // a pause ends by itself after that; 0: it does not
}

// defaultPause: long enough to say a card's number, and not forgotten for long.
var defaultPause = Pause{Allowed: true, Limit: 5 * time.Minute}

// pause reads who may keep a stretch of a call from being recorded.
func (d *decoder) pause(m *mapping, q *Queue) {
	section := m.section("pause")
	if section == nil {
		return
	}
	defer section.done()
	section.boolean("allowed", &q.Pause.Allowed)
	section.never("limit", &q.Pause.Limit, time.Second, 4*time.Hour)
}
