package auth

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
)

// waysIn knows by what an account can be logged in to.
type waysIn struct {
	ceremonies *ceremonies
	identities *identities
	settings   *Settings
}

// surelyLogsIn reports that a passkey is known to log in by itself.
func (w *waysIn) surelyLogsIn(row *ent.Factor) bool {
	return len(w.ceremonies.known([]*ent.Factor{row})) > 0 && row.VerifiesUser && row.Discoverable != nil && *row.Discoverable
}

// besides reports that an account can be logged in to without one of its passkeys or
// identities. A mailbox alone does not count. The account is locked.
func (w *waysIn) besides(ctx context.Context, db *ent.Client, u *ent.User, without uuid.UUID) (bool, error) {
	if u.PasswordHash != nil {
		return true, nil
	}
	factors, err := factorsOf(ctx, db, u.ID)
	if err != nil {
		return false, err
	}
	if slices.ContainsFunc(factors, func(row *ent.Factor) bool { return row.ID != without && w.surelyLogsIn(row) }) {
		return true, nil
	}
	rows, err := w.identities.of(ctx, db, u.ID)
	return slices.ContainsFunc(rows, func(row *ent.Identity) bool { return row.ID != without && w.identities.active(row) }), err
}

// of lists how an account can be logged in to, and by which providers.
func (w *waysIn) of(ctx context.Context, db *ent.Client, u *ent.User) (methods []ProofKind, providers []string, err error) {
	methods = []ProofKind{}
	if u.PasswordHash != nil {
		methods = append(methods, ByPassword)
	}
	factors, err := factorsOf(ctx, db, u.ID)
	if err != nil {
		return nil, nil, err
	}
	if w.settings.Passkeys && slices.ContainsFunc(factors, w.surelyLogsIn) {
		methods = append(methods, ByPasskey)
	}
	if w.settings.EmailLogin && u.EmailKey != nil {
		methods = append(methods, ByEmailCode)
	}
	if providers, err = w.identities.activeOf(ctx, db, u.ID); len(providers) > 0 {
		methods = append(methods, ByProvider)
	}
	return methods, providers, err
}
