package auth

import (
	"context"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/internal/accesstoken"
	"github.com/authgraph/authgraph/internal/limit"
	"github.com/authgraph/authgraph/internal/outbox"
	"github.com/authgraph/authgraph/internal/password"
	"github.com/authgraph/authgraph/internal/secret"
	"github.com/authgraph/authgraph/internal/store"
)

// Settings are the operator's choices.
type Settings struct {
	// ServiceName stands in letters, and must not be somebody's password.
	ServiceName string
	// Lifetimes.
	AccessTTL, RefreshTTL, SessionTTL, RefreshGrace, ConfirmTTL, ResetTTL, RecentTTL, APITokenTTL time.Duration
	// Scopes that the operator defines for API tokens, beside the built-in ones.
	Scopes []string
	// Usernames allows accounts without an address.
	Usernames bool
	// SignInNotice sends a letter after each login.
	SignInNotice bool
	// Limits on attempts and letters.
	Limits Limits
}

// Options are what a Service works with. All are needed.
type Options struct {
	Settings  Settings
	Store     *store.Store
	Secret    *secret.Root
	Passwords *password.Hasher
	Policy    password.Policy
	// Tokens says how access tokens are; the keys are in the store.
	Tokens accesstoken.Options
	Outbox *outbox.Outbox
	Log    *slog.Logger
	// CacheCallers keeps in memory who holds a token, while changes by other
	// processes are heard of: on PostgreSQL through ListenURL.
	CacheCallers bool
	ListenURL    string
	// KeyAge is when a signing key is replaced; 0 is never.
	KeyAge time.Duration
	// Now is the clock.
	Now func() time.Time
}

// Service is the domain: its methods are the operations. It is safe for use by
// many goroutines.
type Service struct {
	Settings
	store     *store.Store
	secret    *secret.Root
	passwords *password.Hasher
	policy    password.Policy
	keys      *keyStore
	tokens    *accesstoken.Authority
	outbox    *outbox.Outbox
	limiter   *limit.Limiter
	limits    limitTable
	turns     limit.Turns
	uses      *uses
	cache     *callerCache
	watch     *store.Watch // nil: nothing is kept
	log       *slog.Logger
	clock     func() time.Time
	issuer    string
}

// New makes a Service. It loads the signing keys, and makes the first one. It
// refuses a database whose keys the secret does not open.
func New(ctx context.Context, o Options) (*Service, error) {
	s := &Service{
		Settings: o.Settings, store: o.Store, secret: o.Secret, passwords: o.Passwords, policy: o.Policy,
		outbox: o.Outbox, limits: newLimitTable(o.Settings.Limits), uses: newUses(),
		log: o.Log, clock: o.Now, issuer: o.Tokens.Issuer,
	}
	s.keys = newKeyStore(s, o)
	if o.CacheCallers {
		s.cache = newCallerCache()
		o.Store.OnChange(s.forget)
		s.watch = o.Store.NewWatch(store.WatchOptions{URL: o.ListenURL, Drop: s.forget, Log: o.Log})
	}
	s.limiter = limit.New(o.Store, o.Secret.Key("limit"), s.now)
	o.Tokens.Now = s.now
	ring, err := s.keys.open(ctx)
	if err != nil {
		return nil, err
	}
	if s.tokens, err = accesstoken.New(o.Tokens, ring); err != nil {
		return nil, err
	}
	return s, nil
}

// now is the one source of time: UTC, in microseconds, as the databases keep it.
func (s *Service) now() time.Time { return s.clock().UTC().Truncate(time.Microsecond) }

// forget drops what is kept of users, or of everybody, keys included, if none is
// named.
func (s *Service) forget(users ...uuid.UUID) {
	if len(users) == 0 {
		s.keys.changed()
	}
	s.cache.drop(users...)
}

// JWKS is the set of public keys that verifies our access tokens. It does not
// hold a key that another process took away; where that cannot be asked, it is
// the set that was known last.
func (s *Service) JWKS(ctx context.Context) ([]byte, error) {
	if err := s.keys.keep(ctx, s.tokens, s.watch.Trusted()); err != nil {
		s.log.ErrorContext(ctx, "signing keys cannot be read; the known ones are published", "err", err)
	}
	return s.tokens.JWKS()
}

// Issuer is the `iss` of our access tokens.
func (s *Service) Issuer() string { return s.issuer }

// Algorithm is the one that access tokens are signed with.
func (s *Service) Algorithm() string { return string(s.tokens.Keyring().Algorithm()) }
