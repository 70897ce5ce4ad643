package auth

import (
	"context"
	"time"

	"github.com/authgraph/authgraph/internal/signing"
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
	return f.keys.Rotate(ctx, f.events.keysBy(c), compromised)
}

// SignsSince is when the key that signs was made.
func (f *signers) SignsSince(ctx context.Context) (time.Time, error) {
	keys, err := f.keys.List(ctx)
	if err != nil {
		return time.Time{}, err
	}
	var since time.Time
	for _, k := range keys { // the one that has signed last signs
		if k.Algorithm == f.keys.Algorithm() && !k.SignsFrom.After(f.events.now()) {
			since = k.CreatedAt
		}
	}
	return since, nil
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
