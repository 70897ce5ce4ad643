package auth_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/authgraph/authgraph/ent/user"
	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/mail"
)

// application is a hook that answers as a test says.
type application struct {
	mu     sync.Mutex
	answer string // none is a failure
	asked  []string
}

// Ask notes the question.
func (a *application) Ask(_ context.Context, body []byte) ([]byte, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.asked = append(a.asked, string(body))
	if a.answer == "" {
		return nil, errors.New("down")
	}
	return []byte(a.answer), nil
}

func (a *application) says(answer string) (before int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.answer = answer
	before, a.asked = len(a.asked), nil
	return before
}

// A hook for claims that fails uses nothing up: no refresh token, no token of an
// e-mail, no name.
func TestAFailedClaimsHookUsesNothingUp(t *testing.T) {
	authtest.Each(t, func(t *testing.T, plain *authtest.Env) {
		hook := &application{answer: `{"claims":{"plan":"PRO"}}`}
		env := plain.Process(plain.Store, func(o *auth.Options) { o.Hooks.Claims = &auth.AskedHook{Hook: hook} })
		ann := env.Account("ann@example.org")
		if said(t, ann.AccessToken)["plan"] != "PRO" || hook.says("") != 1 {
			t.Error("a confirmation asks once, and its token has the answer")
		}
		_, err := refresh(env, *ann.RefreshToken)
		authtest.Refused(t, "Refresh()", err, auth.Overloaded)
		_, err = logIn(env, "ann@example.org", authtest.Password)
		authtest.Refused(t, "Login()", err, auth.Overloaded)
		_, err = env.SignUp(t.Context(), authtest.Anyone(), auth.SignUpInput{Username: ptr("bea"), Password: authtest.Password})
		authtest.Refused(t, "SignUp()", err, auth.Overloaded)
		if n := env.Store.User.Query().Where(user.UsernameKey("bea")).CountX(t.Context()); n != 0 {
			t.Error("a sign-up that was refused has made an account")
		}
		if err := signUp(env, authtest.Anyone(), "cea@example.org", authtest.Password); err != nil {
			t.Fatal(err)
		}
		token := env.Token(mail.Confirm, "cea@example.org")
		_, err = confirm(env, token, authtest.Password)
		authtest.Refused(t, "Confirm()", err, auth.Overloaded)
		if n := hook.says(`{"claims":{}}`); n != 4 {
			t.Errorf("the hook was asked %d times, want 4", n)
		}
		if _, err := confirm(env, token, authtest.Password); err != nil {
			t.Errorf("Confirm() after a failure = %v", err)
		}
		env.Clock.Turn(time.Minute) // beyond the grace time: the token was not used
		if _, err := refresh(env, *ann.RefreshToken); err != nil {
			t.Errorf("Refresh() after a failure = %v", err)
		}
		hook.says("")
		_, err = refresh(env, "agr_junk")
		authtest.Refused(t, "Refresh() of junk", err, auth.InvalidToken, "refreshToken")
		if n := hook.says(""); n != 0 {
			t.Errorf("junk asks the hook %d times", n)
		}
		if failed := env.HookFailures()["claims"]; failed != 4 {
			t.Errorf("%d failures are counted, want 4", failed)
		}
	})
}
