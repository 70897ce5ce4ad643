package auth

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/factor"
	"github.com/authgraph/authgraph/internal/passkey"
)

// offers says what an account can prove.
type offers struct {
	recovery   *recoveryCodes
	ceremonies *ceremonies
}

// offer is the proofs that are enough, any one of them, and the options with which
// a browser asks for a passkey; nil unless that is one of them.
type offer struct {
	Methods        []ProofKind
	PasskeyOptions json.RawMessage
}

// second are the second factors of an account. A passkey's answer is for a purpose
// and bound to whom. It need not verify its user.
func (o *offers) second(ctx context.Context, db *ent.Client, userID uuid.UUID, what purpose, whom uuid.UUID) (offer, error) {
	rows, err := factorsOf(ctx, db, userID)
	if err != nil {
		return offer{}, err
	}
	left, err := o.recovery.left(ctx, db, userID)
	if err != nil {
		return offer{}, err
	}
	made := o.of(rows, what, whom, passkey.Discouraged)
	if left > 0 {
		made.Methods = append(made.Methods, ByRecoveryCode)
	}
	return made, nil
}

// of are the proofs by factors.
func (o *offers) of(rows []*ent.Factor, what purpose, whom uuid.UUID, verify passkey.Need) offer {
	made := offer{Methods: []ProofKind{}}
	if known := o.ceremonies.known(rows); len(known) > 0 {
		made.Methods = append(made.Methods, ByPasskey)
		made.PasskeyOptions = o.ceremonies.party.RequestOptions(o.ceremonies.begin(what, whom), known, verify)
	}
	if slices.ContainsFunc(rows, func(row *ent.Factor) bool { return row.Kind == factor.KindTOTP }) {
		made.Methods = append(made.Methods, ByTotp)
	}
	return made
}
