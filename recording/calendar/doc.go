// Package calendar is the clock by which recordings age. It moves with the
// time that the machine has been running, and so no step of the wall clock,
// however far and however long it stays, makes anything older than it is.
//
//	wall clock      stepped a year ahead ___________________
//	                                    |
//	               ____________________/ .  .  .  .  .  .  .  the calendar: 25 h
//	calendar ______/                                          a day at most
//
// Between two readings in one boot of the machine the calendar advances by
// what the boot clock counted, process restarts included. Time in which the
// machine was down is not proven by anything but the wall clock; it is caught
// up at an hour a day. The calendar never goes back and never beyond the wall
// clock, so what is deleted is due by both. Who knows the wall clock to be
// right may say so ([State.Trust]).
//
// The package is pure but for [System]: readings are passed in.
package calendar
