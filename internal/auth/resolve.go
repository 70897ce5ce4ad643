package auth

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/internal/accesstoken"
	"github.com/authgraph/authgraph/internal/secret"
	"github.com/authgraph/authgraph/internal/signing"
)

// callers is the feature of finding out who asks.
type callers struct {
	*core
	holders  *holders
	keys     *signing.Keys
	settings *Settings
}

// Resolve finds the caller of a bearer. The bearer is the access token of a
// session or of an API token, or an API token itself. It fills in c: either the
// user, or in Refused the reason why there is none. An error is a fault: a
// database that does not answer never makes a caller anonymous.
func (f *callers) Resolve(ctx context.Context, c Caller, bearer string) (Caller, error) {
	if secret.LooksLikeAPI(bearer) {
		return f.resolveAPIToken(ctx, c, bearer)
	}
	claims, err := f.keys.Verify(ctx, bearer)
	switch {
	case errors.Is(err, accesstoken.ErrExpired):
		c.Refused = ReasonExpired
		return c, nil
	case errors.Is(err, accesstoken.ErrInvalid):
		c.Refused = ReasonInvalid
		return c, nil
	case err != nil:
		return c, fmt.Errorf("verify an access token: %w", err)
	}
	kind, id := sessionHolder, claims.SessionID
	if claims.TokenID != uuid.Nil {
		kind, id = apiHolderByID, claims.TokenID
	}
	h, err := f.holders.kept(ctx, kind, id)
	if err != nil {
		return c, err
	}
	if h == nil || h.user.ID != claims.Subject || h.user.DisabledAt != nil || !h.token.expiresAt.After(f.now()) {
		c.Refused = ReasonRevoked
		return c, nil
	}
	return f.asCaller(c, h), nil
}

// Me is the caller's account, or nil for an anonymous caller. An unusable
// credential is an error, so that the client knows that it must refresh or log
// in.
func (f *callers) Me(c Caller) (*ent.User, error) {
	if c.Refused != "" {
		return nil, &Error{Code: Unauthenticated, Reason: c.Refused}
	}
	return c.User, nil
}

func (f *callers) resolveAPIToken(ctx context.Context, c Caller, bearer string) (Caller, error) {
	digest, ok := secret.ParseAPI(bearer)
	if !ok {
		c.Refused = ReasonInvalid
		return c, nil
	}
	h, err := f.holders.kept(ctx, apiHolderByDigest, digest)
	switch {
	case err != nil:
		return c, err
	case h == nil:
		c.Refused = ReasonInvalid
	case h.user.DisabledAt != nil:
		c.Refused = ReasonRevoked
	case !h.token.expiresAt.After(f.now()):
		c.Refused = ReasonExpired
	default:
		return f.asCaller(c, h), nil
	}
	return c, nil
}

func (f *callers) asCaller(c Caller, h *holder) Caller {
	c.User, c.kept = h.user, h.kept
	if h.token.scope != nil {
		c.TokenID, c.Scopes = h.token.id, strings.Fields(*h.token.scope)
	} else {
		c.SessionID, c.AuthenticatedAt, c.StrongAt = h.token.id, instant(h.token.authenticatedAt), instant(h.token.strongAt)
		c.Limited = f.settings.limited(h.token.strongAt, h.token.trusted)
	}
	f.holders.uses.note(h.token, c, f.now())
	return c
}

// KeepsCallers reports whether callers are kept in memory at present. If not,
// each request asks the database.
func (f *callers) KeepsCallers() bool { return f.holders.watch.Trusted() }

// CallerLookups counts how often memory knew the holder of a credential, and how
// often the database was asked.
func (f *callers) CallerLookups() (hits, misses uint64) {
	return f.holders.hits.Load(), f.holders.misses.Load()
}
