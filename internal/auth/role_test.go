package auth_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
)

// said is what an access token says. Its signature is not looked at.
func said(t testing.TB, token string) jwt.MapClaims {
	t.Helper()
	claims := jwt.MapClaims{}
	if _, _, err := jwt.NewParser().ParseUnverified(token, claims); err != nil {
		t.Fatalf("read an access token: %v", err)
	}
	return claims
}

// rolesIn are the roles that an access token has.
func rolesIn(t testing.TB, token string) string {
	t.Helper()
	list, _ := said(t, token)["roles"].([]any)
	names := make([]string, len(list))
	for i := range list {
		names[i], _ = list[i].(string)
	}
	return strings.Join(names, " ")
}

func roles(names ...string) func(*auth.Settings) {
	return func(s *auth.Settings) {
		for _, name := range names {
			s.Roles = append(s.Roles, auth.Role{Name: name})
		}
	}
}

func TestSetRoles(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann := env.Account("ann@example.org")
		set := func(want string, given ...string) {
			t.Helper()
			got, err := env.SetRoles(t.Context(), authtest.Operator(), ann.User.ID, given)
			if err != nil || strings.Join(got, " ") != want {
				t.Errorf("SetRoles(%v) = %v, %v; want %s", given, got, err, want)
			}
			if got := strings.Join(env.RolesOf(env.As(ann.AccessToken).User), " "); got != want {
				t.Errorf("after SetRoles(%v) the caller is %s, want %s", given, got, want)
			}
			if got := rolesIn(t, refreshed(t, env, ann).AccessToken); got != want {
				t.Errorf("after SetRoles(%v) a token has %q, want %s", given, got, want)
			}
			ann = env.LogIn("ann@example.org")
		}
		trail := env.Recorded(ann.User.ID, func() {
			set("user")
			set("user editor admin", "admin", "editor", "admin")
			set("user editor admin", "editor", "admin", "user") // the same, and nothing is recorded
			set("user editor", "editor")
			set("user", "user")
		})
		changes := slices.DeleteFunc(trail, func(s string) bool { return s != "roles_change ok operator" })
		if len(changes) != 3 {
			t.Errorf("%d changes are recorded, want 3: %v", len(changes), trail)
		}
		_, err := env.SetRoles(t.Context(), authtest.Operator(), ann.User.ID, []string{"owner"})
		authtest.Refused(t, "SetRoles() of one that is not listed", err, auth.Invalid, "roles")
		_, err = env.SetRoles(t.Context(), env.As(ann.AccessToken), ann.User.ID, []string{"admin"})
		authtest.Refused(t, "SetRoles() by the account itself", err, auth.Forbidden)
	}, roles("user", "editor", "admin"))
}

// A list that has become shorter takes roles away. They come back with it.
func TestUnlistedRolesDoNotCount(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann := env.Account("ann@example.org")
		if _, err := env.SetRoles(t.Context(), authtest.Operator(), ann.User.ID, []string{"admin"}); err != nil {
			t.Fatal(err)
		}
		shorter := env.Process(env.Store, func(o *auth.Options) { roles("user", "editor")(&o.Settings) })
		login := shorter.LogIn("ann@example.org")
		if got := rolesIn(t, login.AccessToken); got != "user" {
			t.Errorf("a token has %q, want user alone", got)
		}
	}, roles("user", "editor", "admin"))
}

// Only the token of a whole session has roles. Hasura, for one, knows roles and
// no scope: it would take any other token for its owner.
func TestWhichTokensHaveRoles(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann := env.Account("ann@example.org")
		if _, err := env.SetRoles(t.Context(), authtest.Operator(), ann.User.ID, []string{"admin"}); err != nil {
			t.Fatal(err)
		}
		issued := issue(t, env, ann, auth.IssueAPITokenInput{Name: "x", Scopes: []string{auth.ScopeAccountRead}})
		made, err := env.Exchange(t.Context(), env.As(issued.Secret), issued.Secret)
		if err != nil {
			t.Fatal(err)
		}
		if got, has := said(t, made.Token)["roles"]; has {
			t.Errorf("a token made from an API token has the roles %v", got)
		}
		limited := env.Process(env.Store, func(o *auth.Options) {
			roles("user", "admin")(&o.Settings)
			o.Settings.SecondFactor = auth.SecondFactorRequired
		}).LogIn("ann@example.org")
		if got, has := said(t, limited.AccessToken)["roles"]; has || !limited.Limited {
			t.Errorf("a limited session's token has the roles %v", got)
		}
	}, roles("user", "admin"))
}
