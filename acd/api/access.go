package api

import (
	"context"

	"github.com/danielgtaylor/huma/v2"
)

// Role is what a token lets its holder do.
type Role string

// The roles of the configuration.
const (
	Admin      Role = "admin"      // everything
	Supervisor Role = "supervisor" // watches and steers agents and calls
	QA         Role = "qa"         // watches and listens
	Client     Role = "client"     // reads what is its own company's
)

// caller is who makes a request.
type caller struct {
	role   Role
	client string // the one company it may see; "" for all
	team   string // the one whose agents it may lead; "" for all
	name   string // for journals: the role and the token's fingerprint
	remote string // address
	local  bool   // on this machine
}

// sees says whether things of that client exist for the caller.
func (c caller) sees(client string) bool { return c.client == "" || c.client == client }

// The sets of roles that operations are open to.
var (
	everyone = []Role{Admin, Supervisor, QA, Client}
	staff    = []Role{Admin, Supervisor, QA}
	leaders  = []Role{Admin, Supervisor}
	admins   = []Role{Admin}
)

type callerKey struct{}

// callerOf gives who makes the request of ctx.
func callerOf(ctx context.Context) caller {
	c, _ := ctx.Value(callerKey{}).(caller)
	return c
}

// allow lets only the roles pass that the operation is open to.
func (s *Server) allow(ctx huma.Context, next func(huma.Context)) {
	roles, _ := ctx.Operation().Metadata[rolesKey].([]Role)
	role := callerOf(ctx.Context()).role
	for _, r := range roles {
		if r == role {
			next(ctx)
			return
		}
	}
	huma.WriteErr(s.huma, ctx, 403, "the role "+string(role)+" may not do this")
}

const rolesKey = "roles"
