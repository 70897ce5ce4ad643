package graph

import (
	"github.com/authgraph/authgraph/graph/model"
	"github.com/authgraph/authgraph/internal/auth"
)

func loginWithPasskeyPayload(outcome *auth.Outcome, err error) (*model.LoginWithPasskeyPayload, error) {
	errs, err := fixable(err)
	return &model.LoginWithPasskeyPayload{Status: status(outcome, errs, model.AuthStatusRefused), Auth: session(outcome), Errors: errs}, err
}

func confirmPasskeyPayload(done *auth.ConfirmedPasskey, err error) (*model.ConfirmPasskeyPayload, error) {
	errs, err := fixable(err)
	if done == nil {
		return &model.ConfirmPasskeyPayload{Errors: errs}, err
	}
	return &model.ConfirmPasskeyPayload{Factor: done.Factor, RecoveryCodes: done.RecoveryCodes, Errors: errs}, err
}

func startReauthenticationPayload(start *auth.Reauthentication, err error) (*model.StartReauthenticationPayload, error) {
	errs, err := fixable(err)
	if start == nil {
		return &model.StartReauthenticationPayload{Methods: []auth.ProofKind{}, Errors: errs}, err
	}
	return &model.StartReauthenticationPayload{Methods: start.Methods, PasskeyOptions: start.PasskeyOptions, Errors: errs}, err
}

func signUpWithPasskeyPayload(outcome *auth.Outcome, err error) (*model.SignUpWithPasskeyPayload, error) {
	errs, err := fixable(err)
	p := &model.SignUpWithPasskeyPayload{Status: status(outcome, errs, model.AuthStatusConfirmationSent), Auth: session(outcome), Errors: errs}
	if outcome != nil {
		p.ConfirmKey = outcome.ConfirmKey
	}
	return p, err
}
