package auth_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
)

var readAccount = []string{auth.ScopeAccountRead}

func TestIssueAPIToken(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann := env.Account("ann@example.org")
		var issued *auth.IssuedAPIToken
		var letters []authtest.Letter
		recorded := env.Recorded(ann.User.ID, func() {
			letters = env.Caused(func() {
				issued = issue(t, env, ann, auth.IssueAPITokenInput{
					Name: " nightly backup ", Scopes: []string{"orders:write", auth.ScopeAccountRead, "orders:write"}, ExpiresInDays: ptr(30),
				})
			})
		})
		notices(t, "IssueAPIToken()", letters, "api_token_issued to ann@example.org")
		ends := env.Clock.Now().Add(30 * 24 * time.Hour)
		if l := letters[0].Content; l.TokenName != "nightly backup" || !l.ExpiresAt.Equal(ends) {
			t.Errorf("the notice tells %+v, want the name and the end", l)
		}
		if want := []string{"api_token_issue ok session"}; !slices.Equal(recorded, want) {
			t.Errorf("recorded %q, want %q", recorded, want)
		}
		if !regexp.MustCompile(`^agt_[0-9A-Za-z]{49}$`).MatchString(issued.Secret) {
			t.Error("the secret has another form")
		}
		got := issued.Token
		if got.Name != "nightly backup" || !strings.HasPrefix(issued.Secret, got.Hint) || len(got.Hint) != len("agt_")+4 ||
			!slices.Equal(got.Scopes, []string{"account:read", "orders:write"}) || got.LastUsedAt != nil {
			t.Errorf("IssueAPIToken() = %+v, want it as asked for", got)
		}
		if !got.CreatedAt.Equal(env.Clock.Now()) || !got.ExpiresAt.Equal(ends) {
			t.Errorf("it lives from %v to %v, want now to %v", got.CreatedAt, got.ExpiresAt, ends)
		}
		c := env.As(issued.Secret)
		if !c.IsAPIToken() || c.TokenID != got.ID || c.User.ID != ann.User.ID || c.SessionID != uuid.Nil || !slices.Equal(c.Scopes, got.Scopes) {
			t.Errorf("the secret resolves to %+v, want this token", c)
		}
		if !c.Has("orders:write") || c.Has(auth.ScopeTokensRead) || c.Has("") || !env.As(ann.AccessToken).Has(auth.ScopeTokensRead) {
			t.Error("an API token has its own scopes alone; a session has all")
		}
	})
}

