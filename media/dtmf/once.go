package dtmf

import "time"

// Form is how a key came.
type Form uint8

const (
	InRTP    Form = iota // telephone event
	InINFO               // SIP INFO
	InSpeech             // tones in the sound
)

// doubleWithin is how close together two forms of one key press are.
const doubleWithin = 150 * time.Millisecond

// Once lets one key press through once that comes in several forms, as from
// phones that send INFO and telephone events both. The zero value is ready.
type Once struct {
	digit byte
	form  Form
	at    time.Duration
	known bool
}

// Fresh is whether the key is to be acted on: false when the same key came in
// another form less than 150 ms ago. The same key in the same form is the
// caller pressing twice.
func (o *Once) Fresh(digit byte, form Form, now time.Duration) bool {
	if o.known && o.digit == digit && o.form != form && now-o.at < doubleWithin {
		o.known = false // a third one is a new press
		return false
	}
	*o = Once{digit: digit, form: form, at: now, known: true}
	return true
}
