package auth_test

import (
	"encoding/base64"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
)

func TestAKnownDeviceIsNotShutOutByStrangers(t *testing.T) {
	const tries = 3
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		env.Account("ann@example.org")
		env.Account("bob@example.org")
		anns, bobs := device(t, env, "ann@example.org"), device(t, env, "bob@example.org")
		with := func(c auth.Caller, given string) error {
			_, err := env.Login(t.Context(), returning(c), auth.LoginInput{Email: ptr("ann@example.org"), Password: given})
			return err
		}
		exhaust(t, env, "ann@example.org")
		authtest.Refused(t, "from an unknown device: Login()", with(authtest.Anyone(), authtest.Password), auth.RateLimited)
		for range 2 * tries {
			if err := with(anns, authtest.Password); err != nil {
				t.Errorf("from a known device: Login() = %v", err)
			}
		}
		authtest.Refused(t, "from a device known to another account: Login()", with(bobs, authtest.Password), auth.RateLimited)

		t.Run("a forged proof is none", func(t *testing.T) {
			raw, err := base64.RawURLEncoding.DecodeString(anns.Browser.Device)
			if err != nil {
				t.Fatal(err)
			}
			bobsRaw, err := base64.RawURLEncoding.DecodeString(bobs.Browser.Device)
			if err != nil {
				t.Fatal(err)
			}
			changed := func(i int) string {
				forged := append([]byte(nil), raw...)
				forged[i] ^= 1
				return base64.RawURLEncoding.EncodeToString(forged)
			}
			for what, forged := range map[string]string{
				"nothing": "", "junk": "junk", "another user": changed(0), "a later end": changed(16), "another MAC": changed(len(raw) - 1),
				"no MAC": base64.RawURLEncoding.EncodeToString(raw[:24]), "half a MAC": base64.RawURLEncoding.EncodeToString(raw[:40]),
				"another's MAC": base64.RawURLEncoding.EncodeToString(append(raw[:24:24], bobsRaw[24:]...)),
				"padding":       anns.Browser.Device + "=", "a line break": anns.Browser.Device[:10] + "\n" + anns.Browser.Device[10:],
			} {
				c := authtest.Anyone()
				c.Browser.Device = forged
				if err := with(c, authtest.Password); what != "a line break" {
					authtest.Refused(t, "with "+what+": Login()", err, auth.RateLimited)
				}
			}
		})
		t.Run("all of an account's devices share one count", func(t *testing.T) {
			env.Clock.Turn(15 * time.Minute)
			other := device(t, env, "ann@example.org")
			for i := range tries {
				c := anns
				if i%2 == 1 {
					c = other
				}
				authtest.Refused(t, "a wrong password from a known device: Login()", with(c, "wrong"), auth.InvalidCredentials)
			}
			for what, c := range map[string]auth.Caller{"the one": anns, "the other": other} {
				authtest.Refused(t, "from "+what+" device: Login()", with(c, authtest.Password), auth.RateLimited)
			}
			if err := with(authtest.Anyone(), authtest.Password); err != nil {
				t.Errorf("strangers' attempts are used up as well: Login() = %v", err)
			}
		})
		t.Run("for a year", func(t *testing.T) {
			env.Clock.Turn(364 * 24 * time.Hour)
			exhaust(t, env, "ann@example.org")
			if err := with(anns, authtest.Password); err != nil {
				t.Errorf("after 364 days: Login() = %v", err)
			}
			env.Clock.Turn(2 * 24 * time.Hour)
			exhaust(t, env, "ann@example.org")
			authtest.Refused(t, "after 366 days: Login()", with(anns, authtest.Password), auth.RateLimited)
		})
	}, func(s *auth.Settings) { s.Limits.Login.Count = tries })
}

// A confirmation and a reset make a device known too.
func TestEveryWayOfLoggingInMakesADeviceKnown(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		c := authtest.Anyone()
		token := signedUp(t, env, "ann@example.org", authtest.Password)
		if _, err := env.Confirm(t.Context(), c, auth.ConfirmInput{Token: token, Password: new(authtest.Password)}); err != nil {
			t.Fatal(err)
		}
		confirmed := returning(c)
		env.Clock.Turn(time.Second)
		c = authtest.Anyone()
		if _, err := env.ResetPassword(t.Context(), c, auth.ResetPasswordInput{Token: requestReset(t, env, "ann@example.org"), NewPassword: newPassword}); err != nil {
			t.Fatal(err)
		}
		after := returning(c)
		exhaust(t, env, "ann@example.org")
		_, err := env.Login(t.Context(), confirmed, auth.LoginInput{Email: ptr("ann@example.org"), Password: newPassword})
		authtest.Refused(t, "from the device that confirmed, before the reset: Login()", err, auth.RateLimited)
		if _, err := env.Login(t.Context(), after, auth.LoginInput{Email: ptr("ann@example.org"), Password: newPassword}); err != nil {
			t.Errorf("from the device that reset: Login() = %v", err)
		}
	}, func(s *auth.Settings) { s.Limits.Login.Count = 3 })
}
