package auth_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/mail"
)

// alive checks that a login's tokens are accepted. It returns the result of its
// refresh.
func alive(t testing.TB, env *authtest.Env, what string, login *auth.Login) *auth.Login {
	t.Helper()
	if c := env.As(login.AccessToken); c.Anonymous() {
		t.Errorf("%s: the access token is refused: %s", what, c.Refused)
	}
	next, err := refresh(env, *login.RefreshToken)
	if err != nil {
		t.Errorf("%s: Refresh() = %v", what, err)
	}
	return next
}

func apiTokens(t testing.TB, env *authtest.Env, login *auth.Login) []auth.APIToken {
	t.Helper()
	tokens, err := env.APITokens(t.Context(), login.User)
	if err != nil {
		t.Fatalf("APITokens() = %v", err)
	}
	return tokens
}

// changeAddress asks for a change of address and returns the mailed token.
func changeAddress(t testing.TB, env *authtest.Env, login *auth.Login, to string) string {
	t.Helper()
	update(t, env, login, auth.UpdateAccountInput{Email: &to})
	return env.Token(mail.ChangeEmail, to)
}

func confirm(env *authtest.Env, token, given string) (*auth.Outcome, error) {
	return env.Confirm(context.Background(), authtest.Anyone(), auth.ConfirmInput{Token: token, Password: new(given)})
}

// dead checks that a login's tokens are refused.
func dead(t testing.TB, env *authtest.Env, what string, login *auth.Login) {
	t.Helper()
	if c := env.As(login.AccessToken); !c.Anonymous() || c.Refused != auth.ReasonRevoked {
		t.Errorf("%s: the access token is resolved to %v (%q), want REVOKED", what, c.User, c.Refused)
	}
	_, err := refresh(env, *login.RefreshToken)
	authtest.Refused(t, what+": Refresh()", err, auth.InvalidToken, "refreshToken")
}

// device is a browser that has logged in.
func device(t testing.TB, env *authtest.Env, address string) auth.Caller {
	t.Helper()
	c := authtest.Anyone()
	if _, err := env.Login(t.Context(), c, auth.LoginInput{Email: &address, Password: authtest.Password}); err != nil {
		t.Fatalf("Login(%s) = %v", address, err)
	}
	if c = returning(c); c.Browser.Device == "" {
		t.Fatal("a login leaves no proof with the browser")
	}
	return c
}

// exhaust uses up an account's attempts, as a stranger would.
func exhaust(t testing.TB, env *authtest.Env, address string) {
	t.Helper()
	for i := 0; ; i++ {
		_, err := env.Login(t.Context(), authtest.Stranger(fmt.Sprintf("2001:db8:%x::1", i)), auth.LoginInput{Email: &address, Password: "wrong"})
		if is(err, auth.RateLimited) {
			return
		}
		if !is(err, auth.InvalidCredentials) || i > 1000 {
			t.Fatalf("Login() with wrong password %d = %v", i, err)
		}
	}
}

// is reports that an error has a code, at any field.
func is(err error, code auth.Code) bool {
	var one *auth.Error
	return errors.As(err, &one) && one.Code == code
}

// issue makes an API token for a login's account.
func issue(t testing.TB, env *authtest.Env, login *auth.Login, in auth.IssueAPITokenInput) *auth.IssuedAPIToken {
	t.Helper()
	issued, err := env.IssueAPIToken(context.Background(), env.As(login.AccessToken), in)
	if err != nil {
		t.Fatalf("IssueAPIToken() = %v", err)
	}
	return issued
}

// logIn tries an address and a password.
func logIn(env *authtest.Env, address, given string) (*auth.Outcome, error) {
	return env.Login(context.Background(), authtest.Anyone(), auth.LoginInput{Email: &address, Password: given})
}

// logout ends sessions and checks which ones it reports.
func logout(t testing.TB, env *authtest.Env, what string, c auth.Caller, in auth.LogoutInput, want ...*auth.Login) {
	t.Helper()
	ended, err := env.Logout(context.Background(), c, in)
	if err != nil || ended == nil {
		t.Errorf("%s: Logout() = %v, %v, want a list and no error", what, ended, err)
	}
	got, ids := idsOf(ended), make([]uuid.UUID, len(want))
	for i, login := range want {
		ids[i] = login.Session.ID
	}
	slices.SortFunc(got, compareIDs)
	slices.SortFunc(ids, compareIDs)
	if !slices.Equal(got, ids) {
		t.Errorf("%s: Logout() ended %v, want %v", what, got, ids)
	}
}

// names lists e-mails as "name to address".
func names(letters []authtest.Letter) []string {
	var list []string
	for _, l := range letters {
		list = append(list, l.Name+" to "+l.To)
	}
	return list
}

