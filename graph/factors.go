package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"

	"github.com/authgraph/authgraph/graph/model"
	"github.com/authgraph/authgraph/internal/auth"
)

// pending is the challenge that a step ended in, nil if in none.
func pending(outcome *auth.Outcome) *auth.Challenge {
	if outcome == nil {
		return nil
	}
	return outcome.Challenge
}

func answerChallengePayload(outcome *auth.Outcome, err error) (*model.AnswerChallengePayload, error) {
	errs, err := fixable(err)
	return &model.AnswerChallengePayload{
		Status: status(outcome, errs, model.AuthStatusRefused), Auth: session(outcome), Challenge: pending(outcome), Errors: errs,
	}, err
}

func addTotpPayload(added *auth.AddedTotp, err error) (*model.AddTotpPayload, error) {
	errs, err := fixable(err)
	if added == nil {
		return &model.AddTotpPayload{Errors: errs}, err
	}
	id := added.ID.String()
	return &model.AddTotpPayload{ID: &id, Secret: &added.Secret, URI: &added.URI, QRCode: &added.QRCode, Errors: errs}, err
}

func confirmTotpPayload(done *auth.ConfirmedTotp, err error) (*model.ConfirmTotpPayload, error) {
	errs, err := fixable(err)
	if done == nil {
		return &model.ConfirmTotpPayload{Errors: errs}, err
	}
	return &model.ConfirmTotpPayload{Factor: done.Factor, RecoveryCodes: done.RecoveryCodes, Errors: errs}, err
}

func removeFactorPayload(removed *auth.RemovedFactor, err error) (*model.RemoveFactorPayload, error) {
	errs, err := fixable(err)
	if removed == nil {
		return &model.RemoveFactorPayload{Errors: errs}, err
	}
	return &model.RemoveFactorPayload{Factor: removed.Factor, User: removed.User, Errors: errs}, err
}

func setSecondFactorPayload(set *auth.SecondFactorSet, err error) (*model.SetSecondFactorPayload, error) {
	errs, err := fixable(err)
	if set == nil {
		return &model.SetSecondFactorPayload{Errors: errs}, err
	}
	return &model.SetSecondFactorPayload{User: set.User, RecoveryCodes: set.RecoveryCodes, Errors: errs}, err
}

// handedLimited reports that a field belongs to a limited session which this very
// answer hands out: its caller may still be anonymous.
func handedLimited(ctx context.Context) bool {
	for at := graphql.GetFieldContext(ctx).Parent; at != nil; at = at.Parent {
		if login, ok := at.Result.(*auth.Login); ok && login != nil {
			return login.Limited
		}
	}
	return false
}

// allProofKinds is every way to prove who one is: no list of them is longer.
var allProofKinds = [...]auth.ProofKind{auth.ByPassword, auth.ByTotp, auth.ByRecoveryCode, auth.ByPasskey, auth.ByEmailCode, auth.ByProvider}
