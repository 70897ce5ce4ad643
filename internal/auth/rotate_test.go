package auth_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/accesstoken"
	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/store"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

func rotate(t testing.TB, env *authtest.Env, compromised bool) {
	t.Helper()
	if err := env.RotateKeys(t.Context(), authtest.Operator(), compromised); err != nil {
		t.Fatalf("RotateKeys(%t) = %v", compromised, err)
	}
}

// A new key is published first and signs later. The old one retires after its
// last token. No token is refused before its end, and no process is restarted.
func TestRotateKeys(t *testing.T) {
	shared(t, func(t *testing.T, a *authtest.Env, again func() *store.Store) {
		b := a.Process(again())
		first := a.Account("ann@example.org")
		one := kid(t, first.AccessToken)
		rotate(t, a, false)

		ids := published(t, a)
		if len(ids) != 2 || !slices.Contains(ids, one) {
			t.Fatalf("published %v, want %s and a new one", ids, one)
		}
		if got := kid(t, a.LogIn("ann@example.org").AccessToken); got != one {
			t.Error("the new key signs before everybody has had time to notice it")
		}
		a.Clock.Turn(auth.KeyTrust + time.Microsecond)
		if !same(published(t, b), ids...) {
			t.Errorf("another process publishes %v, want %v", published(t, b), ids)
		}

		a.Clock.Turn(auth.PublishLead - time.Second)
		last := a.LogIn("ann@example.org") // the last token that the first key signs
		a.Clock.Turn(time.Second)
		for what, env := range map[string]*authtest.Env{"the one that rotated": a, "another": b} {
			accepted(t, env, what+": a token of the key before", first.AccessToken, "") // makes env read the keys
			next := env.LogIn("ann@example.org")
			if got := kid(t, next.AccessToken); got == one {
				t.Errorf("%s signs with the key before", what)
			}
			accepted(t, a, what+": a token of the new key", next.AccessToken, "")
			accepted(t, b, what+": a token of the new key", next.AccessToken, "")
		}

		a.Clock.Turn(time.Unix(claimsOf(t, last.AccessToken).Expires, 0).Sub(a.Clock.Now()) - time.Microsecond)
		for _, env := range []*authtest.Env{a, b} {
			accepted(t, env, "the last token of the key before, until its end", last.AccessToken, "")
		}
		a.Clock.Turn(time.Microsecond)
		accepted(t, a, "at its end", last.AccessToken, auth.ReasonExpired)
		a.Clock.Turn(time.Minute)
		for _, env := range []*authtest.Env{a, b} {
			if ids := published(t, env); len(ids) != 1 || ids[0] == one {
				t.Errorf("published %v, want the new key alone", ids)
			}
		}
		if want := []string{"key_create ok system", "key_create ok operator"}; !slices.Equal(keyEvents(t, a), want) {
			t.Errorf("recorded %q, want %q", keyEvents(t, a), want)
		}
	})
}

// Compromised keys are removed at once: for signing, for verifying, and from
// what is published.
func TestRotateCompromisedKeys(t *testing.T) {
	shared(t, func(t *testing.T, a *authtest.Env, again func() *store.Store) {
		blind, cached := a.Process(again()), a.Process(again(), authtest.Cached)
		other := a.Process(again(), func(o *auth.Options) { o.Tokens.Algorithm = accesstoken.EdDSA })
		ann := a.Account("ann@example.org")
		token := issue(t, a, ann, auth.IssueAPITokenInput{Name: "backup", Scopes: readAccount})
		exchanged, err := a.Exchange(t.Context(), a.As(token.Secret), token.Secret)
		if err != nil {
			t.Fatal(err)
		}
		all := []*authtest.Env{a, blind, cached}
		for _, env := range all {
			accepted(t, env, "before", ann.AccessToken, "")
			accepted(t, env, "before, made of an API token", exchanged.Token, "")
		}
		rotate(t, a, false) // a key that does not sign yet is compromised too
		rotate(t, a, true)
		rotated := time.Now()

		accepted(t, a, "the process that rotated, at once", ann.AccessToken, auth.ReasonInvalid)
		a.Clock.Turn(auth.KeyTrust + time.Microsecond)
		accepted(t, blind, "one that hears of nothing", ann.AccessToken, auth.ReasonInvalid)
		for cached.As(ann.AccessToken).Refused == "" && time.Since(rotated) < onOthers {
			continue
		}
		next := a.LogIn("ann@example.org")
		for _, env := range all {
			accepted(t, env, "after", ann.AccessToken, auth.ReasonInvalid)
			accepted(t, env, "after, made of an API token", exchanged.Token, auth.ReasonInvalid)
			accepted(t, env, "the API token itself", token.Secret, "")
			accepted(t, env, "a token of the new key", next.AccessToken, "")
			if ids := published(t, env); !same(ids, kid(t, next.AccessToken)) {
				t.Errorf("published %v, want the new key alone", ids)
			}
		}
		for _, env := range all {
			if got := kid(t, refreshed(t, env, ann).AccessToken); got != kid(t, next.AccessToken) {
				t.Error("a process signs with a key that was taken away")
			}
			ann = refreshed(t, env, ann)
		}
		if n := keysOf(t, a); n != 1 {
			t.Errorf("%d keys are stored, want the new one", n)
		}
		if err := other.RefreshKeys(t.Context()); err != nil {
			t.Errorf("a process of another algorithm does not make a key of its own: %v", err)
		}
		want := []string{"key_create ok operator", "key_revoke ok operator", "key_create ok operator", "key_create ok system"}
		if got := keyEvents(t, a); !slices.Equal(got[len(got)-4:], want) {
			t.Errorf("recorded %q, want %q in the end", got, want)
		}
	})
}

