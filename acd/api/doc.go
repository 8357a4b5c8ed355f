// Package api is the switch's HTTP face: the JSON interface under /api/v1
// with its OpenAPI 3.1 description, health and readiness, Prometheus series,
// server-sent events and the sound of recordings.
//
// It owns who may ask what (roles, the client a token is bound to, the delay
// after bad tokens) and the form of every answer. It decides nothing about
// calls: what is asked of the switch goes through the interface Switch, what
// is asked of the past through Records, events come from the journal. It
// must not know SIP, RTP or where files lie.
//
// Everything here is called from net/http's goroutines and keeps no state
// between requests but the table of addresses that sent bad tokens.
package api
