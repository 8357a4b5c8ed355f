package sip

import (
	"context"
	"time"
)

// RegisterRequest makes a UA a phone of some registrar.
type RegisterRequest struct {
	// Registrar is its URI, "sip:127.0.0.1:5060;transport=tcp".
	Registrar string
	Account   string
	Password  string
	// Expires is what is asked for. Default 300 s.
	Expires time.Duration
	// Report is called after each success and each loss; may be nil.
	Report func(error)
}

// Register keeps a registration until ctx ends.
func (ua *UA) Register(ctx context.Context, r RegisterRequest) error { return ErrRegistration }
