package auth

import (
	"context"
	stdsql "database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/internal/accesstoken"
	"github.com/authgraph/authgraph/internal/secret"
)

// Resolve says who a bearer is: an access token of a session or of an API
// token, or an API token itself. It fills in c, which then holds a user or
// says why not in Refused. The error is a fault: a database that cannot be
// asked never makes a caller anonymous.
func (s *Service) Resolve(ctx context.Context, c Caller, bearer string) (Caller, error) {
	if secret.LooksLikeAPI(bearer) {
		return s.resolveAPIToken(ctx, c, bearer)
	}
	claims, err := s.verifyAccess(ctx, bearer)
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
	t, u, err := s.cachedHolder(ctx, kind, id)
	if err != nil {
		return c, err
	}
	if t == nil || u.ID != claims.Subject || u.DisabledAt != nil || !t.ExpiresAt.After(s.now()) {
		c.Refused = ReasonRevoked
		return c, nil
	}
	return s.asCaller(c, t, u), nil
}

// Me is the caller's account, nil for an anonymous caller. A credential that is
// not usable is an error, so that a client knows to refresh or to log in.
func (s *Service) Me(c Caller) (*ent.User, error) {
	if c.Refused != "" {
		return nil, &Error{Code: Unauthenticated, Reason: c.Refused}
	}
	return c.User, nil
}

// Recent reports that the session's owner has proved to be present within the
// setting's time.
func (s *Service) Recent(c Caller) bool {
	return !c.Anonymous() && !c.IsAPIToken() && s.now().Sub(c.AuthenticatedAt) <= s.RecentTTL
}

// verifyAccess checks an access token; an unknown key may be one that another
// replica made a moment ago, and a known one it may just have taken away.
func (s *Service) verifyAccess(ctx context.Context, bearer string) (accesstoken.Claims, error) {
	if err := s.keys.keep(ctx, s.tokens, s.watch.Trusted()); err != nil {
		return accesstoken.Claims{}, err
	}
	claims, err := s.tokens.Verify(bearer)
	if errors.Is(err, accesstoken.ErrUnknownKey) && s.keys.reload(ctx, s.tokens) {
		return s.tokens.Verify(bearer)
	}
	return claims, err
}

func (s *Service) resolveAPIToken(ctx context.Context, c Caller, bearer string) (Caller, error) {
	digest, ok := secret.ParseAPI(bearer)
	if !ok {
		c.Refused = ReasonInvalid
		return c, nil
	}
	t, u, err := s.cachedHolder(ctx, apiHolderByDigest, digest)
	switch {
	case err != nil:
		return c, err
	case t == nil:
		c.Refused = ReasonInvalid
	case u.DisabledAt != nil:
		c.Refused = ReasonRevoked
	case !t.ExpiresAt.After(s.now()):
		c.Refused = ReasonExpired
	default:
		return s.asCaller(c, t, u), nil
	}
	return c, nil
}

func (s *Service) asCaller(c Caller, t *ent.UserToken, u *ent.User) Caller {
	c.User = u
	if t.Scope != nil {
		c.TokenID, c.Scopes = t.ID, strings.Fields(*t.Scope)
	} else {
		c.SessionID, c.AuthenticatedAt = t.ID, instant(t.AuthenticatedAt)
	}
	s.uses.note(t, c, s.now())
	return c
}

// holderKind is a statement that finds a token and its owner at once. These
// run for nearly every request, and so are the ones written by hand: one
// prepared statement, one round trip, indexed by a unique key.
type holderKind int8

const (
	sessionHolder holderKind = iota
	apiHolderByID
	apiHolderByDigest
)

var holderSQL = [...]string{
	sessionHolder:     holderBase + `t.id = $1 AND t.purpose = 'session'`,
	apiHolderByID:     holderBase + `t.id = $1 AND t.purpose = 'api'`,
	apiHolderByDigest: holderBase + `t.digest = $1 AND t.purpose = 'api'`,
}

const holderBase = `SELECT ` + holderColumns + ` FROM user_tokens t JOIN users u ON u.id = t.user_id WHERE `

// holderColumns are what scanHolder reads.
const holderColumns = `t.id, t.user_id, t.digest, t.created_at, t.expires_at, t.ends_at, t.generation, t.rotated_at,
  t.authenticated_at, t.last_used_at, t.device_name, t.user_agent, t.ip_address, t.scope,
  u.id, u.email, u.email_key, u.username, u.username_key, u.password_hash, u.password_changed_at,
  u.pending_email, u.pending_email_key, u.confirmed_at, u.disabled_at, u.created_at, u.updated_at`

// KeepsCallers reports whether who holds a token is kept in memory at present.
// Else each request asks the database.
func (s *Service) KeepsCallers() bool { return s.watch.Trusted() }

// cachedHolder is holder without a query, where what is kept may be believed.
func (s *Service) cachedHolder(ctx context.Context, kind holderKind, key any) (*ent.UserToken, *ent.User, error) {
	if !s.watch.Trusted() {
		return s.holder(ctx, kind, key)
	}
	now := s.clock() // with the monotonic reading: an entry's age is no time of day
	k := keyOf(kind, key)
	e, ok, epoch := s.cache.get(k, now)
	if ok {
		return e.token, e.user, nil
	}
	t, u, err := s.holder(ctx, kind, key)
	if t != nil {
		s.cache.put(k, cacheEntry{t, u, now}, epoch)
	}
	return t, u, err
}

// holderPatience is how long a request waits to hear who asks, in line for a
// connection and for the answer.
const holderPatience = 5 * time.Second

// holder returns a token and its owner, or nil if there is none. It does not
// judge: expiry and all else is for the caller to check.
func (s *Service) holder(ctx context.Context, kind holderKind, key any) (*ent.UserToken, *ent.User, error) {
	ctx, cancel := context.WithTimeout(ctx, holderPatience)
	defer cancel()
	t, u, err := scanHolder(s.store.Reader().QueryRowContext(ctx, holderSQL[kind], key))
	if err != nil {
		return nil, nil, fmt.Errorf("load a token's holder: %w", err)
	}
	return t, u, nil
}

// scanHolder reads a token and its owner, or nil if there is none.
func scanHolder(row *stdsql.Row) (*ent.UserToken, *ent.User, error) {
	t, u := new(ent.UserToken), new(ent.User)
	err := row.Scan(
		&t.ID, &t.UserID, &t.Digest, &t.CreatedAt, &t.ExpiresAt, &t.EndsAt, &t.Generation, &t.RotatedAt,
		&t.AuthenticatedAt, &t.LastUsedAt, &t.DeviceName, &t.UserAgent, &t.IPAddress, &t.Scope,
		&u.ID, &u.Email, &u.EmailKey, &u.Username, &u.UsernameKey, &u.PasswordHash, &u.PasswordChangedAt,
		&u.PendingEmail, &u.PendingEmailKey, &u.ConfirmedAt, &u.DisabledAt, &u.CreatedAt, &u.UpdatedAt,
	)
	if errors.Is(err, stdsql.ErrNoRows) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	return t, u, nil
}
