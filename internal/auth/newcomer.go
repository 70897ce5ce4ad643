package auth

import (
	"context"

	"github.com/authgraph/authgraph/internal/profile"
)

// newcomers is the gate before a new account. Every way to sign up passes it
// after its own checks, before anything is hashed, and before it looks whether a
// name is taken.
type newcomers struct {
	limits *limits
}

// newcomer is who wants an account, as they said at the form.
type newcomer struct {
	// operation of the schema that begins the account.
	operation string
	// id is the address or username that was asked for.
	id identifier
	// profile is what they said of themselves.
	profile profile.Document
}

// admit lets a newcomer in or refuses them. What it returns was counted and can
// be given back, if the server is then too busy to hash: see limits.undecided.
func (g *newcomers) admit(ctx context.Context, c Caller, n newcomer) (counted []attempt, err error) {
	place := attempt{g.limits.signUpSource, source(c.IP)}
	if err := g.limits.spend(ctx, place); err != nil {
		return nil, err
	}
	return []attempt{place}, nil
}
