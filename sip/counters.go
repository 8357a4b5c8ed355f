package sip

import "sync/atomic"

// reason names something that is counted.
type reason uint8

const (
	readError reason = iota
	writeError
	acceptError
	streamOverflow
	streamRefused
	streamSilent
	connectFailed
	tlsFailed
	webFailed
	resolveFailed
	framingLost
	droppedStranger
	droppedThrottled
	droppedDenied
	droppedSpoofed
	droppedMalformed
	droppedStray
	refusedInvalid
	refusedMethod
	refusedOverload
	overloads
	refusedDraining
	refusedChannels
	refusedUnauthorized
	authFailed
	authStale
	authBlocked
	inviteIn
	inviteOut
	inviteMerged
	inviteRetransmitted
	registered
	unregistered
	bindingExpired
	retransmissions
	timeouts
	ackLost
	panics
	trunkDown
	trunkUp
	trunkFailover
	trunkRegistered
	trunkRegisterFailed
	unexpectedEvent
	reasonsMax
)

var reasonNames = [reasonsMax]string{
	readError:           "read_error",
	writeError:          "write_error",
	acceptError:         "accept_error",
	streamOverflow:      "stream_overflow",
	streamRefused:       "stream_refused",
	streamSilent:        "stream_silent",
	connectFailed:       "connect_failed",
	tlsFailed:           "tls_failed",
	webFailed:           "web_failed",
	resolveFailed:       "resolve_failed",
	framingLost:         "framing_lost",
	droppedStranger:     "dropped_stranger",
	droppedThrottled:    "dropped_throttled",
	droppedDenied:       "dropped_denied",
	droppedSpoofed:      "dropped_spoofed",
	droppedMalformed:    "dropped_malformed",
	droppedStray:        "dropped_stray",
	refusedInvalid:      "refused_invalid",
	refusedMethod:       "refused_method",
	refusedOverload:     "refused_overload",
	overloads:           "overloads",
	refusedDraining:     "refused_draining",
	refusedChannels:     "refused_channels",
	refusedUnauthorized: "refused_unauthorized",
	authFailed:          "auth_failed",
	authStale:           "auth_stale",
	authBlocked:         "auth_blocked",
	inviteIn:            "invite_in",
	inviteOut:           "invite_out",
	inviteMerged:        "invite_merged",
	inviteRetransmitted: "invite_retransmitted",
	registered:          "registered",
	unregistered:        "unregistered",
	bindingExpired:      "binding_expired",
	retransmissions:     "retransmissions",
	timeouts:            "timeouts",
	ackLost:             "ack_lost",
	panics:              "panics",
	trunkDown:           "trunk_down",
	trunkUp:             "trunk_up",
	trunkFailover:       "trunk_failover",
	trunkRegistered:     "trunk_registered",
	trunkRegisterFailed: "trunk_register_failed",
	unexpectedEvent:     "unexpected_event",
}

// counters only ever grow.
type counters [reasonsMax]atomic.Uint64

func (c *counters) snapshot() map[string]uint64 {
	m := make(map[string]uint64, reasonsMax)
	for i := range c {
		m[reasonNames[i]] = c[i].Load()
	}
	return m
}

func (ua *UA) count(r reason) { ua.counters[r].Add(1) }
