package auth_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/auditevent"
	"github.com/authgraph/authgraph/ent/outboxmessage"
	"github.com/authgraph/authgraph/ent/usertoken"
	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/store"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

func TestCleanup(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ctx := t.Context()
		ann := env.Account("ann@example.org")
		issue(t, env, ann, auth.IssueAPITokenInput{Name: "backup", Scopes: readAccount})
		requestReset(t, env, "ann@example.org")
		count := func() [4]int {
			rows := rowsIn(t, env.Store)
			return [4]int{rows[0], rows[1], rows[2], env.Store.Throttle.Query().CountX(ctx)}
		}
		live := count()
		rot(t, env, 2500)
		recorded, r := record(env)
		if err := recorded.Cleanup(ctx); err != nil {
			t.Fatalf("Cleanup() = %v", err)
		}
		if got := count(); got != live {
			t.Errorf("%v rows are left, want the live ones: %v", got, live)
		}
		batches := map[string][]int{}
		for _, s := range r.of("DELETE") {
			table := strings.Fields(s.query)[2]
			rows := strings.Count(s.query[strings.Index(s.query, " IN ("):], ",") + 1
			batches[table] = append(batches[table], rows)
			if rows > 1000 {
				t.Errorf("a transaction deletes %d rows of %s, want 1,000 at most", rows, table)
			}
		}
		for table, sizes := range batches {
			if len(sizes) != 3 {
				t.Errorf("%s was cleaned in batches of %v, want three", table, sizes)
			}
		}
		if len(batches) != 3 {
			t.Errorf("%d tables were cleaned, want 3", len(batches))
		}
		alive(t, env, "a live session", ann)
		if err := env.Cleanup(ctx); err != nil {
			t.Errorf("Cleanup() of nothing = %v", err)
		}
	})
}

// Expired rows are deleted in time, and not earlier. The audit log stays.
func TestCleanupTakesWhatIsOver(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ctx := t.Context()
		clean := func() {
			t.Helper()
			if err := env.Cleanup(ctx); err != nil {
				t.Fatalf("Cleanup() = %v", err)
			}
		}
		ann := env.Account("ann@example.org")
		token := requestReset(t, env, "ann@example.org")
		env.Clock.Turn(env.ResetTTL - time.Second)
		clean()
		if _, err := reset(env, token, newPassword); err != nil {
			t.Errorf("a token that is good until a second from now: ResetPassword() = %v", err)
		}
		unconfirmed := "bea@example.org"
		if _, err := env.SignUp(ctx, authtest.Anyone(), auth.SignUpInput{Email: &unconfirmed, Password: authtest.Password}); err != nil {
			t.Fatal(err)
		}
		env.Store.OutboxMessage.Update().SetState(outboxmessage.StateSent).SetFinishedAt(env.Clock.Now()).ExecX(ctx)
		events := rowsIn(t, env.Store)[2]
		env.Clock.Turn(7*24*time.Hour - time.Second)
		clean()
		if rows := rowsIn(t, env.Store); rows[0] != 1 || rows[1] == 0 {
			t.Errorf("after a week there are %d tokens and %d letters, want the session and all letters", rows[0], rows[1])
		}
		env.Clock.Turn(env.IdleTTL())
		clean()
		if rows := rowsIn(t, env.Store); rows != [3]int{0, 0, events} {
			t.Errorf("in the end there are %v rows, want no token, no letter and all %d events", rows, events)
		}
		if n := env.Store.Throttle.Query().CountX(ctx); n != 0 {
			t.Errorf("%d counters are left", n)
		}
		if _, err := env.Service.Account(ctx, authtest.Operator(), ann.User.ID.String()); err != nil {
			t.Errorf("Account() = %v", err)
		}
	})
}

