package graph

import (
	"github.com/authgraph/authgraph/graph/model"
	"github.com/authgraph/authgraph/internal/auth"
)

func startProviderLoginPayload(started *auth.StartedProviderLogin, err error) (*model.StartProviderLoginPayload, error) {
	errs, err := fixable(err)
	if started == nil {
		return &model.StartProviderLoginPayload{Errors: errs}, err
	}
	return &model.StartProviderLoginPayload{URL: &started.URL, Flow: &started.Flow, Errors: errs}, err
}

func loginWithProviderPayload(outcome *auth.ProviderOutcome, err error) (*model.LoginWithProviderPayload, error) {
	errs, err := fixable(err)
	if outcome == nil {
		return &model.LoginWithProviderPayload{Status: model.AuthStatusRefused, Errors: errs}, err
	}
	return &model.LoginWithProviderPayload{
		Status: status(&outcome.Outcome, errs, model.AuthStatusLinkRequired), Auth: outcome.Login, Challenge: outcome.Challenge,
		Link: outcome.Link, Identity: outcome.Identity, Created: outcome.Created, ProviderTokens: outcome.Tokens, Errors: errs,
	}, err
}

func linkIdentityPayload(linked *auth.LinkedIdentity, err error) (*model.LinkIdentityPayload, error) {
	errs, err := fixable(err)
	if linked == nil {
		return &model.LinkIdentityPayload{Errors: errs}, err
	}
	return &model.LinkIdentityPayload{Identity: linked.Identity, User: linked.User, Errors: errs}, err
}

func unlinkIdentityPayload(unlinked *auth.LinkedIdentity, err error) (*model.UnlinkIdentityPayload, error) {
	errs, err := fixable(err)
	if unlinked == nil {
		return &model.UnlinkIdentityPayload{Errors: errs}, err
	}
	return &model.UnlinkIdentityPayload{Identity: unlinked.Identity, User: unlinked.User, Errors: errs}, err
}
