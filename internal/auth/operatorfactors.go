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
	ResetPasskeys      FactorReset = "passkey"
	ResetRecoveryCodes FactorReset = "codes"
)

// ResetFactors removes factors of an account whose owner has lost them. All its
// sessions end and no browser stays trusted; without a factor it asks for no second
// factor any more, and the recovery codes go too. The owner is told. It makes no
// code, and shows none.
func (f *operators) ResetFactors(ctx context.Context, c Caller, id uuid.UUID, which FactorReset) error {
	return f.locked(ctx, c, id, func(tx *store.Tx, u *ent.User) error {
		if err := f.removeFactors(ctx, tx, id, which); err != nil {
			return err
		}
		rows, err := factorsOf(ctx, tx.Client, id)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			err = f.factors.turnOff(ctx, tx, c, u)
		} else {
			err = f.factors.changed(ctx, tx, id, nil)
		}
		if err != nil {
			return err
		}
		if err := voidPurposes(ctx, tx, id, usertoken.PurposeChallenge); err != nil {
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

// removeFactors removes what was named. Recovery codes go with all, or alone.
func (f *operators) removeFactors(ctx context.Context, tx *store.Tx, id uuid.UUID, which FactorReset) error {
	gone := tx.Factor.Delete().Where(factor.UserID(id))
	switch which {
	case ResetTotps:
		gone.Where(factor.KindEQ(factor.KindTOTP))
	case ResetPasskeys:
		gone.Where(factor.KindEQ(factor.KindPasskey))
	}
	if which != ResetRecoveryCodes {
		if _, err := gone.Exec(ctx); err != nil {
			return fmt.Errorf("remove factors: %w", err)
		}
	}
	if which == ResetAllFactors || which == ResetRecoveryCodes {
		return voidPurposes(ctx, tx, id, usertoken.PurposeRecoveryCode)
	}
	return nil
}
