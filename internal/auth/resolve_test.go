package auth_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent/usertoken"
	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/secret"
	"github.com/authgraph/authgraph/internal/store"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

func TestResolve(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann := env.Account("ann@example.org")
		asked := authtest.Stranger("198.51.100.9")
		asked.RequestID = "r-1"
		c, err := env.Resolve(t.Context(), asked, ann.AccessToken)
		if err != nil || c.User.ID != ann.User.ID || c.SessionID != ann.Session.ID || c.IsAPIToken() || c.Refused != "" {
			t.Errorf("Resolve() = %+v, %v, want ann's session", c, err)
		}
		if c.IP != asked.IP || c.UserAgent != asked.UserAgent || c.RequestID != asked.RequestID || c.Browser != asked.Browser {
			t.Errorf("Resolve() = %+v, want where it came from kept", c)
		}
		if !c.AuthenticatedAt.Equal(env.Clock.Now()) {
			t.Errorf("AuthenticatedAt = %v, want now", c.AuthenticatedAt)
		}
		if u, err := env.Me(c); err != nil || u.ID != ann.User.ID {
			t.Errorf("Me() = %v, %v, want ann", u, err)
		}
		if u, err := env.Me(authtest.Anyone()); err != nil || u != nil {
			t.Errorf("Me() of nobody = %v, %v, want nobody", u, err)
		}
	})
}

func TestResolveRefuses(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann := env.Account("ann@example.org")
		foreign := authtest.On(t, storetest.SQLite(t)).Account("ann@example.org")
		unknown, _, _ := secret.MintAPI()
		parts := strings.Split(ann.AccessToken, ".")
		last := "A"
		if strings.HasSuffix(unknown, "A") {
			last = "B"
		}
		for what, bearer := range map[string]string{
			"nothing": "", "junk": "junk", "another server's": foreign.AccessToken, "a cut signature": ann.AccessToken[:len(ann.AccessToken)-3],
			"no signature": parts[0] + "." + parts[1] + ".", "a space": " " + ann.AccessToken, "the id": ann.User.ID.String(),
			"an unknown API token": unknown, "an API token with a typo": unknown[:len(unknown)-1] + last, "a prefix": "agt_",
		} {
			c := env.As(bearer)
			if c.Refused != auth.ReasonInvalid || !c.Anonymous() {
				t.Errorf("%s resolves to %v, %q, want INVALID", what, c.User, c.Refused)
			}
			_, err := env.Me(c)
			authtest.Refused(t, "Me() with "+what, err, auth.Unauthenticated)
		}

		env.Clock.Turn(env.AccessTTL - time.Microsecond)
		if c := env.As(ann.AccessToken); c.Anonymous() {
			t.Errorf("before its end: %q", c.Refused)
		}
		env.Clock.Turn(time.Microsecond)
		if c := env.As(ann.AccessToken); c.Refused != auth.ReasonExpired {
			t.Errorf("at its end: %q, want EXPIRED, without leeway", c.Refused)
		}
	})
}

func TestResolveAPIToken(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann := env.Account("ann@example.org")
		token := issue(t, env, ann, auth.IssueAPITokenInput{Name: "backup", Scopes: readAccount, ExpiresInDays: ptr(1)})
		exchanged, err := env.Exchange(t.Context(), env.As(token.Secret), token.Secret)
		if err != nil {
			t.Fatal(err)
		}
		for what, bearer := range map[string]string{"the secret": token.Secret, "an access token made of it": exchanged.Token} {
			c := env.As(bearer)
			if !c.IsAPIToken() || c.TokenID != token.Token.ID || c.SessionID != uuid.Nil || !c.Has(auth.ScopeAccountRead) || c.Has(auth.ScopeSessionsRead) {
				t.Errorf("%s resolves to %+v, want the API token and its scopes", what, c)
			}
		}
		env.Clock.Turn(24*time.Hour - time.Microsecond)
		if c := env.As(token.Secret); c.Anonymous() {
			t.Errorf("just before its end: %q", c.Refused)
		}
		env.Clock.Turn(time.Microsecond)
		if c := env.As(token.Secret); c.Refused != auth.ReasonExpired {
			t.Errorf("at its end: %q, want EXPIRED", c.Refused)
		}
	})
}

// The row of a token must belong to the subject and be of the kind that the
// access token names.
func TestResolveChecksTheSubject(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		env = plain(env)
		ann, bea := env.Account("ann@example.org"), env.Account("bea@example.org")
		row := env.Store.UserToken.GetX(t.Context(), ann.Session.ID)
		env.Store.UserToken.DeleteOneID(row.ID).ExecX(t.Context())
		create := func(purpose usertoken.Purpose, user uuid.UUID) {
			env.Store.UserToken.Create().SetID(row.ID).SetPurpose(purpose).SetUserID(user).SetDigest(row.Digest).
				SetCreatedAt(row.CreatedAt).SetExpiresAt(row.ExpiresAt).SetScope(auth.ScopeAccountRead).ExecX(t.Context())
		}
		create(usertoken.PurposeSession, bea.User.ID)
		if c := env.As(ann.AccessToken); c.Refused != auth.ReasonRevoked {
			t.Errorf("another's session resolves to %v, %q", c.User, c.Refused)
		}
		env.Store.UserToken.DeleteOneID(row.ID).ExecX(t.Context())
		create(usertoken.PurposeAPI, ann.User.ID)
		if c := env.As(ann.AccessToken); c.Refused != auth.ReasonRevoked {
			t.Errorf("an API token's row resolves as a session to %v, %q", c.User, c.Refused)
		}
	})
}

// A database that does not answer is a fault, never an anonymous caller. A text
// that cannot be a token is refused without the database.
func TestResolveWithoutDatabase(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		env := plain(authtest.On(t, s))
		ann := env.Account("ann@example.org")
		good := issue(t, env, ann, auth.IssueAPITokenInput{Name: "backup", Scopes: readAccount}).Secret
		unused := env.LogIn("ann@example.org") // nothing of it is kept in memory yet
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		for what, bearer := range map[string]string{"an access token": unused.AccessToken, "an API token": good} {
			if c, err := env.Resolve(gone, authtest.Anyone(), bearer); err == nil || !c.Anonymous() || c.Refused != "" {
				t.Errorf("Resolve() of %s = %+v, %v, want a fault", what, c, err)
			}
		}
		for i := range good {
			typo := good[:i] + string(otherDigit(good[i])) + good[i+1:]
			if c, err := env.Resolve(gone, authtest.Anyone(), typo); err != nil || c.Refused != auth.ReasonInvalid {
				t.Errorf("with character %d wrong: Resolve() = %q, %v, want INVALID without asking the database", i, c.Refused, err)
			}
		}
	})
}

func otherDigit(c byte) rune {
	if c == 'x' {
		return 'y'
	}
	return 'x'
}
