// Package store keeps what the API and reports ask of the past in an SQLite
// file: call records, the recordings' index, each call's visits to queues and
// offers, agents' times.
//
// All of it is a projection of the journal, folded by one goroutine (Run) in
// transactions that also carry the position reached. So folding an event
// twice changes nothing, a crash needs no repair, and a file that is missing,
// damaged, of another form or of another journal is thrown away and made
// again. No call ever waits for it: while the file is locked or the disk is
// full the projection falls behind, and catches up.
//
// Queries run on connections of their own, only by prepared statements whose
// text never holds what a user sent. While there is nothing to ask they give
// ErrUnavailable. The package knows the journal's events and must not know
// HTTP, SIP or the configuration.
//
// Queries may be called from any goroutine, Run from one.
package store