func TestIssueAPITokenDefaultsAndRefusals(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann := env.Account("ann@example.org")
		for _, days := range []*int{nil, ptr(365)} {
			issued := issue(t, env, ann, auth.IssueAPITokenInput{Name: "a", Scopes: readAccount, ExpiresInDays: days})
			if want := env.Clock.Now().Add(env.APITokenTTL); !issued.Token.ExpiresAt.Equal(want) {
				t.Errorf("it ends at %v, want %v", issued.Token.ExpiresAt, want)
			}
		}
		c := env.As(ann.AccessToken)
		before := rowsIn(t, env.Store)
		for _, test := range []struct {
			what, field string
			in          auth.IssueAPITokenInput
			code        auth.Code
		}{
			{"no name", "name", auth.IssueAPITokenInput{Name: " ", Scopes: readAccount}, auth.Required},
			{"a long name", "name", auth.IssueAPITokenInput{Name: strings.Repeat("é", 65), Scopes: readAccount}, auth.TooLong},
			{"two lines", "name", auth.IssueAPITokenInput{Name: "a\nb", Scopes: readAccount}, auth.Invalid},
			{"no scopes", "scopes", auth.IssueAPITokenInput{Name: "a"}, auth.Required},
			{"an unknown scope", "scopes", auth.IssueAPITokenInput{Name: "a", Scopes: []string{auth.ScopeAccountRead, "admin"}}, auth.InvalidScope},
			{"a session's scope", "scopes", auth.IssueAPITokenInput{Name: "a", Scopes: []string{"session"}}, auth.InvalidScope},
			{"two scopes in one", "scopes", auth.IssueAPITokenInput{Name: "a", Scopes: []string{"account:read orders:write"}}, auth.InvalidScope},
			{"no days", "expiresInDays", auth.IssueAPITokenInput{Name: "a", Scopes: readAccount, ExpiresInDays: ptr(0)}, auth.Invalid},
			{"days back", "expiresInDays", auth.IssueAPITokenInput{Name: "a", Scopes: readAccount, ExpiresInDays: ptr(-1)}, auth.Invalid},
			{"too many days", "expiresInDays", auth.IssueAPITokenInput{Name: "a", Scopes: readAccount, ExpiresInDays: ptr(366)}, auth.Invalid},
			{"absurdly many days", "expiresInDays", auth.IssueAPITokenInput{Name: "a", Scopes: readAccount, ExpiresInDays: ptr(1 << 40)}, auth.Invalid},
		} {
			_, err := env.IssueAPIToken(t.Context(), c, test.in)
			authtest.Refused(t, "IssueAPIToken() with "+test.what, err, test.code, test.field)
		}
		_, err := env.IssueAPIToken(t.Context(), c, auth.IssueAPITokenInput{ExpiresInDays: ptr(0)})
		if all := (auth.Errors)(nil); !errors.As(err, &all) || len(all) != 3 {
			t.Errorf("IssueAPIToken() with all wrong = %v, want three refusals at once", err)
		}
		api := issue(t, env, ann, auth.IssueAPITokenInput{Name: "all", Scopes: env.APITokenScopes()})
		_, err = env.IssueAPIToken(t.Context(), env.As(api.Secret), auth.IssueAPITokenInput{Name: "a", Scopes: readAccount})
		authtest.Refused(t, "IssueAPIToken() by an API token", err, auth.Unauthenticated)
		if after := rowsIn(t, env.Store); after != [3]int{before[0] + 1, before[1] + 1, before[2] + 1} {
			t.Errorf("refusals write: %v rows, before %v", after, before)
		}
	})
}

// At most 50, also when many are issued at once.
func TestAtMostFiftyAPITokens(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann, bea := env.Account("ann@example.org"), env.Account("bea@example.org")
		c := env.As(ann.AccessToken)
		_, errs := authtest.AtOnce(60, func(i int) (*auth.IssuedAPIToken, error) {
			return env.IssueAPIToken(context.Background(), c, auth.IssueAPITokenInput{Name: fmt.Sprint(i), Scopes: readAccount, ExpiresInDays: ptr(1)})
		})
		refused := 0
		for _, err := range errs {
			if err != nil {
				refused++
				authtest.Refused(t, "IssueAPIToken() beyond the limit", err, auth.LimitReached)
			}
		}
		if n := len(apiTokens(t, env, ann)); refused != 10 || n != 50 {
			t.Errorf("%d were refused and there are %d, want 10 and 50", refused, n)
		}
		issue(t, env, bea, auth.IssueAPITokenInput{Name: "another account's", Scopes: readAccount})
		if _, err := env.RevokeAPIToken(t.Context(), c, auth.RevokeAPITokenInput{ID: apiTokens(t, env, ann)[0].ID.String()}); err != nil {
			t.Fatalf("RevokeAPIToken() = %v", err)
		}
		issue(t, env, ann, auth.IssueAPITokenInput{Name: "in its place", Scopes: readAccount})
		env.Clock.Turn(24 * time.Hour)
		issue(t, env, env.LogIn("ann@example.org"), auth.IssueAPITokenInput{Name: "expired ones take no place", Scopes: readAccount})
	})
}

func TestAPITokens(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann, bea := env.Account("ann@example.org"), env.Account("bea@example.org")
		first := issue(t, env, ann, auth.IssueAPITokenInput{Name: "first", Scopes: readAccount, ExpiresInDays: ptr(1)})
		second := issue(t, env, ann, auth.IssueAPITokenInput{Name: "second", Scopes: readAccount})
		issue(t, env, bea, auth.IssueAPITokenInput{Name: "another's", Scopes: readAccount})
		got := apiTokens(t, env, ann)
		if len(got) != 2 || got[0].ID != second.Token.ID || got[1].ID != first.Token.ID {
			t.Fatalf("APITokens() = %v, want ann's two, newest first", got)
		}
		if got[0].Name != "second" || got[0].Hint != second.Token.Hint || !slices.Equal(got[0].Scopes, readAccount) || got[0].CreatedAt.Location() != time.UTC {
			t.Errorf("APITokens() lists %+v, want it as issued", got[0])
		}
		env.Clock.Turn(24 * time.Hour)
		if got := apiTokens(t, env, ann); len(got) != 1 || got[0].ID != second.Token.ID {
			t.Errorf("APITokens() = %v, want no expired ones", got)
		}
	})
}

