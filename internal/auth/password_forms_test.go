package auth_test

import (
	"testing"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
)

// A password is the same in both of its Unicode forms, wherever one is asked for.
func TestPasswordsInTwoForms(t *testing.T) {
	const composed, decomposed = "Z\u00fcrich lanterns 47", "Zu\u0308rich lanterns 47"
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		for i, form := range [][2]string{{composed, decomposed}, {decomposed, composed}} {
			chosen, typed := form[0], form[1]
			address := []string{"ann@example.org", "bob@example.org"}[i]
			confirmed, err := confirm(env, signedUp(t, env, address, chosen), typed)
			if err != nil {
				t.Fatalf("Confirm() = %v", err)
			}
			if _, err := logIn(env, address, typed); err != nil {
				t.Errorf("Login() = %v", err)
			}
			if _, err := reauthenticate(env, confirmed.Login, typed); err != nil {
				t.Errorf("Reauthenticate() = %v", err)
			}
			update(t, env, confirmed.Login, auth.UpdateAccountInput{CurrentPassword: ptr(typed), NewPassword: new(chosen + "!")})
			if _, err := logIn(env, address, typed+"!"); err != nil {
				t.Errorf("after a change: Login() = %v", err)
			}
			if _, err := reset(env, requestReset(t, env, address), typed+"?"); err != nil {
				t.Errorf("ResetPassword() = %v", err)
			}
			if _, err := logIn(env, address, chosen+"?"); err != nil {
				t.Errorf("after a reset: Login() = %v", err)
			}
		}
	})
}
