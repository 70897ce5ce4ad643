package auth_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/authgraph/authgraph/ent/signingkey"
	"github.com/authgraph/authgraph/internal/accesstoken"
	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/secret"
	"github.com/authgraph/authgraph/internal/signing"
	"github.com/authgraph/authgraph/internal/store"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

// databases open a database that several processes share.
var databases = map[string]func(testing.TB) string{"sqlite": storetest.SQLiteURL, "postgres": storetest.PostgresURL}

func TestFirstKey(t *testing.T) {
	shared(t, func(t *testing.T, env *authtest.Env, again func() *store.Store) {
		if want := []string{"key_create ok system"}; !slices.Equal(keyEvents(t, env), want) {
			t.Errorf("recorded %q, want %q", keyEvents(t, env), want)
		}
		stores := make([]*store.Store, 5)
		for i := range stores {
			stores[i] = again()
		}
		for _, algorithm := range []accesstoken.Algorithm{accesstoken.ES256, accesstoken.EdDSA, accesstoken.RS256, accesstoken.HS256} {
			env.Store.SigningKey.Delete().ExecX(t.Context()) // now the database is like an empty one
			starters, errs := authtest.AtOnce(len(stores), func(i int) (*authtest.Env, error) {
				return env.TryProcess(stores[i], func(o *auth.Options) { o.Tokens.Algorithm = algorithm })
			})
			if err := errors.Join(errs...); err != nil {
				t.Fatalf("%s: New() = %v", algorithm, err)
			}
			if n := keysOf(t, env); n != 1 {
				t.Errorf("%s: five starters made %d keys, want one", algorithm, n)
			}
			login := starters[0].Account(strings.ToLower(string(algorithm)) + "@example.org")
			for _, other := range starters {
				accepted(t, other, string(algorithm)+", another process", login.AccessToken, "")
			}
			if ids := published(t, starters[1]); algorithm == accesstoken.HS256 && len(ids) != 0 || algorithm != accesstoken.HS256 && !same(ids, kid(t, login.AccessToken)) {
				t.Errorf("%s: published %v", algorithm, ids)
			}
		}
	})
}

// After a change of algorithm, the new one signs from the start. Tokens signed
// with the old one are valid until they end: its keys retire as in a rotation,
// and each key verifies with its own algorithm.
func TestAlgorithmChanged(t *testing.T) {
	shared(t, func(t *testing.T, env *authtest.Env, again func() *store.Store) {
		ann := env.Account("ann@example.org")
		eddsa := env.Process(again(), func(o *auth.Options) { o.Tokens.Algorithm = accesstoken.EdDSA })
		accepted(t, eddsa, "a token of the algorithm before", ann.AccessToken, "")
		next, err := refresh(eddsa, *ann.RefreshToken)
		if err != nil {
			t.Fatalf("Refresh() = %v", err)
		}
		accepted(t, eddsa, "a token of the new algorithm", next.AccessToken, "")
		env.Clock.Turn(auth.KeyTrust + time.Microsecond)
		accepted(t, env, "a token of the new algorithm at a replica that was not started anew", next.AccessToken, "")
		if eddsa.Algorithm() != "EdDSA" || !same(published(t, eddsa), kid(t, next.AccessToken), kid(t, ann.AccessToken)) {
			t.Errorf("algorithm %s, published %v, want both keys", eddsa.Algorithm(), published(t, eddsa))
		}

		env.Clock.Turn(auth.PublishLead + env.AccessTTL + 2*time.Minute)
		if err := eddsa.RefreshKeys(t.Context()); err != nil {
			t.Fatal(err)
		}
		last, err := refresh(eddsa, *next.RefreshToken)
		if err != nil || !same(published(t, eddsa), kid(t, last.AccessToken)) || kid(t, last.AccessToken) != kid(t, next.AccessToken) {
			t.Errorf("published %v, %v, want the new algorithm's key alone, which is the same", published(t, eddsa), err)
		}
	})
}

