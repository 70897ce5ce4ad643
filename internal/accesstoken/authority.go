package accesstoken

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
	lru "github.com/hashicorp/golang-lru/v2"
)

const (
	defaultLeeway    = 30 * time.Second
	maxLeeway        = 60 * time.Second
	defaultCacheSize = 8192

	// tokenType is "typ" of the tokens we issue; the long form says the same
	// and RFC 9068 section 4 wants it accepted. Other spellings are refused.
	tokenType     = "at+jwt"
	longTokenType = "application/at+jwt"
)

// Options is what an Authority needs to know.
type Options struct {
	Issuer    string           // "iss" of every token; compared byte by byte
	Audience  string           // "aud" of every token; compared byte by byte
	Algorithm Algorithm        // the one that signs
	Now       func() time.Time // the clock
	Leeway    time.Duration    // for "iat" and "nbf", since clocks differ; 0 means 30 s, at most 60 s
	CacheSize int              // verified tokens remembered; 0 means 8192 (about 4 MB), below 0 none
}

// Authority issues and verifies access tokens. It is safe for concurrent use.
type Authority struct {
	opts    Options
	current atomic.Pointer[state]
}

// state is what changes as a whole when the keys do: with the ring goes all
// that was verified by it, so that a token of a removed key is refused by the
// next call, and a verification that began before cannot be remembered after.
type state struct {
	ring     *Keyring
	verified *lru.Cache[[sha256.Size]byte, Claims] // nil: nothing is remembered
}

// New returns an Authority that uses ring. It refuses empty names, an unknown
// algorithm, a ring of another one, a leeway above a minute and a missing clock.
func New(opts Options, ring *Keyring) (*Authority, error) {
	if opts.Leeway == 0 {
		opts.Leeway = defaultLeeway
	}
	if opts.CacheSize == 0 {
		opts.CacheSize = defaultCacheSize
	}
	switch {
	case opts.Issuer == "" || !utf8.ValidString(opts.Issuer):
		return nil, errors.New("access tokens: no issuer, or one that is not UTF-8")
	case opts.Audience == "" || !utf8.ValidString(opts.Audience):
		return nil, errors.New("access tokens: no audience, or one that is not UTF-8")
	case !opts.Algorithm.Valid():
		return nil, errors.New("access tokens: unknown algorithm")
	case opts.Now == nil:
		return nil, errors.New("access tokens: no clock")
	case opts.Leeway < 0 || opts.Leeway > maxLeeway:
		return nil, errors.New("access tokens: the leeway is negative or above a minute")
	}
	a := &Authority{opts: opts}
	if err := a.Replace(ring); err != nil {
		return nil, err
	}
	return a, nil
}

// Replace makes ring the one that is used, at once and as a whole, and forgets
// every verified token. A ring of the same keys in the same roles changes
// nothing: keys may be loaded again as often as the caller likes, a stranger's
// unknown key ids do not empty the cache. It refuses a ring that signs with another
// algorithm than the configured one.
func (a *Authority) Replace(ring *Keyring) error {
	if ring == nil || ring.Algorithm() != a.opts.Algorithm {
		return errors.New("access tokens: no key ring, or one of another algorithm than the configured one")
	}
	if old := a.current.Load(); old != nil && old.ring.same(ring) {
		return nil
	}
	next := &state{ring: ring}
	if a.opts.CacheSize > 0 {
		cache, err := lru.New[[sha256.Size]byte, Claims](a.opts.CacheSize)
		if err != nil {
			return fmt.Errorf("access tokens: make cache: %w", err)
		}
		next.verified = cache
	}
	a.current.Store(next)
	return nil
}

// Keyring returns the ring in use.
func (a *Authority) Keyring() *Keyring { return a.current.Load().ring }

// JWKS returns the published keys as a JWK Set; see Keyring.JWKS.
func (a *Authority) JWKS() ([]byte, error) { return a.Keyring().JWKS() }

// Issue signs a token that says c. Times are cut to whole seconds. What c leaves
// out is filled in: IssuedAt is now, NotBefore is IssuedAt, ID is random. Claims
// that Verify would refuse are refused here: needed are a subject, an expiry in a
// later second than the issue, and either a session and the time of its
// authentication, or an API token.
func (a *Authority) Issue(c Claims) (string, error) {
	if c.IssuedAt.IsZero() {
		c.IssuedAt = a.opts.Now()
	}
	if c.NotBefore.IsZero() {
		c.NotBefore = c.IssuedAt
	}
	if c.ID == uuid.Nil {
		id, err := uuid.NewRandom()
		if err != nil {
			return "", fmt.Errorf("issue access token: make id: %w", err)
		}
		c.ID = id
	}
	if err := c.check(); err != nil {
		return "", fmt.Errorf("issue access token: %w", err)
	}
	more, err := c.extra()
	if err != nil {
		return "", fmt.Errorf("issue access token: %w", err)
	}
	claims := c.wire(a.opts.Issuer, a.opts.Audience)
	for name, value := range more {
		claims[name] = value
	}
	key := a.current.Load().ring.signing
	t := jwt.NewWithClaims(key.Algorithm().method(), claims)
	t.Header["typ"] = tokenType
	t.Header["kid"] = key.ID()
	raw, err := t.SignedString(key.private())
	if err != nil {
		return "", fmt.Errorf("issue access token: sign: %w", err)
	}
	if len(raw) > maxSize {
		return "", errors.New("issue access token: longer than 8 KiB")
	}
	return raw, nil
}

// Verify returns what a token of ours says. Refused with ErrInvalid is whatever
// we did not issue, for whatever reason and always with the same error; with
// ErrExpired what only its age makes bad; with ErrUnknownKey, an ErrInvalid too,
// what names a key that is not in the ring. The claims are zero beside every
// error.
//
// A token that was verified before is not computed again, but is compared with
// the clock each time. Whether its session still stands is the caller's to know.
func (a *Authority) Verify(raw string) (Claims, error) {
	if len(raw) > maxSize {
		return Claims{}, ErrInvalid
	}
	s := a.current.Load()
	var usual [1024]byte // most tokens need no garbage for their name in the cache
	sum := sha256.Sum256(append(usual[:0], raw...))
	c, known := s.recall(sum)
	if !known {
		var err error
		if c, err = a.read(s.ring, raw); err != nil {
			return Claims{}, err
		}
	}
	if err := c.timely(a.opts.Now(), a.opts.Leeway); err != nil {
		return Claims{}, err
	}
	if !known {
		s.remember(sum, c)
	}
	return c, nil
}

// read verifies everything about a token but the clock.
func (a *Authority) read(ring *Keyring, raw string) (Claims, error) {
	jws, err := ring.set.Verify(raw)
	if err != nil {
		return Claims{}, err
	}
	if jws.Type != tokenType && jws.Type != longTokenType {
		return Claims{}, ErrInvalid // an ID token, a log-out token, a foreign JWT
	}
	c, ok := readClaims(jws.Payload, a.opts.Issuer, a.opts.Audience)
	if !ok {
		return Claims{}, ErrInvalid
	}
	return c, nil
}

func (s *state) recall(sum [sha256.Size]byte) (Claims, bool) {
	if s.verified == nil {
		return Claims{}, false
	}
	return s.verified.Get(sum)
}

func (s *state) remember(sum [sha256.Size]byte, c Claims) {
	if s.verified != nil {
		s.verified.Add(sum, c)
	}
}
