package auth

import (
	"context"
	"fmt"
	"slices"

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
//
// If there is nothing to remove, it changes nothing and returns false. Where nobody
// could log in without the passkeys, it is LAST_WAY_IN, unless forced.
func (f *operators) ResetFactors(ctx context.Context, c Caller, id uuid.UUID, which FactorReset, force bool) (removed bool, err error) {
	err = f.locked(ctx, c, id, func(tx *store.Tx, u *ent.User) error {
		rows, err := factorsOf(ctx, tx.Client, id)
		if err != nil {
			return err
		}
		left := slices.DeleteFunc(slices.Clone(rows), which.removes)
		gone, err := f.removeFactors(ctx, tx, id, which)
		if removed = gone > 0 || len(left) == 0 && u.SecondFactor; err != nil || !removed {
			return err
		}
		if !force && locksOut(u, rows, left) {
			if other, err := f.ways.besides(ctx, tx.Client, u, uuid.Nil); err != nil || !other { // an identity may log in
				return orElse(err, refuse(LastWayIn))
			}
		}
		if len(left) == 0 {
			err = f.factors.turnOff(ctx, tx, c, u)
		} else {
			err = f.factors.changed(ctx, tx, id, nil)
		}
		if err != nil {
			return err
		}
		return f.afterReset(ctx, tx, c, u)
	})
	return removed && err == nil, err
}

// removes reports that a factor is of the kind that goes.
func (r FactorReset) removes(row *ent.Factor) bool {
	return r == ResetAllFactors || r == ResetTotps && row.Kind == factor.KindTOTP || r == ResetPasskeys && row.Kind == factor.KindPasskey
}

// locksOut reports that a passkey was the only way in: there is no password, and no
// address for an e-mail to set one.
func locksOut(u *ent.User, before, left []*ent.Factor) bool {
	return u.PasswordHash == nil && u.EmailKey == nil && slices.ContainsFunc(before, logsIn) && !slices.ContainsFunc(left, logsIn)
}

// afterReset ends challenges and sessions, and tells the owner.
func (f *operators) afterReset(ctx context.Context, tx *store.Tx, c Caller, u *ent.User) error {
	if err := voidPurposes(ctx, tx, u.ID, usertoken.PurposeChallenge); err != nil {
		return err
	}
	if _, err := f.sessions.end(ctx, tx, c, EventSessionRevoke, u.ID); err != nil {
		return err
	}
	if err := f.letters.notice(ctx, tx, u, mail.FactorsReset, f.letters.letter(c, u)); err != nil {
		return err
	}
	return f.events.record(ctx, tx, c, happening{event: EventFactorsReset, user: u.ID})
}

// removeFactors removes what was named, and counts it. Recovery codes go with all, or
// alone. So does the beginning of an app, which is not counted.
func (f *operators) removeFactors(ctx context.Context, tx *store.Tx, id uuid.UUID, which FactorReset) (gone int, err error) {
	factors := tx.Factor.Delete().Where(factor.UserID(id), factor.ConfirmedAtNotNil())
	begun := tx.Factor.Delete().Where(factor.UserID(id), factor.ConfirmedAtIsNil())
	switch which {
	case ResetTotps:
		factors.Where(factor.KindEQ(factor.KindTOTP))
	case ResetPasskeys:
		factors.Where(factor.KindEQ(factor.KindPasskey))
	}
	if which != ResetRecoveryCodes {
		if gone, err = factors.Exec(ctx); err != nil {
			return 0, fmt.Errorf("remove factors: %w", err)
		}
	}
	if which == ResetAllFactors || which == ResetTotps {
		if _, err := begun.Exec(ctx); err != nil {
			return 0, fmt.Errorf("remove the beginning of an app: %w", err)
		}
	}
	if which == ResetAllFactors || which == ResetRecoveryCodes {
		codes, err := tx.UserToken.Delete().Where(recoveryOf(id)...).Exec(ctx)
		return gone + codes, wrap("remove recovery codes", err)
	}
	return gone, nil
}
