package seed

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent/auditevent"
	"github.com/authgraph/authgraph/ent/user"
	"github.com/authgraph/authgraph/ent/usertoken"
	"github.com/authgraph/authgraph/internal/password"
	"github.com/authgraph/authgraph/internal/pgtest"
	"github.com/authgraph/authgraph/internal/secret"
	"github.com/authgraph/authgraph/internal/store"
)

func TestFill(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) { testFill(t, "sqlite:"+filepath.Join(t.TempDir(), "a.db")) })
	t.Run("PostgreSQL", func(t *testing.T) { testFill(t, pgtest.Server(t).CreateDatabase(t)) })
}

func testFill(t *testing.T, url string) {
	ctx := t.Context()
	key := secret.Generate()
	told := 0
	o := Options{URL: url, Accounts: 25, Events: 2, Sample: 5, Secret: key, Report: func(n int) { told = n }}
	sample, err := Fill(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	if len(sample) != 5 || told != 25 {
		t.Fatalf("%d sessions in the sample, %d accounts reported", len(sample), told)
	}
	s, err := store.Open(ctx, store.Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	root, err := secret.New(key)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range sample {
		checkSession(t, ctx, s, root, one)
	}
	if _, err := Fill(ctx, o); err != nil {
		t.Errorf("filled twice: %v", err)
	}
	if n := s.User.Query().CountX(ctx); n != 50 {
		t.Errorf("%d accounts after twice 25", n)
	}
	if n := s.AuditEvent.Query().CountX(ctx); n != 100 {
		t.Errorf("%d events, want two of each account", n)
	}
	if n := s.AuditEvent.Query().Where(auditevent.AtGT(time.Now())).CountX(ctx); n != 0 {
		t.Errorf("%d events are yet to come", n)
	}
}

// checkSession looks whether a session is one that a login could have made.
func checkSession(t *testing.T, ctx context.Context, s *store.Store, root *secret.Root, one Session) {
	t.Helper()
	refresh, ok := root.ParseRefresh(one.Refresh)
	if !ok {
		t.Fatalf("%s has no refresh token of ours", one.Email)
	}
	row, err := s.UserToken.Query().Where(usertoken.Digest(refresh.Digest()), usertoken.ExpiresAtGT(time.Now())).WithUser().Only(ctx)
	if err != nil {
		t.Fatalf("the session of %s: %v", one.Email, err)
	}
	u := row.Edges.User
	if row.ID != refresh.SessionID || row.Generation != refresh.Generation || *u.Email != one.Email {
		t.Errorf("the session of %s is another one: %v of %s", one.Email, row.ID, *u.Email)
	}
	if age := time.Since(u.CreatedAt); age < 0 || age > week+time.Minute {
		t.Errorf("%s was made %v ago", one.Email, age)
	}
	if sec, _ := row.ID.Time().UnixTime(); row.ID.Version() != 7 || sec != row.CreatedAt.Unix() {
		t.Errorf("id %s of a session from %v", row.ID, row.CreatedAt)
	}
	hasher, err := password.New(password.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if good, rehash, err := hasher.Verify(ctx, Password, *u.PasswordHash); !good || rehash || err != nil {
		t.Errorf("the password of %s: %t, replaced %t, %v", one.Email, good, rehash, err)
	}
	if got := s.User.Query().Where(user.EmailKey(one.Email)).OnlyIDX(ctx); got == uuid.Nil || got != u.ID {
		t.Errorf("%s is %v, want %v", one.Email, got, u.ID)
	}
}
