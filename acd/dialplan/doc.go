// Package dialplan decides through which trunks a call out goes, what number
// each of them is asked for and which caller it is shown.
//
// It is pure: a Plan is made from one configuration, is never changed and may be
// read from any goroutine. It does not know whether a trunk is up or has a
// channel free; who dials finds out, in the order given here. Who may call whom
// is for its user to say beforehand.
package dialplan