// notices checks that these e-mails arrived, each as "name to address", and
// that a notice holds no token.
func notices(t testing.TB, what string, letters []authtest.Letter, want ...string) {
	t.Helper()
	if got := names(letters); !slices.Equal(got, want) {
		t.Errorf("%s: letters %q, want %q", what, got, want)
	}
	for _, l := range letters {
		if mail.HasToken(l.Name) != (l.Token != "") {
			t.Errorf("%s: letter %s has token %t", what, l.Name, l.Token != "")
		}
	}
}

func ptr[T any](v T) *T { return &v }

func reauthenticate(env *authtest.Env, login *auth.Login, given string) (*auth.Session, error) {
	return env.Reauthenticate(context.Background(), env.As(login.AccessToken), auth.ReauthenticateInput{Password: &given})
}

// refresh trades a refresh token in the body.
func refresh(env *authtest.Env, token string) (*auth.Login, error) {
	return env.Refresh(context.Background(), authtest.Anyone(), auth.RefreshInput{RefreshToken: &token})
}

// refreshed is refresh, and it must succeed.
func refreshed(t testing.TB, env *authtest.Env, login *auth.Login) *auth.Login {
	t.Helper()
	next, err := refresh(env, *login.RefreshToken)
	if err != nil {
		t.Fatalf("Refresh() = %v", err)
	}
	return next
}

// requestReset asks for a reset e-mail and returns its token.
func requestReset(t testing.TB, env *authtest.Env, address string) string {
	t.Helper()
	if err := env.RequestPasswordReset(context.Background(), authtest.Anyone(), auth.RequestPasswordResetInput{Email: address}); err != nil {
		t.Fatalf("RequestPasswordReset(%s) = %v", address, err)
	}
	return env.Token(mail.ResetPassword, address)
}

func reset(env *authtest.Env, token, chosen string) (*auth.Outcome, error) {
	return env.ResetPassword(context.Background(), authtest.Anyone(), auth.ResetPasswordInput{Token: token, NewPassword: chosen})
}

// returning is a caller's browser at its next request, with the cookies that it
// was given.
func returning(c auth.Caller) auth.Caller {
	next := auth.Browser{Session: c.Browser.Session, Device: c.Browser.Device, Trust: c.Browser.Trust}
	for _, cookie := range c.Browser.Changes() {
		switch cookie.Name {
		case auth.SessionCookie:
			next.Session = cookie.Value
		case auth.DeviceCookie:
			next.Device = cookie.Value
		case auth.TrustCookie:
			next.Trust = cookie.Value
		}
	}
	c.Browser = &next
	return c
}

// sessionCookie is the only change to the session cookie that an operation
// made.
func sessionCookie(t testing.TB, c auth.Caller) auth.Cookie {
	t.Helper()
	var found []auth.Cookie
	for _, cookie := range c.Browser.Changes() {
		if cookie.Name == auth.SessionCookie {
			found = append(found, cookie)
		}
	}
	if len(found) != 1 {
		t.Fatalf("the session cookie is set %d times, want once", len(found))
	}
	return found[0]
}

// sessionsOf lists the sessions of a login's account, seen from that login.
func sessionsOf(t testing.TB, env *authtest.Env, login *auth.Login) []auth.Session {
	t.Helper()
	sessions, err := env.Sessions(t.Context(), env.As(login.AccessToken), login.User)
	if err != nil {
		t.Fatalf("Sessions() = %v", err)
	}
	return sessions
}

// signUp begins an account by address.
func signUp(env *authtest.Env, c auth.Caller, address, chosen string) error {
	login, err := env.SignUp(context.Background(), c, auth.SignUpInput{Email: &address, Password: chosen})
	if login != nil && login.Login != nil {
		return errors.New("a sign-up by address logs in")
	}
	return err
}

// signedUp is signUp by any caller, and it must succeed. It returns the token
// from the e-mail.
func signedUp(t testing.TB, env *authtest.Env, address, chosen string) string {
	t.Helper()
	if err := signUp(env, authtest.Anyone(), address, chosen); err != nil {
		t.Fatalf("SignUp(%s) = %v", address, err)
	}
	return env.Token(mail.Confirm, address)
}

// update is updateAs, and it must succeed.
func update(t testing.TB, env *authtest.Env, login *auth.Login, in auth.UpdateAccountInput) *ent.User {
	t.Helper()
	u, err := updateAs(env, login, in)
	if err != nil {
		t.Fatalf("UpdateAccount() = %v", err)
	}
	return u
}

// updateAs is UpdateAccount with a login's session. It gives the present
// password unless the input has another one.
func updateAs(env *authtest.Env, login *auth.Login, in auth.UpdateAccountInput) (*ent.User, error) {
	if in.CurrentPassword == nil {
		in.CurrentPassword = ptr(authtest.Password)
	}
	return env.UpdateAccount(context.Background(), env.As(login.AccessToken), in)
}
