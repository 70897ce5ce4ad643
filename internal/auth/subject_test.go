package auth_test

import (
	"reflect"
	"slices"
	"testing"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
)

// TestNoInputNamesASubject: the account comes from the credential, a token or a
// password, never from an argument. No argument sets what only the service
// decides. IDs name a thing that the caller owns.
func TestNoInputNamesASubject(t *testing.T) {
	allowed := map[string][]string{
		"SignUpInput":               {"Email", "Username", "Password", "Profile", "Locale", "Captcha", "Session"},
		"StartPasskeySignUpInput":   {"Email", "Username", "Captcha"},
		"SignUpWithPasskeyInput":    {"Passkey", "Name", "Profile", "Locale", "Session"},
		"ConfirmInput":              {"Token", "Password", "NewPassword", "ConfirmKey", "Passkey", "Email", "Session"}, // Email can only refuse
		"LoginInput":                {"Email", "Username", "Password", "Captcha", "Session"},
		"SessionInput":              {"Delivery", "DeviceName"},
		"RefreshInput":              {"RefreshToken"},
		"LogoutInput":               {"Scope", "RefreshToken"},
		"RequestPasswordResetInput": {"Email", "Captcha"},
		"ResetPasswordInput":        {"Token", "NewPassword", "Session"},
		"ReauthenticateInput":       {"Password", "EmailCode", "TotpCode", "RecoveryCode", "Passkey", "Provider", "IDToken"},
		"AnswerChallengeInput":      {"Challenge", "EmailCode", "TotpCode", "RecoveryCode", "Passkey", "TrustDevice"},
		"LoginWithPasskeyInput":     {"Passkey", "Session"},
		"StartEmailLoginInput":      {"Email", "Captcha", "Session"},
		"ConfirmPasskeyInput":       {"Passkey", "Name", "SecondFactor"},
		"ConfirmTotpInput":          {"ID", "Code", "Name"},
		"RenameFactorInput":         {"ID", "Name"},
		"RemoveFactorInput":         {"ID"},
		"SetSecondFactorInput":      {"Enabled"},
		"UpdateAccountInput":        {"CurrentPassword", "Email", "Username", "NewPassword"},
		"RevokeSessionInput":        {"ID"},
		"UpdateProfileInput":        {"Profile", "Locale"},
		"StartProviderLoginInput":   {"Provider", "ReturnURL", "Challenge", "Purpose", "LoginHint"},
		"StartIDTokenInput":         {"Provider", "Purpose"},
		"ProviderAnswerInput":       {"Code", "Verifier"},
		"IDTokenInput":              {"Provider", "IDToken", "Nonce", "Name"},
		"LoginWithProviderInput":    {"Answer", "IDToken", "Session"},
		"LinkIdentityInput":         {"Answer", "IDToken", "Token"},
		"UnlinkIdentityInput":       {"ID"},
	}
	for _, input := range []any{
		auth.SignUpInput{}, auth.ConfirmInput{}, auth.LoginInput{}, auth.SessionInput{}, auth.RefreshInput{}, auth.LogoutInput{},
		auth.RequestPasswordResetInput{}, auth.ResetPasswordInput{}, auth.ReauthenticateInput{}, auth.UpdateAccountInput{}, auth.RevokeSessionInput{},
		auth.AnswerChallengeInput{}, auth.ConfirmTotpInput{}, auth.RenameFactorInput{}, auth.RemoveFactorInput{}, auth.SetSecondFactorInput{}, auth.UpdateProfileInput{},
		auth.LoginWithPasskeyInput{}, auth.StartPasskeySignUpInput{}, auth.SignUpWithPasskeyInput{}, auth.StartEmailLoginInput{}, auth.ConfirmPasskeyInput{},
		auth.StartProviderLoginInput{}, auth.StartIDTokenInput{}, auth.ProviderAnswerInput{}, auth.IDTokenInput{}, auth.LoginWithProviderInput{},
		auth.LinkIdentityInput{}, auth.UnlinkIdentityInput{},
	} {
		kind := reflect.TypeOf(input)
		var fields []string
		for i := range kind.NumField() {
			fields = append(fields, kind.Field(i).Name)
		}
		if want := allowed[kind.Name()]; !slices.Equal(fields, want) {
			t.Errorf("%s has the fields %q, want %q", kind.Name(), fields, want)
		}
	}
}

// TestLoginLoggedInAsAnother: the earlier session is not changed.
func TestLoginLoggedInAsAnother(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann, bob := env.Account("ann@example.org"), env.Account("bob@example.org")
		c := env.As(ann.AccessToken)
		c.Browser.Session = *ann.RefreshToken
		login, err := env.Login(t.Context(), c, auth.LoginInput{Email: ptr("bob@example.org"), Password: authtest.Password})
		if err != nil {
			t.Fatalf("Login() = %v", err)
		}
		if login.User.ID != bob.User.ID || login.Session.ID == ann.Session.ID {
			t.Errorf("Login() = user %v, session %v: mixed with the caller's", login.User.ID, login.Session.ID)
		}
		byName, err := env.SignUp(t.Context(), c, auth.SignUpInput{Username: ptr("carol"), Password: authtest.Password})
		if err != nil || byName.User.ID == ann.User.ID {
			t.Errorf("SignUp() = %v, %v, want an account of its own", byName, err)
		}
		for who, one := range map[string]*auth.Login{"ann": ann, "bob": bob, "carol": byName.Login} {
			if got := len(sessionsOf(t, env, one)); got != map[string]int{"ann": 1, "bob": 2, "carol": 1}[who] {
				t.Errorf("%s has %d sessions", who, got)
			}
		}
		alive(t, env, "the caller's session", ann)
		alive(t, env, "the session that began", login.Login)
	})
}

// TestWhatIsRecorded: who did what, when, from where and with what outcome.
func TestWhatIsRecorded(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann := env.Account("ann@example.org")
		c := env.As(ann.AccessToken)
		c.IP, c.UserAgent, c.RequestID = authtest.Stranger("::ffff:203.0.113.5").IP, "browser", "request-1"
		if _, err := env.Login(t.Context(), c, auth.LoginInput{Email: ptr("ann@example.org"), Password: "wrong"}); !is(err, auth.InvalidCredentials) {
			t.Fatalf("Login() = %v", err)
		}
		events, err := env.Events(t.Context(), auth.EventFilter{User: ann.User.ID, Limit: 1})
		if err != nil || len(events) != 1 {
			t.Fatalf("Events() = %v, %v", events, err)
		}
		e := events[0]
		if e.Event != "login" || e.Outcome != "INVALID_CREDENTIALS" || e.Actor != "session" || !e.At.Equal(env.Clock.Now()) {
			t.Errorf("recorded %v", e)
		}
		for want, got := range map[string]*string{"203.0.113.5": e.IPAddress, "browser": e.UserAgent, "request-1": e.RequestID} {
			if got == nil || *got != want {
				t.Errorf("recorded %v, want %s", e, want)
			}
		}
		if e.SessionID == nil || *e.SessionID != ann.Session.ID || e.TokenID != nil {
			t.Errorf("recorded session %v and token %v, want the session that asked", e.SessionID, e.TokenID)
		}
	})
}
