package auth

import (
	"context"

	"github.com/authgraph/authgraph/internal/signing"
	"github.com/authgraph/authgraph/internal/store"
)

// ErrKeysDiscarded says that nobody accepts the access tokens that this process
// signs, and why.
var ErrKeysDiscarded = signing.ErrDiscarded

// signers is the feature of showing and replacing the keys that sign access
// tokens.
type signers struct {
	events *events
	keys   *signing.Keys
	issuer string
}

// SigningKeys lists the keys of every algorithm that have not retired, in the
// order in which they sign.
func (f *signers) SigningKeys(ctx context.Context) ([]signing.Key, error) { return f.keys.List(ctx) }

// RotateKeys makes a new signing key on the operator's behalf, see
// signing.Keys.Rotate. It refuses every caller except an operator.
func (f *signers) RotateKeys(ctx context.Context, c Caller, compromised bool) error {
	if !c.operates() {
		return refuse(Forbidden)
	}
	record := func(ctx context.Context, tx *store.Tx, event signing.Event) error {
		return f.events.record(ctx, tx, c, happening{event: Event(event)})
	}
	return f.keys.Rotate(ctx, record, compromised)
}

// JWKS is the set of public keys that verifies our access tokens, see
// signing.Keys.JWKS.
func (f *signers) JWKS(ctx context.Context) ([]byte, error) { return f.keys.JWKS(ctx) }

// KeysReady returns ErrKeysDiscarded if another process has discarded the keys.
func (f *signers) KeysReady() error { return f.keys.Ready() }

// Issuer is the `iss` of our access tokens.
func (f *signers) Issuer() string { return f.issuer }

// Algorithm is the one that access tokens are signed with.
func (f *signers) Algorithm() string { return f.keys.Algorithm() }
