package authtest

import (
	"context"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/secret"
	"github.com/authgraph/authgraph/internal/store"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

// cacheVariable, if set, has every Env keep callers in memory, so that the
// whole suite can show that nobody sees more than the database would say.
const cacheVariable = "AUTHGRAPH_TEST_CACHE"

func keepCallers(o *auth.Options) { o.CacheCallers = os.Getenv(cacheVariable) != "" }

// Uncached is On for a test that counts statements or says itself what is
// cached: neither this Env nor a Process of it keeps callers in memory, or does
// anything in the background, unless it is Cached.
func Uncached(t testing.TB, s *store.Store, adjust ...func(*auth.Settings)) *Env {
	t.Helper()
	env := on(t, s, adjust)
	env.uncached = true
	return env
}

// Cached has a Process keep callers in memory, and hear of changes by others.
func Cached(o *auth.Options) { o.CacheCallers = true }

// Process makes another Service on the Env's database, as a process that was
// started with other options. One that is Cached runs until the test ends.
func (e *Env) Process(s *store.Store, change ...func(*auth.Options)) *Env {
	e.t.Helper()
	env, err := e.TryProcess(s, change...)
	if err != nil {
		e.t.Fatalf("make a service: %v", err)
	}
	return env
}

// TryProcess is Process for one that may refuse to start.
func (e *Env) TryProcess(s *store.Store, change ...func(*auth.Options)) (*Env, error) {
	e.t.Helper()
	all := change
	if s != e.Store && !e.uncached { // a Store tells one Service alone what changed
		all = append([]func(*auth.Options){keepCallers}, change...)
	}
	if e.At != nil {
		all = append([]func(*auth.Options){func(o *auth.Options) { o.Providers = ProviderSet(o, e.providers) }}, all...)
	}
	env, err := tryEnv(e.t, s, e.secret, e.Clock, all...)
	if err != nil {
		return nil, err
	}
	env.uncached, env.At, env.providers = e.uncached, e.At, e.providers
	return env, nil
}

// SecretOf has a Process use a secret, and ones before it.
func SecretOf(root *secret.Root) func(*auth.Options) {
	return func(o *auth.Options) { o.Secret = root }
}

// run has the Service do what it does beside the operations, until the test
// ends, and waits until it keeps callers.
func (e *Env) run() {
	e.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { e.Run(ctx) })
	e.t.Cleanup(func() {
		cancel()
		running.Wait()
	})
	e.AwaitCache()
}

// AwaitCache waits until the Service keeps callers in memory.
func (e *Env) AwaitCache() {
	e.t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for began := time.Now(); !e.KeepsCallers(); <-tick.C {
		if time.Since(began) > storetest.Patience {
			e.t.Fatal("the service does not begin to keep callers")
		}
	}
}
