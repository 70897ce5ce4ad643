package auth_test

import (
	"testing"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/mail"
)

// A pasted token may have white space and invisible characters around it. It is
// accepted in fields that a person fills in, but not where a program sends it.
func TestPastedTokens(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		for _, around := range [][2]string{
			{" ", "\r\n"}, {"\t", ""}, {"", "\u00a0"}, {"\u2003", "\u3000"}, {"\ufeff", "\u200b"}, {"\u2028\u0085", "\v\f"},
		} {
			paste := func(token string) string { return around[0] + token + around[1] }
			address := "ann@example.org"
			if err := signUp(env, authtest.Anyone(), address, authtest.Password); err != nil {
				t.Fatal(err)
			}
			confirmed, err := confirm(env, paste(env.Token(mail.Confirm, address)), authtest.Password)
			if err != nil {
				t.Fatalf("%q: Confirm() = %v", around, err)
			}
			ann := confirmed.Login
			if c := env.As(paste(ann.AccessToken)); c.Refused != auth.ReasonInvalid {
				t.Errorf("%q: a bearer is %q, want INVALID", around, c.Refused)
			}
			c := authtest.Anyone()
			c.Browser.Session = paste(*ann.RefreshToken)
			_, err = env.Refresh(t.Context(), c, auth.RefreshInput{})
			authtest.Refused(t, "Refresh() by a cookie with blanks", err, auth.InvalidToken, "refreshToken")
			next, err := refresh(env, paste(*ann.RefreshToken))
			if err != nil {
				t.Fatalf("%q: Refresh() = %v", around, err)
			}
			token := paste(*next.RefreshToken)
			logout(t, env, "with blanks", authtest.Anyone(), auth.LogoutInput{RefreshToken: &token}, next)
			if _, err := reset(env, paste(requestReset(t, env, address)), newPassword); err != nil {
				t.Errorf("%q: ResetPassword() = %v", around, err)
			}
			if err := env.RemoveAccount(t.Context(), authtest.Operator(), ann.User.ID); err != nil {
				t.Fatal(err)
			}
			_, err = confirm(env, paste(""), authtest.Password)
			authtest.Refused(t, "Confirm() with blanks alone", err, auth.Required, "token")
			_, err = reset(env, paste(""), newPassword)
			authtest.Refused(t, "ResetPassword() with blanks alone", err, auth.Required, "token")
		}
	})
}
