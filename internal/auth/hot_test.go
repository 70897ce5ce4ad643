package auth_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent/usertoken"
	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/secret"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

// TestARefreshTouchesNoIndex: each refresh writes a row with many columns and
// five indexes. PostgreSQL leaves the indexes alone (HOT) if no indexed column
// changes and the page has room for the new version of the row. A transaction
// that writes in any database of the server, such as the end of another test,
// keeps old versions from being cleared meanwhile, so one good round is enough.
func TestARefreshTouchesNoIndex(t *testing.T) {
	const sessions, rounds, attempts = 200, 3, 5
	env := authtest.On(t, storetest.Postgres(t))
	ann := env.Account("ann@example.org")
	tokens := make([]string, sessions)
	now := env.Clock.Now()
	for i := range tokens {
		refresh := secret.NewRefresh(uuid.Must(uuid.NewV7()))
		env.Store.UserToken.Create().SetID(refresh.SessionID).SetPurpose(usertoken.PurposeSession).
			SetUserID(ann.User.ID).SetDigest(refresh.Digest()).SetUserAgent("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36").
			SetCreatedAt(now).SetRotatedAt(now).SetLastUsedAt(now).SetAuthenticatedAt(now).
			SetExpiresAt(now.Add(time.Hour)).SetEndsAt(now.AddDate(1, 0, 0)).SaveX(t.Context())
		tokens[i] = env.Secret().FormatRefresh(refresh)
	}
	updated := func() (all, hot int) {
		t.Helper()
		env.Store.Writer().SetMaxIdleConns(0) // a server process reports its statistics when it ends
		err := env.Store.Writer().QueryRowContext(t.Context(), "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = 'user_tokens'").Scan(&all, &hot)
		if err != nil {
			t.Fatal(err)
		}
		env.Store.Writer().SetMaxIdleConns(storetest.Conns)
		return all, hot
	}
	refreshAll := func() {
		t.Helper()
		for i, token := range tokens {
			login, err := env.Refresh(t.Context(), authtest.Anyone(), auth.RefreshInput{RefreshToken: &token})
			if err != nil {
				t.Fatal(err)
			}
			tokens[i] = *login.RefreshToken
		}
	}
	refreshAll()
	for range attempts {
		allBefore, hotBefore := updated()
		for range rounds {
			env.Clock.Turn(time.Minute)
			refreshAll()
		}
		all, hot := updated()
		all, hot = all-allBefore, hot-hotBefore
		if all >= sessions*rounds && hot >= all*95/100 {
			return
		}
		t.Logf("%d of %d updates touch no index", hot, all)
	}
	t.Errorf("in none of %d attempts did nineteen of twenty updates leave the indexes alone", attempts)
}
