package auth

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/factor"
	"github.com/authgraph/authgraph/ent/usertoken"
	"github.com/authgraph/authgraph/internal/mail"
	"github.com/authgraph/authgraph/internal/store"
)

// FactorReset says which second factors an operator removes.
type FactorReset string

// What can be removed.
const (
	ResetAllFactors    FactorReset = ""
	ResetTotps         FactorReset = "totp"
	ResetRecoveryCodes FactorReset = "codes"
)

// ResetFactors removes second factors of an account whose owner has lost them. All
// its sessions end and no browser stays trusted; with the last app it asks for no
// second factor any more. The owner is told. It makes no code, and shows none.
func (f *operators) ResetFactors(ctx context.Context, c Caller, id uuid.UUID, which FactorReset) error {
	return f.locked(ctx, c, id, func(tx *store.Tx, u *ent.User) error {
		purposes := []usertoken.Purpose{usertoken.PurposeChallenge}
		if which != ResetTotps {
			purposes = append(purposes, usertoken.PurposeRecoveryCode)
		}
		if which != ResetRecoveryCodes {
			if _, err := tx.Factor.Delete().Where(factor.UserID(id)).Exec(ctx); err != nil {
				return fmt.Errorf("remove factors: %w", err)
			}
			if err := f.factors.turnOff(ctx, tx, c, u); err != nil { // the codes go with the last app
				return err
			}
		} else if err := f.factors.changed(ctx, tx, id, nil); err != nil {
			return err
		}
		if err := voidPurposes(ctx, tx, id, purposes...); err != nil {
			return err
		}
		if _, err := f.sessions.end(ctx, tx, c, EventSessionRevoke, id); err != nil {
			return err
		}
		if err := f.letters.notice(ctx, tx, u, mail.FactorsReset, f.letters.letter(c, u)); err != nil {
			return err
		}
		return f.events.record(ctx, tx, c, happening{event: EventFactorsReset, user: id})
	})
}
