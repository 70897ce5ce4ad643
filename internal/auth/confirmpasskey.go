package auth

import (
	"context"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/internal/passkey"
)

// provenSignUp is what the account of a pending sign-up begins with: a password, or
// the passkey that was made at that sign-up.
type provenSignUp struct {
	hash    *string
	passkey *pendingPasskey
	by      proof
	use     *used // of the passkey's answer
}

// kept is what the sign-up itself brought along, once its own browser is back. A
// passkey was not used just now: it counts as one factor. One of another domain is as
// no proof.
func (f *confirms) kept(t *ent.UserToken) (provenSignUp, error) {
	pending, err := pendingOf(t)
	if pending == nil {
		return provenSignUp{hash: t.PasswordHash, by: byPassword(EventConfirm, nil)}, err
	}
	if !f.ceremonies.takes(pending) {
		return provenSignUp{}, refuse(Required, "password")
	}
	return provenSignUp{passkey: pending, by: proof{event: EventConfirm, kinds: []ProofKind{ByPasskey}}}, nil
}

// byPasskey checks an answer of the passkey that waits with a token.
func (f *confirms) byPasskey(ctx context.Context, c Caller, t *ent.UserToken, in ConfirmInput, place attempt) (provenSignUp, error) {
	pending, err := pendingOf(t)
	if err != nil {
		return provenSignUp{}, err
	}
	var found passkeyEvidence
	err = f.try(ctx, c, t, "passkey", place, func() (ok bool, err error) {
		if pending != nil {
			found, ok = f.passkeys.lookPending(ctx, c, t, pending, in.Passkey)
		}
		return ok, nil
	})
	if err != nil {
		return provenSignUp{}, err
	}
	pending.Passkey.Count = found.result.Count
	return provenSignUp{passkey: pending, by: proof{event: EventConfirm, kinds: found.kinds(), strong: true}, use: &found.used}, nil
}

// askFor says which proof is missing. For a sign-up with a passkey it also gives the
// options with which a browser asks for that one.
func (f *confirms) askFor(t *ent.UserToken) (*Outcome, error) {
	pending, err := pendingOf(t)
	if err != nil {
		return nil, err
	}
	if pending == nil || !f.ceremonies.takes(pending) {
		return nil, refuse(Required, "password")
	}
	known := []passkey.Known{{ID: pending.Passkey.ID, Transports: pending.Passkey.Transports}}
	options := f.ceremonies.party.RequestOptions(f.ceremonies.begin(forConfirm, t.ID), known, passkey.Required)
	return &Outcome{PasskeyOptions: options}, refuse(Required, "passkey")
}