// The audit log is deleted after the time in the operator's setting, or never.
func TestCleanupOfTheAuditLog(t *testing.T) {
	for ttl, left := range map[time.Duration]int{0: 2500, 30 * 24 * time.Hour: 1000} {
		authtest.Each(t, func(t *testing.T, env *authtest.Env) {
			now := env.Clock.Now()
			for at, n := range map[time.Time]int{now.Add(-ttl - time.Second): 1500, now.Add(-ttl + time.Second): 1000} {
				env.Store.AuditEvent.MapCreateBulk(make([]struct{}, n), func(c *ent.AuditEventCreate, _ int) {
					c.SetAt(at).SetEvent("login").SetOutcome("ok").SetActor("anonymous")
				}).SaveX(t.Context())
			}
			if err := env.Cleanup(t.Context()); err != nil {
				t.Fatal(err)
			}
			if n := env.Store.AuditEvent.Query().Where(auditevent.Event("login")).CountX(t.Context()); n != left {
				t.Errorf("kept for %v, %d of 2500 events are left, want %d", ttl, n, left)
			}
		}, func(s *auth.Settings) { s.AuditTTL = ttl })
	}
}

// Several replicas may clean up at the same moment.
func TestCleanupAtOnce(t *testing.T) {
	a, b := authtest.Replicas(t)
	rot(t, a, 2500)
	_, errs := authtest.AtOnce(4, func(i int) (any, error) {
		return nil, []*authtest.Env{a, b}[i%2].Cleanup(context.Background())
	})
	if err := errors.Join(errs...); err != nil {
		t.Errorf("Cleanup() = %v", err)
	}
	if rows := rowsIn(t, a.Store); rows[0] != 0 || rows[1] != 0 {
		t.Errorf("%d tokens and %d letters are left, want none", rows[0], rows[1])
	}
}

// A replica whose clock is ahead must not delete a session that another one
// refreshes between the read and the delete.
func TestCleanupSparesWhatCameToLife(t *testing.T) {
	a, b := authtest.Replicas(t)
	ann := a.Account("ann@example.org")
	a.Clock.Turn(a.IdleTTL() + time.Second)
	recorded, r := record(a)
	r.before = func(s statement) error {
		if strings.HasPrefix(s.query, `DELETE FROM "user_tokens"`) {
			return b.Store.UserToken.Update().Where(usertoken.ID(ann.Session.ID)).SetExpiresAt(a.Clock.Now().Add(time.Hour)).Exec(t.Context())
		}
		return nil
	}
	if err := recorded.Cleanup(t.Context()); err != nil {
		t.Fatalf("Cleanup() = %v", err)
	}
	if _, err := refresh(a, *ann.RefreshToken); err != nil {
		t.Errorf("Refresh() = %v", err)
	}
}

// How long the largest batch holds SQLite's only writer.
func BenchmarkCleanupBatch(b *testing.B) {
	env := authtest.On(b, storetest.SQLite(b))
	for b.Loop() {
		b.StopTimer()
		rot(b, env, 1000)
		b.StartTimer()
		if err := env.Cleanup(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(3*b.N), "ms/batch")
}

// rot fills each table with n expired rows.
func rot(t testing.TB, env *authtest.Env, n int) {
	t.Helper()
	ctx, s, then := t.Context(), env.Store, env.Clock.Now().Add(-30*24*time.Hour)
	tokens, throttles, letters := make([]*ent.UserTokenCreate, n), make([]*ent.ThrottleCreate, n), make([]*ent.OutboxMessageCreate, n)
	states := []outboxmessage.State{outboxmessage.StateSent, outboxmessage.StateDropped, outboxmessage.StateFailed}
	for i := range n {
		at := then.Add(time.Duration(i) * time.Second)
		digest := make([]byte, 32)
		_, _ = rand.Read(digest)
		tokens[i] = s.UserToken.Create().SetPurpose(usertoken.PurposeConfirm).SetDigest(digest).SetCreatedAt(at).SetExpiresAt(at)
		throttles[i] = s.Throttle.Create().SetID(fmt.Sprintf("old:%d", i)).SetAttempts(1).SetForgottenAt(at)
		letters[i] = s.OutboxMessage.Create().SetLetter("confirm").SetRecipient("ann@example.org").SetContent([]byte("{}")).
			SetState(states[i%len(states)]).SetDueAt(at).SetCreatedAt(at).SetFinishedAt(at)
	}
	err := s.InTx(ctx, func(tx *store.Tx) error {
		return errors.Join(
			tx.UserToken.CreateBulk(tokens...).Exec(ctx), tx.Throttle.CreateBulk(throttles...).Exec(ctx), tx.OutboxMessage.CreateBulk(letters...).Exec(ctx))
	})
	if err != nil {
		t.Fatalf("fill the tables: %v", err)
	}
}
