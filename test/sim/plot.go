package main

import "time"

// kind says what the one who leads a plot may do with an event.
type kind uint8

const (
	sure    kind = iota // happens in its time, in the order in which it was set
	timer               // the same, and is a deadline of a machine's
	message             // is on its way: it may come before or after anything, but not later than by
	choice              // may happen or not
)

// plot leads the world where dice would: nothing is drawn, and what happens next
// is chosen from outside.
type plot struct{}

func (p *plot) rings(*call, *leg) {}

var _ = time.Second
