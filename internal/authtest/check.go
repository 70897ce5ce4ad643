package authtest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/secret"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

// Refused checks that err is one refusal with this code, at this path of the
// input; without a path, at no single field.
func Refused(t testing.TB, what string, err error, code auth.Code, field ...string) {
	t.Helper()
	var all auth.Errors
	if one := (*auth.Error)(nil); !errors.As(err, &all) && errors.As(err, &one) {
		all = auth.Errors{one}
	}
	if len(all) != 1 || all[0].Code != code || !slices.Equal(all[0].Field, field) {
		t.Errorf("%s = %v, want %s at %q alone", what, err, code, strings.Join(field, "."))
	}
}

// Trail lists what was recorded about a user, oldest first, each as
// "event outcome actor".
func (e *Env) Trail(user uuid.UUID) []string {
	e.t.Helper()
	events, err := e.Events(context.Background(), auth.EventFilter{User: user, Limit: 1000})
	if err != nil {
		e.t.Fatalf("Events() = %v", err)
	}
	slices.Reverse(events)
	trail := make([]string, len(events))
	for i, event := range events {
		trail[i] = event.Event + " " + event.Outcome + " " + event.Actor
	}
	return trail
}

// Recorded lists what do adds to the Trail of a user.
func (e *Env) Recorded(user uuid.UUID, do func()) []string {
	e.t.Helper()
	before := len(e.Trail(user))
	do()
	return e.Trail(user)[before:]
}

// Caused lists the letters that do causes, oldest first, without those that
// go nowhere.
func (e *Env) Caused(do func()) []Letter {
	e.t.Helper()
	before := len(e.Letters(""))
	do()
	return e.Letters("")[before:]
}

// Flush writes what a process writes when it ends: the last uses.
func (e *Env) Flush() {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	e.Run(ctx)
}

// Secret is what the Env's tokens are made with, for tests in which it leaked.
func (e *Env) Secret() *secret.Root { return e.secret }

// Replicas makes two Services on one fresh PostgreSQL, as two processes.
func Replicas(t testing.TB, adjust ...func(*auth.Settings)) (a, b *Env) {
	t.Helper()
	url := storetest.PostgresURL(t)
	a = On(t, storetest.Open(t, url), adjust...)
	return a, a.Replica(storetest.Open(t, url), adjust...)
}

// AtOnce calls do n times side by side, all let go at the same moment, and
// returns what each answered.
func AtOnce[T any](n int, do func(i int) (T, error)) ([]T, []error) {
	answers, errs := make([]T, n), make([]error, n)
	barrier := make(chan struct{})
	var ready, done sync.WaitGroup
	ready.Add(n)
	for i := range n {
		done.Go(func() {
			ready.Done()
			<-barrier
			answers[i], errs[i] = do(i)
		})
	}
	ready.Wait()
	close(barrier)
	done.Wait()
	return answers, errs
}
