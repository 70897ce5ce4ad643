package auth_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
)

func TestEvents(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann, bea := env.Account("ann@example.org").User.ID, env.Account("bea@example.org").User.ID
		env.Clock.Turn(time.Hour)
		later := env.Clock.Now()
		env.LogIn("ann@example.org")
		_, _ = logIn(env, "ann@example.org", "wrong")
		env.Clock.Turn(time.Hour)
		last := env.Clock.Now()
		env.LogIn("bea@example.org")

		for _, test := range []struct {
			name   string
			filter auth.EventFilter
			want   []string // latest first
		}{
			{"of an account", auth.EventFilter{User: ann}, []string{"login INVALID_CREDENTIALS", "login ok", "confirm ok"}},
			{"of another", auth.EventFilter{User: bea}, []string{"login ok", "confirm ok"}},
			{"of nobody", auth.EventFilter{User: uuid.New()}, nil},
			{"by name", auth.EventFilter{Event: "login"}, []string{"login ok", "login INVALID_CREDENTIALS", "login ok"}},
			{"by outcome", auth.EventFilter{Outcome: "INVALID_CREDENTIALS"}, []string{"login INVALID_CREDENTIALS"}},
			{"from an instant on", auth.EventFilter{Since: later}, []string{"login ok", "login INVALID_CREDENTIALS", "login ok"}},
			{"from after it on", auth.EventFilter{Since: later.Add(time.Microsecond)}, []string{"login ok"}},
			{"in another zone", auth.EventFilter{Since: last.In(time.FixedZone("", 7200))}, []string{"login ok"}},
			{"before an instant", auth.EventFilter{Event: "login", Until: last}, []string{"login INVALID_CREDENTIALS", "login ok"}},
			{"up to after it", auth.EventFilter{Event: "login", Until: last.Add(time.Microsecond)}, []string{"login ok", "login INVALID_CREDENTIALS", "login ok"}},
			{"the latest", auth.EventFilter{Limit: 2}, []string{"login ok", "login INVALID_CREDENTIALS"}},
			{"all at once", auth.EventFilter{User: ann, Event: "login", Outcome: "ok", Since: later, Until: last, Limit: 1}, []string{"login ok"}},
		} {
			events, err := env.Events(t.Context(), test.filter)
			if err != nil {
				t.Fatalf("%s: Events() = %v", test.name, err)
			}
			var got []string
			for _, e := range events {
				got = append(got, e.Event+" "+e.Outcome)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("%s: %q, want %q", test.name, got, test.want)
			}
			if !slices.IsSortedFunc(events, func(a, b *ent.AuditEvent) int { return b.At.Compare(a.At) }) {
				t.Errorf("%s: they are not sorted, the latest first", test.name)
			}
		}
		for range 110 {
			_, _ = logIn(env, "bea@example.org", "wrong")
		}
		if events, err := env.Events(t.Context(), auth.EventFilter{}); err != nil || len(events) != 100 {
			t.Errorf("without a limit: %d events, %v, want 100", len(events), err)
		}
	})
}

// Attempts with invalid tokens are recorded.
func TestBadMailedTokensAreRecorded(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		recorded := env.Recorded(uuid.Nil, func() {
			_, err := confirm(env, "junk", authtest.Password)
			authtest.Refused(t, "Confirm()", err, auth.InvalidToken, "token")
			_, err = reset(env, "junk", newPassword)
			authtest.Refused(t, "ResetPassword()", err, auth.InvalidToken, "token")
		})
		if want := []string{"confirm INVALID_TOKEN anonymous", "reset_password INVALID_TOKEN anonymous"}; !slices.Equal(recorded, want) {
			t.Errorf("recorded %q, want %q", recorded, want)
		}
	})
}