func TestRevokeAPIToken(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann, bea := env.Account("ann@example.org"), env.Account("bea@example.org")
		kept, gone := issue(t, env, ann, auth.IssueAPITokenInput{Name: "kept", Scopes: readAccount}), issue(t, env, ann, auth.IssueAPITokenInput{Name: "gone", Scopes: readAccount})
		expired := issue(t, env, ann, auth.IssueAPITokenInput{Name: "expired", Scopes: readAccount, ExpiresInDays: ptr(1)})
		beas := issue(t, env, bea, auth.IssueAPITokenInput{Name: "another's", Scopes: readAccount})
		env.Clock.Turn(24 * time.Hour)
		ann = env.LogIn("ann@example.org")
		revoke := func(id string) (*auth.APIToken, error) {
			return env.RevokeAPIToken(t.Context(), env.As(ann.AccessToken), auth.RevokeAPITokenInput{ID: id})
		}
		var letters []authtest.Letter
		recorded := env.Recorded(ann.User.ID, func() {
			letters = env.Caused(func() {
				if got, err := revoke(gone.Token.ID.String()); err != nil || got.ID != gone.Token.ID || got.Name != "gone" {
					t.Errorf("RevokeAPIToken() = %v, %v, want the token as it was", got, err)
				}
				for what, id := range map[string]string{
					"it again": gone.Token.ID.String(), "another's": beas.Token.ID.String(), "an expired one": expired.Token.ID.String(),
					"an unknown one": uuid.NewString(), "a session": ann.Session.ID.String(), "no id": "", "junk": "junk",
				} {
					_, err := revoke(id)
					authtest.Refused(t, "RevokeAPIToken() of "+what, err, auth.NotFound, "id")
				}
			})
		})
		notices(t, "RevokeAPIToken()", letters, "api_token_revoked to ann@example.org")
		if letters[0].Content.TokenName != "gone" {
			t.Errorf("the notice names %q", letters[0].Content.TokenName)
		}
		if want := []string{"api_token_revoke ok session"}; !slices.Equal(recorded, want) {
			t.Errorf("recorded %q, want %q", recorded, want)
		}
		for what, test := range map[string]struct{ secret, refused string }{
			"the revoked one": {gone.Secret, "INVALID"}, "the expired one": {expired.Secret, "EXPIRED"},
			"the other": {kept.Secret, ""}, "another's": {beas.Secret, ""},
		} {
			if c := env.As(test.secret); string(c.Refused) != test.refused {
				t.Errorf("%s is %q, want %q", what, c.Refused, test.refused)
			}
		}
		alive(t, env, "the session", ann)
	})
}

// The secret is in the answer of IssueAPIToken and nowhere else.
func TestAPITokenSecretIsNotStored(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann := env.Account("ann@example.org")
		issued := issue(t, env, ann, auth.IssueAPITokenInput{Name: "backup", Scopes: readAccount})
		body := issued.Secret[len(issued.Token.Hint):]
		var stored []string
		for _, row := range env.Store.UserToken.Query().AllX(t.Context()) {
			stored = append(stored, row.String(), string(row.Digest))
		}
		for _, row := range env.Store.OutboxMessage.Query().AllX(t.Context()) {
			stored = append(stored, row.String(), string(row.Content))
		}
		for _, row := range env.Store.AuditEvent.Query().AllX(t.Context()) {
			stored = append(stored, row.String())
		}
		for _, text := range append(stored, fmt.Sprint(apiTokens(t, env, ann))) {
			if strings.Contains(text, body) {
				t.Errorf("the secret is in %d bytes that were stored", len(text))
			}
		}
	})
}
