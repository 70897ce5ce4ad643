package accesstoken

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"testing"
	"time"

	"github.com/google/uuid"
)

const (
	issuer   = "https://accounts.example.org"
	audience = "https://api.example.org"
)

// clock is a clock that a test turns.
type clock struct{ t time.Time }

func (c *clock) now() time.Time { return c.t }

func newClock() *clock {
	return &clock{time.Date(2026, 11, 21, 12, 0, 0, 987_654_000, time.UTC)}
}

func algorithms() []Algorithm { return []Algorithm{ES256, EdDSA, RS256, HS256} }

func generate(t testing.TB, alg Algorithm) *Key {
	t.Helper()
	k, err := Generate(alg)
	if err != nil {
		t.Fatalf("Generate(%s) = %v", alg, err)
	}
	return k
}

func ring(t testing.TB, signing *Key, others ...*Key) *Keyring {
	t.Helper()
	r, err := NewKeyring(signing, others...)
	if err != nil {
		t.Fatalf("NewKeyring() = %v", err)
	}
	return r
}

// authority returns an Authority with one fresh key.
func authority(t testing.TB, alg Algorithm, c *clock) (*Authority, *Key) {
	t.Helper()
	k := generate(t, alg)
	a, err := New(Options{Issuer: issuer, Audience: audience, Algorithm: alg, Now: c.now}, ring(t, k))
	if err != nil {
		t.Fatalf("New() = %v", err)
	}
	return a, k
}

// sessionClaims are what a session's token says, good for 15 minutes.
func sessionClaims(c *clock) Claims {
	return Claims{
		Subject: uuid.New(), SessionID: uuid.New(), Scope: "session",
		AuthTime: c.t.Add(-time.Hour), ExpiresAt: c.t.Add(15 * time.Minute),
	}
}

func issue(t testing.TB, a *Authority, c Claims) string {
	t.Helper()
	raw, err := a.Issue(c)
	if err != nil {
		t.Fatalf("Issue() = %v", err)
	}
	return raw
}

func b64(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

// signed returns a token with that header and payload, signed by k.
func signed(t testing.TB, k *Key, header, payload string) string {
	t.Helper()
	input := b64(header) + "." + b64(payload)
	sig, err := k.Algorithm().method().Sign(input, k.private())
	if err != nil {
		t.Fatalf("sign: %v", err)
	}
	return input + "." + b64(string(sig))
}

// goodHeader is the header that k's tokens have.
func goodHeader(k *Key) string {
	return `{"alg":"` + string(k.Algorithm()) + `","kid":"` + k.ID() + `","typ":"at+jwt"}`
}

// absent, as the value of a claim, leaves the claim out.
type absent struct{}

// payload is that of a good session token, with some claims changed.
func payload(t testing.TB, c *clock, changes map[string]any) string {
	t.Helper()
	m := map[string]any{
		"iss": issuer, "aud": audience, "scope": "session",
		"sub": "0192f0c4-7a3e-7cc2-8a5e-3f1d9b6a7c01", "sid": "0192f0c4-7a3e-7cc2-8a5e-3f1d9b6a7c02",
		"jti": "0192f0c4-7a3e-4cc2-8a5e-3f1d9b6a7c03",
		"iat": c.t.Unix(), "nbf": c.t.Unix(), "exp": c.t.Unix() + 900, "auth_time": c.t.Unix() - 60,
	}
	maps.Copy(m, changes)
	maps.DeleteFunc(m, func(_ string, v any) bool { return v == absent{} })
	b, err := json.Marshal(m)
	if err != nil {
		t.Fatalf("marshal claims: %v", err)
	}
	return string(b)
}

// wantRefused checks that raw is refused with ErrInvalid itself, and without
// claims.
func wantRefused(t *testing.T, a *Authority, name, raw string) {
	t.Helper()
	c, err := a.Verify(raw)
	if err != ErrInvalid { // not errors.Is: every forgery must look the same
		t.Errorf("%s: error %v, want ErrInvalid", name, err)
	}
	if c != (Claims{}) {
		t.Errorf("%s: claims beside an error", name)
	}
}

func wantError(t *testing.T, a *Authority, name, raw string, want error) {
	t.Helper()
	if c, err := a.Verify(raw); !errors.Is(err, want) || c != (Claims{}) {
		t.Errorf("%s: error %v, want %v, without claims", name, err, want)
	}
}

func wantAccepted(t *testing.T, a *Authority, name, raw string) {
	t.Helper()
	if _, err := a.Verify(raw); err != nil {
		t.Errorf("%s: error %v, want none", name, err)
	}
}
