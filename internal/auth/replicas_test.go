package auth_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/pgtest"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

// onOthers is the longest time for which another replica may still accept what
// was revoked.
const onOthers = 250 * time.Millisecond

// trials is how often a revocation is tried. A long run tries it 200 times.
func trials() int {
	if os.Getenv("AUTHGRAPH_TEST_LONG") != "" {
		return 200
	}
	return 20
}

// revocation ends a session of an account. If it prepares something, that
// happens before the last check that the session's token is still accepted.
type revocation struct {
	name    string
	prepare func(t testing.TB, env *authtest.Env, address string) (token string)
	do      func(env *authtest.Env, c auth.Caller, login *auth.Login, token string) error
}

var revocations = []revocation{
	{"logout", nil, func(env *authtest.Env, c auth.Caller, _ *auth.Login, _ string) error {
		_, err := env.Logout(context.Background(), c, auth.LogoutInput{})
		return err
	}},
	{"revokeSession", nil, func(env *authtest.Env, c auth.Caller, login *auth.Login, _ string) error {
		_, err := env.RevokeSession(context.Background(), c, auth.RevokeSessionInput{ID: login.Session.ID.String()})
		return err
	}},
	{"change of password", func(_ testing.TB, env *authtest.Env, address string) string {
		return env.LogIn(address).AccessToken // the session that makes the change continues
	}, func(env *authtest.Env, _ auth.Caller, _ *auth.Login, acting string) error {
		_, err := env.UpdateAccount(context.Background(), env.As(acting), auth.UpdateAccountInput{
			CurrentPassword: ptr(authtest.Password), NewPassword: ptr(newPassword),
		})
		return err
	}},
	{"reset", func(t testing.TB, env *authtest.Env, address string) string {
		return requestReset(t, env, address)
	}, func(env *authtest.Env, _ auth.Caller, _ *auth.Login, token string) error {
		_, err := reset(env, token, newPassword)
		return err
	}},
	{"disabling", nil, func(env *authtest.Env, c auth.Caller, _ *auth.Login, _ string) error {
		return env.DisableAccount(context.Background(), authtest.Operator(), c.User.ID)
	}},
	{"deleting", nil, func(env *authtest.Env, c auth.Caller, _ *auth.Login, _ string) error {
		_, err := env.DeleteAccount(context.Background(), c)
		return err
	}},
}

// replicas are two processes on one PostgreSQL. Both keep callers in memory,
// and the second listens through a proxy.
func replicas(t *testing.T) (a, b *authtest.Env, way *pgtest.Proxy) {
	t.Helper()
	url := storetest.PostgresURL(t)
	way = pgtest.Server(t).NewProxy(t, url)
	first := authtest.Uncached(t, storetest.Open(t, url))
	a = first.Process(storetest.Open(t, url), authtest.Cached)
	b = first.Process(storetest.Open(t, url), authtest.Cached, func(o *auth.Options) { o.ListenURL = way.URL })
	return a, b, way
}

// TestRevokedMeansRevoked: after a revocation, the replica that did it never
// accepts the session again. Another replica stops accepting it within a
// quarter of a second.
func TestRevokedMeansRevoked(t *testing.T) {
	a, b, _ := replicas(t)
	for _, r := range revocations {
		t.Run(r.name, func(t *testing.T) {
			late := revoke(t, a, b, r, trials(), true, b.AwaitCache)
			slices.Sort(late)
			t.Logf("the other replica refused after %v (median) to %v", late[len(late)/2].Round(10*time.Microsecond), late[len(late)-1].Round(10*time.Microsecond))
		})
	}
}

// TestRevokedThroughOutages: the same, if the other replica has just lost its
// connection.
func TestRevokedThroughOutages(t *testing.T) {
	for name, touch := range map[string]struct{ lose, find func(*pgtest.Proxy) }{
		"cut":            {(*pgtest.Proxy).Cut, func(*pgtest.Proxy) {}},
		"silent":         {(*pgtest.Proxy).Stall, (*pgtest.Proxy).Resume},
		"cut and silent": {func(p *pgtest.Proxy) { p.Stall(); p.Cut() }, (*pgtest.Proxy).Resume},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, b, way := replicas(t)
			find := func() {
				touch.find(way)
				b.AwaitCache()
			}
			for _, r := range revocations {
				t.Run(r.name, func(t *testing.T) {
					lost := r
					lost.do = func(env *authtest.Env, c auth.Caller, login *auth.Login, token string) error {
						touch.lose(way)
						return r.do(env, c, login, token)
					}
					revoke(t, a, b, lost, trials()/10, false, find)
				})
			}
		})
	}
}

// refusedAfter asks a replica again and again, from a revocation on, until it
// refuses the token.
func refusedAfter(t *testing.T, b *authtest.Env, token string, revoked time.Time) time.Duration {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for refused := time.Duration(0); ; <-tick.C {
		began := time.Since(revoked)
		c, err := b.Resolve(context.Background(), authtest.Anyone(), token)
		switch {
		case err != nil:
			t.Errorf("Resolve() = %v", err)
			return began
		case c.Anonymous() && refused == 0:
			refused = began
		case !c.Anonymous() && refused != 0:
			t.Error("what another replica refused once it accepts again")
		}
		if began > onOthers {
			if refused == 0 {
				t.Errorf("accepted %v after it was revoked", began)
			}
			return refused
		}
	}
}

// revoke ends sessions at one replica while both keep them. It returns how late
// the other replica refused each. In a storm, one revocation does not wait for
// the check of the one before.
func revoke(t *testing.T, a, b *authtest.Env, r revocation, times int, storm bool, before func()) []time.Duration {
	t.Helper()
	logins, tokens := make([]*auth.Login, times), make([]string, times)
	for i := range times {
		address := fmt.Sprintf("ann%d@%s.example", i, strings.ToLower(strings.ReplaceAll(r.name, " ", "-")))
		logins[i] = a.Account(address)
		if r.prepare != nil {
			tokens[i] = r.prepare(t, a, address)
		}
	}
	late := make([]time.Duration, times)
	var checks sync.WaitGroup
	for i, login := range logins {
		before()
		c := a.As(login.AccessToken)
		if c.Anonymous() || b.As(login.AccessToken).Anonymous() {
			t.Fatalf("trial %d: the session is refused before it was revoked", i)
		}
		if err := r.do(a, c, login, tokens[i]); err != nil {
			t.Fatalf("trial %d: %v", i, err)
		}
		done := time.Now()
		if !a.As(login.AccessToken).Anonymous() {
			t.Errorf("trial %d: the replica that revoked a session accepts it", i)
		}
		checks.Go(func() { late[i] = refusedAfter(t, b, login.AccessToken, done) })
		if !storm {
			checks.Wait()
		}
	}
	checks.Wait()
	return late
}
