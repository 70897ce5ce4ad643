package auth

import (
	"context"
	stdsql "database/sql"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/internal/store"
)

// holders finds who holds a token. It keeps the answer while it can be trusted.
type holders struct {
	*core
	uses  *uses
	cache *callerCache
	watch *store.Watch // nil: nothing is kept

	hits, misses atomic.Uint64
}

// heldToken is what we read of a session or an API token. A rotation reads all
// of it. A request reads only id, owner, end, scope, and the times of the last
// proof of presence and of the last use.
type heldToken struct {
	id, userID uuid.UUID
	digest     []byte
	generation uint32
	// scope of an API token. It is nil for a session.
	scope                                          *string
	createdAt, expiresAt                           time.Time
	endsAt, rotatedAt, authenticatedAt, lastUsedAt *time.Time
	deviceName, userAgent, ipAddress               *string
	// methods are the proofs of a session, words apart by spaces.
	methods *string
	// strongAt is the last proof by a second factor; trusted says that the browser
	// needs none.
	strongAt *time.Time
	trusted  *bool
}

// held takes these values from a row.
func held(t *ent.UserToken) heldToken {
	h := heldToken{
		id: t.ID, digest: t.Digest, generation: t.Generation, scope: t.Scope, createdAt: t.CreatedAt, expiresAt: t.ExpiresAt,
		endsAt: t.EndsAt, rotatedAt: t.RotatedAt, authenticatedAt: t.AuthenticatedAt, lastUsedAt: t.LastUsedAt,
		deviceName: t.DeviceName, userAgent: t.UserAgent, ipAddress: t.IPAddress,
		methods: t.Methods, strongAt: t.StrongAt, trusted: t.Trusted,
	}
	if t.UserID != nil {
		h.userID = *t.UserID
	}
	return h
}

// holder is a token and the account that it belongs to.
type holder struct {
	token heldToken
	user  *ent.User
	kept  *lazyProfile // nil: nothing
}

// holderKind is a statement that finds a token and its owner together. Nearly
// every request runs one of them, so they are written by hand: one prepared
// statement, one round trip, one lookup by a unique key.
type holderKind int8

const (
	sessionHolder holderKind = iota
	apiHolderByID
	apiHolderByDigest
	// wholeSession is sessionHolder with the whole token, for a rotation.
	wholeSession
)

var holderSQL = [...]string{
	sessionHolder:     `SELECT ` + callerColumns + holderFrom + `t.id = $1 AND t.purpose = 'session'`,
	apiHolderByID:     `SELECT ` + callerColumns + holderFrom + `t.id = $1 AND t.purpose = 'api'`,
	apiHolderByDigest: `SELECT ` + callerColumns + holderFrom + `t.digest = $1 AND t.purpose = 'api'`,
	wholeSession:      `SELECT ` + holderColumns + holderFrom + `t.id = $1 AND t.purpose = 'session'`,
}

const (
	holderFrom = ` FROM user_tokens t JOIN users u ON u.id = t.user_id WHERE `

	// callerColumns are the whole user and the part of the token that a request
	// needs. On SQLite each column costs 1 % of a request without the cache.
	callerColumns = userColumns + `, t.id, t.expires_at, t.authenticated_at, t.last_used_at, t.scope, t.strong_at, t.trusted`
	// holderColumns are everything in a heldToken.
	holderColumns = callerColumns + `, t.user_id, t.digest, t.created_at, t.ends_at, t.generation, t.rotated_at, t.device_name, t.user_agent, t.ip_address, t.methods`

	userColumns = `u.id, u.email, u.email_key, u.username, u.username_key, u.password_hash, u.credentials_changed_at,
  u.pending_email, u.pending_email_key, u.confirmed_at, u.disabled_at,
  u.second_factor, u.factors_changed_at, u.roles, u.profile, u.locale, u.created_at, u.updated_at`
)

// userTargets are where userColumns are stored.
func userTargets(u *ent.User) []any {
	return append(make([]any, 0, 32),
		&u.ID, &u.Email, &u.EmailKey, &u.Username, &u.UsernameKey, &u.PasswordHash, &u.CredentialsChangedAt,
		&u.PendingEmail, &u.PendingEmailKey, &u.ConfirmedAt, &u.DisabledAt,
		&u.SecondFactor, &u.FactorsChangedAt, &u.Roles, &u.Profile, &u.Locale, &u.CreatedAt, &u.UpdatedAt)
}

// callerTargets are where callerColumns are stored.
func (h *holder) callerTargets() []any {
	t := &h.token
	return append(userTargets(h.user), &t.id, &t.expiresAt, &t.authenticatedAt, &t.lastUsedAt, &t.scope, &t.strongAt, &t.trusted)
}

// targets are where holderColumns are stored.
func (h *holder) targets() []any {
	t := &h.token
	return append(h.callerTargets(), &t.userID, &t.digest, &t.createdAt, &t.endsAt, &t.generation, &t.rotatedAt, &t.deviceName, &t.userAgent, &t.ipAddress, &t.methods)
}

// kept is find without a query, from memory. It answers only while the memory
// can be trusted.
func (h *holders) kept(ctx context.Context, kind holderKind, key any) (*holder, error) {
	if !h.watch.Trusted() {
		h.misses.Add(1)
		return h.find(ctx, kind, key)
	}
	now := h.clock() // with the monotonic reading: the age of an entry must not depend on the time of day
	k := keyOf(kind, key)
	e, ok, epoch := h.cache.get(k, now)
	if ok {
		h.hits.Add(1)
		return e.holder, nil
	}
	h.misses.Add(1)
	found, err := h.find(ctx, kind, key)
	if found != nil {
		h.cache.put(k, cacheEntry{found, now}, epoch)
	}
	return found, err
}

// find returns a token and its owner, or nil. It does not judge: the caller
// checks expiry and everything else.
func (h *holders) find(ctx context.Context, kind holderKind, key any) (*holder, error) {
	ctx, cancel := h.store.Bound(ctx) // limits the wait for a connection and for the answer
	defer cancel()
	found := &holder{user: new(ent.User)}
	targets := (*holder).callerTargets
	if kind == wholeSession {
		targets = (*holder).targets
	}
	err := store.Alone(ctx, h.store.Reader(), func(ctx context.Context, on store.Statements) error {
		return on.QueryRowContext(ctx, holderSQL[kind], key).Scan(targets(found)...)
	})
	if errors.Is(err, stdsql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("load a token's holder: %w", err)
	}
	found.token.userID, found.kept = found.user.ID, lazily(found.user)
	return found, nil
}