func TestKeysRotateByAge(t *testing.T) {
	const age = 10 * 24 * time.Hour
	aged := func(o *auth.Options) { o.KeyAge = age }
	shared(t, func(t *testing.T, env *authtest.Env, again func() *store.Store) {
		replicas := make([]*authtest.Env, 10)
		for i := range replicas {
			replicas[i] = env.Process(again(), aged)
		}
		renew := func() {
			t.Helper()
			_, errs := authtest.AtOnce(len(replicas), func(i int) (any, error) { return nil, replicas[i].RefreshKeys(t.Context()) })
			if err := errors.Join(errs...); err != nil {
				t.Fatal(err)
			}
		}
		env.Clock.Turn(age - time.Microsecond)
		renew()
		if n := keysOf(t, env); n != 1 {
			t.Fatalf("%d keys before the first is old, want one", n)
		}
		for round := range 3 {
			env.Clock.Turn(time.Microsecond)
			renew()
			if n := keysOf(t, env); n != round+2 {
				t.Fatalf("round %d: ten replicas made %d keys in all, want %d", round, n, round+2)
			}
			renew()
			env.Clock.Turn(age - time.Microsecond)
			renew()
			if n := keysOf(t, env); n != round+2 {
				t.Fatalf("round %d: %d keys before the newest is old, want %d", round, n, round+2)
			}
		}
		for _, replica := range replicas {
			if ids := published(t, replica); len(ids) != 1 {
				t.Errorf("published %v, want the newest alone", ids)
			}
		}
		for _, event := range keyEvents(t, env) {
			if event != "key_create ok system" {
				t.Errorf("recorded %q", event)
			}
		}
		never := env.Process(again())
		env.Clock.Turn(100 * 365 * 24 * time.Hour)
		before := keysOf(t, env)
		if err := never.RefreshKeys(t.Context()); err != nil || keysOf(t, env) != before {
			t.Errorf("without an age a key was made: %v", err)
		}
	})
}

// If keys are replaced more often than the usual lead time, they are still
// published before they sign.
func TestShortLivedKeys(t *testing.T) {
	env := authtest.Uncached(t, storetest.SQLite(t))
	brisk := env.Process(env.Store, func(o *auth.Options) { o.KeyAge = 4 * time.Second })
	one := kid(t, brisk.Account("ann@example.org").AccessToken)
	env.Clock.Turn(4 * time.Second)
	for _, test := range []struct {
		after time.Duration
		signs bool
	}{{0, false}, {2*time.Second - time.Microsecond, false}, {time.Microsecond, true}} {
		env.Clock.Turn(test.after)
		if err := brisk.RefreshKeys(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := kid(t, brisk.LogIn("ann@example.org").AccessToken) != one; got != test.signs || len(published(t, brisk)) != 2 {
			t.Errorf("%v later: the new key signs: %t, want %t; published %v", test.after, got, test.signs, published(t, brisk))
		}
	}
}

// A token with an unknown key makes the server read the keys. But strangers
// cannot cause that with every request.
func TestUnknownKeys(t *testing.T) {
	url := storetest.PostgresURL(t)
	wire := storetest.NewWire(t, url)
	a := authtest.Uncached(t, storetest.Open(t, url))
	ann := a.Account("ann@example.org")
	b := a.Process(storetest.Open(t, wire.URL), authtest.Cached)
	b.As(ann.AccessToken)
	readings := func(do func()) (n int) {
		asked(wire)
		do()
		for _, statement := range asked(wire) {
			if strings.Contains(statement, "signing_keys") {
				n++
			}
		}
		return n
	}
	foreign := authtest.Uncached(t, storetest.SQLite(t)).Account("eve@example.org").AccessToken
	forge := func() {
		for range 100 {
			accepted(t, b, "a key of somebody else's", foreign, auth.ReasonInvalid)
		}
	}
	if n := readings(forge); n != 0 {
		t.Errorf("just after they were read, strangers had the keys read %d times", n)
	}
	for range 3 {
		a.Clock.Turn(time.Second)
		if n := readings(forge); n != 1 {
			t.Errorf("within a second strangers had the keys read %d times, want once", n)
		}
	}
	a.Clock.Turn(time.Second)
	rotate(t, a, true)
	accepted(t, b, "a token of a key that is new", a.LogIn("ann@example.org").AccessToken, "")
}

func TestSigningKeys(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		one := kid(t, env.Account("ann@example.org").AccessToken)
		env.Clock.Turn(time.Hour)
		rotated := env.Clock.Now()
		rotate(t, env, false)
		keys, err := env.SigningKeys(t.Context())
		if err != nil || len(keys) != 2 {
			t.Fatalf("SigningKeys() = %v, %v, want two", keys, err)
		}
		before, after := keys[0], keys[1]
		if before.ID != one || before.Algorithm != "ES256" || before.RetiresAt == nil || !before.RetiresAt.After(rotated.Add(auth.PublishLead+env.AccessTTL)) {
			t.Errorf("the key before is listed as %+v", before)
		}
		if !after.CreatedAt.Equal(rotated) || !after.SignsFrom.Equal(rotated.Add(auth.PublishLead)) || after.RetiresAt != nil {
			t.Errorf("the new key is listed as %+v", after)
		}
		for _, at := range []time.Time{before.CreatedAt, before.SignsFrom, *before.RetiresAt, after.CreatedAt} {
			if at.Location() != time.UTC {
				t.Errorf("%v is not in UTC", at)
			}
		}
		env.Clock.Turn(before.RetiresAt.Sub(rotated))
		if keys, err := env.SigningKeys(t.Context()); err != nil || len(keys) != 1 || keys[0].ID != after.ID {
			t.Errorf("SigningKeys() after the first retired = %v, %v", keys, err)
		}
	})
}
