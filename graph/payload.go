package graph

import (
	"errors"

	"github.com/authgraph/authgraph/graph/model"
	"github.com/authgraph/authgraph/internal/auth"
)

// fixable splits errors. What the person at the form can fix goes into the
// payload. Everything else becomes a top-level error.
func fixable(err error) ([]auth.Error, error) {
	if err == nil {
		return []auth.Error{}, nil
	}
	var all auth.Errors
	if one := (*auth.Error)(nil); !errors.As(err, &all) && errors.As(err, &one) {
		all = auth.Errors{one}
	}
	if len(all) == 0 {
		return nil, err
	}
	fix := make([]auth.Error, len(all))
	for i, one := range all {
		if !one.Code.Fixable() {
			return nil, one
		}
		fix[i] = *one
	}
	return fix, nil
}

// told prepares what an operation of the domain returned for its payload: the
// result, and what the person at the form can fix.
func told[T any](result T, err error) (T, []auth.Error, error) {
	errs, err := fixable(err)
	return result, errs, err
}

// status says how far logging in is. otherwise is the status if there is no
// login, no challenge and no error.
func status(outcome *auth.Outcome, errs []auth.Error, otherwise model.AuthStatus) model.AuthStatus {
	login := session(outcome)
	switch {
	case len(errs) > 0:
		return model.AuthStatusRefused
	case pending(outcome) != nil:
		return model.AuthStatusSecondFactorRequired
	case login != nil && login.Limited:
		return model.AuthStatusFactorSetupRequired
	case login != nil:
		return model.AuthStatusLoggedIn
	}
	return otherwise
}

// session is the login that an operation returned, or nil.
func session(outcome *auth.Outcome) *auth.Login {
	if outcome == nil {
		return nil
	}
	return outcome.Login
}

func signUpPayload(outcome *auth.Outcome, err error) (*model.SignUpPayload, error) {
	errs, err := fixable(err)
	p := &model.SignUpPayload{Status: status(outcome, errs, model.AuthStatusConfirmationSent), Auth: session(outcome), Errors: errs}
	if outcome != nil {
		p.ConfirmKey = outcome.ConfirmKey
	}
	return p, err
}

func confirmPayload(outcome *auth.Outcome, err error) (*model.ConfirmPayload, error) {
	errs, err := fixable(err)
	p := &model.ConfirmPayload{
		Status: status(outcome, errs, model.AuthStatusRefused), Auth: session(outcome), Challenge: pending(outcome), Errors: errs,
	}
	if outcome != nil {
		p.PasskeyOptions = outcome.PasskeyOptions
	}
	return p, err
}

func loginPayload(outcome *auth.Outcome, err error) (*model.LoginPayload, error) {
	errs, err := fixable(err)
	return &model.LoginPayload{
		Status: status(outcome, errs, model.AuthStatusRefused), Auth: session(outcome), Challenge: pending(outcome), Errors: errs,
	}, err
}

func resetPasswordPayload(outcome *auth.Outcome, err error) (*model.ResetPasswordPayload, error) {
	errs, err := fixable(err)
	return &model.ResetPasswordPayload{
		Status: status(outcome, errs, model.AuthStatusRefused), Auth: session(outcome), Challenge: pending(outcome), Errors: errs,
	}, err
}

// refreshPayload puts an error into the payload only if the client must log in
// again. To wait is the task of the program.
func refreshPayload(login *auth.Login, err error) (*model.RefreshPayload, error) {
	if limited := (*auth.Error)(nil); errors.As(err, &limited) && limited.Code == auth.RateLimited {
		return nil, err
	}
	errs, err := fixable(err)
	return &model.RefreshPayload{Auth: login, Errors: errs}, err
}

func logoutPayload(ended []auth.Session, err error) (*model.LogoutPayload, error) {
	errs, err := fixable(err)
	if ended == nil {
		ended = []auth.Session{}
	}
	return &model.LogoutPayload{Sessions: ended, Errors: errs}, err
}

func issueAPITokenPayload(issued *auth.IssuedAPIToken, err error) (*model.IssueAPITokenPayload, error) {
	errs, err := fixable(err)
	if issued == nil {
		return &model.IssueAPITokenPayload{Errors: errs}, err
	}
	return &model.IssueAPITokenPayload{Token: &issued.Secret, APIToken: issued.Token, Errors: errs}, err
}

func authConfig(s *auth.Service) *model.AuthConfig {
	least, most := s.PasswordLengths()
	return &model.AuthConfig{
		ID:                "authConfig",
		PasswordMinLength: least, PasswordMaxLength: most,
		SignUp: s.SignUps, Usernames: s.Usernames, UsernamePattern: s.UsernamePattern(), APITokenScopes: s.APITokenScopes(),
		ErrorCodes:   model.AllRequestErrorCode,
		SecondFactor: s.SecondFactor, TrustedDeviceDays: s.TrustedDays(), Passkeys: s.Passkeys, EmailLogin: s.EmailLogin,
		Roles: s.RoleNames(), Locales: s.LocaleTags(), Captcha: captchaOf(s.Captcha), Providers: s.Providers(),
	}
}

// captchaOf is what forms need to know of the CAPTCHA; nil if there is none.
func captchaOf(s auth.CaptchaSettings) *model.Captcha {
	if s.Provider == "" {
		return nil
	}
	return &model.Captcha{Provider: s.Provider, SiteKey: s.SiteKey, On: s.On}
}

func orDefault[T any](given *T, otherwise T) T {
	if given == nil {
		return otherwise
	}
	return *given
}
