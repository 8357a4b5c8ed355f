package sip

import (
	"context"
	"time"

	"go.uber.org/zap"
)

// UA is a user agent: registrar, trunks and calls on its sockets.
type UA struct{}

// New binds the sockets. Nothing is read before Run.
func New(cfg Config, peers *Peers, core Core, log *zap.Logger) (*UA, error) { return &UA{}, nil }

// Run serves until ctx ends and returns after everything it started has ended.
func (ua *UA) Run(ctx context.Context) error { <-ctx.Done(); return nil }

// Reload swaps the peers.
func (ua *UA) Reload(peers *Peers) {}

// Refuse answers new INVITEs and REGISTERs with 503; 0 serves again.
func (ua *UA) Refuse(retryAfter time.Duration) {}

// Dial calls.
func (ua *UA) Dial(d Dial) (*Leg, error) { return nil, ErrUnreachable }

// Registered tells whether an account can be dialled.
func (ua *UA) Registered(account string) bool { return false }

// Addresses are the bound listen addresses, "udp:127.0.0.1:5060".
func (ua *UA) Addresses() []string { return nil }

// Stats counts.
func (ua *UA) Stats() Stats { return Stats{} }