// When the algorithm is changed back, its old keys sign again. Tokens signed in
// between stay valid.
func TestAlgorithmChangedBack(t *testing.T) {
	shared(t, func(t *testing.T, env *authtest.Env, again func() *store.Store) {
		ann := env.Account("ann@example.org")
		eddsa := env.Process(again(), func(o *auth.Options) { o.Tokens.Algorithm = accesstoken.EdDSA })
		next, err := refresh(eddsa, *ann.RefreshToken)
		if err != nil {
			t.Fatalf("Refresh() = %v", err)
		}
		back := env.Process(again())
		accepted(t, back, "a token of the new algorithm", next.AccessToken, "")
		accepted(t, back, "a token of the algorithm before", ann.AccessToken, "")
		last, err := refresh(back, *next.RefreshToken)
		if err != nil || kid(t, last.AccessToken) != kid(t, ann.AccessToken) {
			t.Errorf("Refresh() = %v, want the key of before to sign while its successor is published", err)
		}
		for range 3 { // until after the end of every key that retires
			env.Clock.Turn(auth.PublishLead + time.Minute)
			if err := back.RefreshKeys(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		last, err = refresh(back, *last.RefreshToken)
		if err != nil || !same(published(t, back), kid(t, last.AccessToken)) {
			t.Errorf("published %v, %v, want one key, which signs", published(t, back), err)
		}
	})
}

// Two replicas with different algorithms start. Each makes the other's keys
// retire, and neither is ever without a key.
func TestTwoAlgorithmsSideBySide(t *testing.T) {
	shared(t, func(t *testing.T, env *authtest.Env, again func() *store.Store) {
		login := env.Account("ann@example.org")
		eddsa := env.Process(again(), func(o *auth.Options) { o.Tokens.Algorithm = accesstoken.EdDSA })
		for range 5 {
			env.Clock.Turn(auth.PublishLead)
			for _, one := range []*authtest.Env{env, eddsa} {
				if err := one.RefreshKeys(t.Context()); err != nil {
					t.Fatal(err)
				}
				login = alive(t, one, one.Algorithm(), login)
			}
		}
	})
}

func TestSecretChangedInTwoSteps(t *testing.T) {
	shared(t, func(t *testing.T, env *authtest.Env, again func() *store.Store) {
		before, after := secret.Generate(), secret.Generate()
		start := func(current string, previous ...string) *authtest.Env {
			t.Helper()
			root, err := secret.New(current, previous...)
			if err != nil {
				t.Fatal(err)
			}
			return env.Process(again(), authtest.SecretOf(root))
		}
		env.Store.SigningKey.Delete().ExecX(t.Context()) // now it is as if env had never run
		a, b := start(before), start(before)
		a.Process(again(), func(o *auth.Options) { o.Tokens.Algorithm = accesstoken.EdDSA }) // a key that no process uses now
		login := a.Account("ann@example.org")
		both := func(step string) {
			t.Helper()
			for _, one := range []*authtest.Env{a, b} {
				if err := one.RefreshKeys(t.Context()); err != nil {
					t.Errorf("%s: the keys cannot be read: %v", step, err)
				}
				login = alive(t, one, step, login)
			}
			for _, one := range []*authtest.Env{a, b} {
				accepted(t, one, step, login.AccessToken, "")
			}
		}
		both("at first")
		a = start(before, after)
		both("one knows the new secret")
		b = start(before, after)
		both("both know the new secret")
		a = start(after, before)
		both("one uses the new secret")
		if err := b.RotateKeys(t.Context(), authtest.Operator(), false); err != nil { // encrypted with the previous secret
			t.Fatal(err)
		}
		both("the other one made a key meanwhile")
		b = start(after, before)
		both("both use the new secret")
		for _, algorithm := range []accesstoken.Algorithm{accesstoken.ES256, accesstoken.EdDSA} {
			root, err := secret.New(after)
			if err != nil {
				t.Fatal(err)
			}
			_, err = env.TryProcess(again(), authtest.SecretOf(root), func(o *auth.Options) { o.Tokens.Algorithm = algorithm })
			if err != nil {
				t.Errorf("%s, the secret before is taken away: New() = %v", algorithm, err)
			}
		}
	})
}

// A process with a wrong secret must not start, and must not add a key of its
// own.
func TestWrongSecret(t *testing.T) {
	shared(t, func(t *testing.T, env *authtest.Env, again func() *store.Store) {
		env.Account("ann@example.org")
		foreign, err := secret.New(secret.Generate(), secret.Generate())
		if err != nil {
			t.Fatal(err)
		}
		for _, algorithm := range []accesstoken.Algorithm{accesstoken.ES256, accesstoken.EdDSA} {
			_, err := env.TryProcess(again(), authtest.SecretOf(foreign), func(o *auth.Options) { o.Tokens.Algorithm = algorithm })
			if !errors.Is(err, signing.ErrSecret) || !strings.Contains(err.Error(), "AUTHGRAPH_SECRET") {
				t.Errorf("%s: New() = %v, want a refusal that names the setting", algorithm, err)
			}
		}
		if n := keysOf(t, env); n != 1 {
			t.Errorf("%d keys are stored, want the one before", n)
		}
	})
}

// A row that holds the key of another row does not load.
func TestExchangedKeys(t *testing.T) {
	shared(t, func(t *testing.T, env *authtest.Env, again func() *store.Store) {
		if err := env.RotateKeys(t.Context(), authtest.Operator(), false); err != nil {
			t.Fatal(err)
		}
		rows := env.Store.SigningKey.Query().AllX(t.Context())
		env.Store.SigningKey.Update().Where(signingkey.ID(rows[0].ID)).SetSealed(rows[1].Sealed).ExecX(t.Context())
		if _, err := env.TryProcess(again()); err == nil {
			t.Error("New() takes a key under another one's id")
		}
		if err := env.RefreshKeys(t.Context()); err == nil {
			t.Error("a running process takes a key under another one's id")
		}
	})
}

// A process that cannot read the keys cannot judge a token. That is a fault,
// not a refusal.
func TestKeysThatCannotBeRead(t *testing.T) {
	env := authtest.Uncached(t, storetest.SQLite(t))
	ann := env.Account("ann@example.org")
	env.Clock.Turn(2 * auth.KeyTrust)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if c, err := env.Resolve(ctx, authtest.Anyone(), ann.AccessToken); err == nil || !c.Anonymous() || c.Refused != "" {
		t.Errorf("Resolve() = %q, %v, want a fault", c.Refused, err)
	}
	if set, err := env.JWKS(ctx); err != nil || !strings.Contains(string(set), kid(t, ann.AccessToken)) {
		t.Errorf("JWKS() = %s, %v, want what was known last", set, err)
	}
}

// accepted checks what an Env says about an access token. want is empty if the
// token must be accepted.
func accepted(t testing.TB, env *authtest.Env, what, token string, want auth.Reason) {
	t.Helper()
	if c := env.As(token); c.Refused != want {
		t.Errorf("%s: refused %q, want %q", what, c.Refused, want)
	}
}

// keyEvents lists what was recorded about keys, oldest first.
func keyEvents(t testing.TB, env *authtest.Env) []string {
	t.Helper()
	events, err := env.Events(t.Context(), auth.EventFilter{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, e := range slices.Backward(events) {
		if strings.HasPrefix(e.Event, "key_") {
			list = append(list, e.Event+" "+e.Outcome+" "+e.Actor)
		}
	}
	return list
}

// keysOf counts the keys that are stored.
func keysOf(t testing.TB, env *authtest.Env) int {
	t.Helper()
	return env.Store.SigningKey.Query().CountX(t.Context())
}

// kid is the key that an access token says it was signed with.
func kid(t testing.TB, token string) string {
	t.Helper()
	head, _, _ := strings.Cut(token, ".")
	raw, err := base64.RawURLEncoding.DecodeString(head)
	if err != nil {
		t.Fatalf("decode a header: %v", err)
	}
	var header struct {
		KeyID string `json:"kid"`
	}
	if err := json.Unmarshal(raw, &header); err != nil || header.KeyID == "" {
		t.Fatalf("a header names the key %q: %v", header.KeyID, err)
	}
	return header.KeyID
}

// published returns the ids of the keys that an Env publishes. It checks that
// they are public keys.
func published(t testing.TB, env *authtest.Env) []string {
	t.Helper()
	set, err := env.JWKS(t.Context())
	if err != nil {
		t.Fatalf("JWKS() = %v", err)
	}
	var keys struct {
		Keys []map[string]any `json:"keys"`
	}
	if err := json.Unmarshal(set, &keys); err != nil || keys.Keys == nil {
		t.Fatalf("JWKS() = %s: %v", set, err)
	}
	ids := make([]string, 0, len(keys.Keys))
	for _, key := range keys.Keys {
		for member, value := range key {
			if !slices.Contains([]string{"kty", "use", "alg", "kid", "crv", "x", "y", "n", "e"}, member) {
				t.Errorf("JWKS() publishes %q", member)
			}
			if member == "kty" && value == "oct" {
				t.Error("JWKS() publishes a symmetric key")
			}
		}
		ids = append(ids, key["kid"].(string))
	}
	return ids
}

// same reports that two lists hold the same values, in any order.
func same(a []string, b ...string) bool {
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	return slices.Equal(a, b)
}

// shared runs a test on a database of each kind. The test can open it again, as
// another process does.
func shared(t *testing.T, test func(t *testing.T, env *authtest.Env, again func() *store.Store)) {
	for name, fresh := range databases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := fresh(t)
			test(t, authtest.Uncached(t, storetest.Open(t, url)), func() *store.Store { return storetest.Open(t, url) })
		})
	}
}
