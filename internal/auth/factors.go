package auth

import (
	"context"
	"fmt"
	"slices"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/factor"
	"github.com/authgraph/authgraph/internal/mail"
	"github.com/authgraph/authgraph/internal/store"
)

// ownFactors is the feature of looking after one's factors.
type ownFactors struct {
	*core
	letters  *letters
	recovery *recoveryCodes
	factors  *secondFactors
	users    *users
	devices  *devices
	events   *events
	ways     *waysIn
	settings *Settings
}

// Factors lists the authenticator apps and passkeys of an account, oldest first.
func (f *ownFactors) Factors(ctx context.Context, u *ent.User) ([]Factor, error) {
	rows, err := factorsOf(ctx, f.store.Client, u.ID)
	if err != nil {
		return nil, err
	}
	list := make([]Factor, len(rows))
	for i, row := range rows {
		list[i] = *toFactor(row)
	}
	return list, nil
}

// RecoveryCodesLeft counts the recovery codes of an account.
func (f *ownFactors) RecoveryCodesLeft(ctx context.Context, u *ent.User) (*int, error) {
	n, err := f.recovery.left(ctx, f.store.Client, u.ID)
	return &n, err
}

// RenameFactorInput gives a factor another name.
type RenameFactorInput struct {
	ID, Name string
}

// RenameFactor gives one of the caller's factors another name. Another's is as
// unknown as one that never was.
func (f *ownFactors) RenameFactor(ctx context.Context, c Caller, in RenameFactorInput) (*Factor, error) {
	name, err := parseName(in.Name, "name")
	if err != nil {
		return nil, err
	}
	var row *ent.Factor
	err = f.store.InTx(ctx, func(tx *store.Tx) (err error) {
		if row, err = f.own(ctx, tx, c, in.ID); err != nil {
			return err
		}
		if row, err = tx.Factor.UpdateOneID(row.ID).SetName(name).Save(ctx); err != nil {
			return fmt.Errorf("rename a factor: %w", err)
		}
		return f.events.record(ctx, tx, c, happening{event: EventFactorRename, user: c.User.ID})
	})
	if err != nil {
		return nil, err
	}
	return toFactor(row), nil
}

// own locks the caller's account and finds one of its factors.
func (f *ownFactors) own(ctx context.Context, tx *store.Tx, c Caller, id string) (*ent.Factor, error) {
	u, err := f.users.lockCaller(ctx, tx, c)
	if err != nil {
		return nil, err
	}
	named, ok := parseID(id)
	if !ok {
		return nil, refuse(NotFound, "id")
	}
	row, err := tx.Factor.Query().Where(factor.ID(named), factor.UserID(u.ID), factor.ConfirmedAtNotNil()).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, refuse(NotFound, "id")
	}
	return row, wrap("find a factor", err)
}

// RemoveFactorInput names the factor to remove.
type RemoveFactorInput struct {
	ID string
}

// RemovedFactor is a factor as it was, and the account as it is now.
type RemovedFactor struct {
	Factor *Factor
	User   *ent.User
}

// RemoveFactor removes one of the caller's factors. With the last one the account
// has no second factor any more, and its recovery codes and trusted browsers go
// too; where the policy wants a second factor that is FACTOR_NEEDED. An account
// without a password keeps a passkey or an identity that logs in: removing the last
// one is LAST_WAY_IN.
func (f *ownFactors) RemoveFactor(ctx context.Context, c Caller, in RemoveFactorInput) (*RemovedFactor, error) {
	var removed *RemovedFactor
	err := f.store.InTx(ctx, func(tx *store.Tx) error {
		row, err := f.own(ctx, tx, c, in.ID)
		if err != nil {
			return err
		}
		u, err := f.remove(ctx, tx, c, row)
		removed = &RemovedFactor{toFactor(row), u}
		return err
	})
	if err != nil {
		return nil, err
	}
	c.Browser.put(f.devices.cookie(c.User, f.devices.provesFactors(c))) // known since the factors changed
	return removed, nil
}

func (f *ownFactors) remove(ctx context.Context, tx *store.Tx, c Caller, row *ent.Factor) (*ent.User, error) {
	u, err := tx.User.Get(ctx, row.UserID)
	if err != nil {
		return nil, fmt.Errorf("load the user: %w", err)
	}
	others, err := factorsOf(ctx, tx.Client, u.ID)
	if err != nil {
		return nil, err
	}
	others = slices.DeleteFunc(others, func(other *ent.Factor) bool { return other.ID == row.ID })
	if err := f.mayRemove(ctx, tx, u, row, others); err != nil {
		return nil, err
	}
	if err := tx.Factor.DeleteOneID(row.ID).Exec(ctx); err != nil {
		return nil, fmt.Errorf("remove a factor: %w", err)
	}
	if err := f.events.record(ctx, tx, c, happening{event: EventFactorRemove, user: u.ID, method: proofOf(row)}); err != nil {
		return nil, err
	}
	if err := f.afterRemoval(ctx, tx, c, u, len(others) > 0); err != nil {
		return nil, err
	}
	l, letter := f.letters.letter(c, u), mail.FactorRemoved
	l.FactorName = row.Name
	if proofOf(row) == ByPasskey {
		letter = mail.PasskeyRemoved
	}
	if err := f.letters.notice(ctx, tx, u, letter, l); err != nil {
		return nil, err
	}
	return tx.User.Get(ctx, u.ID)
}

// mayRemove refuses to remove what the policy, or the owner, needs.
func (f *ownFactors) mayRemove(ctx context.Context, tx *store.Tx, u *ent.User, row *ent.Factor, others []*ent.Factor) error {
	if logsIn(row) {
		if other, err := f.ways.besides(ctx, tx.Client, u, row.ID); err != nil || !other {
			return orElse(err, refuse(LastWayIn))
		}
	}
	if len(others) == 0 && f.settings.SecondFactor == SecondFactorRequired {
		return refuse(FactorNeeded)
	}
	return nil
}

func (f *ownFactors) afterRemoval(ctx context.Context, tx *store.Tx, c Caller, u *ent.User, others bool) error {
	switch {
	case others:
		return f.factors.changed(ctx, tx, u.ID, nil)
	case u.SecondFactor:
		return f.factors.turnOff(ctx, tx, c, u)
	}
	if err := f.factors.forgetProofs(ctx, tx, u.ID); err != nil {
		return err
	}
	return f.factors.changed(ctx, tx, u.ID, nil)
}

// SetSecondFactorInput says whether a second factor is asked for.
type SetSecondFactorInput struct {
	Enabled bool
}

// SecondFactorSet is the account as it is now, and new recovery codes where there
// were none.
type SecondFactorSet struct {
	User          *ent.User
	RecoveryCodes []string
}

// SetSecondFactor asks for a second factor at login, or stops. To begin takes a
// factor, and ends the account's other sessions; to stop takes the recovery codes
// and trusted browsers along, and is FACTOR_NEEDED where the policy wants one.
func (f *ownFactors) SetSecondFactor(ctx context.Context, c Caller, in SetSecondFactorInput) (*SecondFactorSet, error) {
	switch {
	case in.Enabled && f.settings.SecondFactor == SecondFactorOff:
		return nil, refuse(NotOffered)
	case !in.Enabled && f.settings.SecondFactor == SecondFactorRequired:
		return nil, refuse(FactorNeeded)
	}
	set := new(SecondFactorSet)
	err := f.store.InTx(ctx, func(tx *store.Tx) (err error) {
		*set = SecondFactorSet{}
		if set.User, err = f.users.lockCaller(ctx, tx, c); err != nil || set.User.SecondFactor == in.Enabled {
			return err
		}
		if in.Enabled {
			set.RecoveryCodes, err = f.switchOn(ctx, tx, c, set.User)
		} else {
			err = f.switchOff(ctx, tx, c, set.User)
		}
		if err != nil {
			return err
		}
		set.User, err = tx.User.Get(ctx, c.User.ID)
		return wrap("load the user", err)
	})
	if err != nil {
		return nil, err
	}
	c.Browser.put(f.devices.cookie(c.User, in.Enabled || f.devices.provesFactors(c))) // known since the factors changed
	return set, nil
}

func (f *ownFactors) switchOn(ctx context.Context, tx *store.Tx, c Caller, u *ent.User) ([]string, error) {
	rows, err := factorsOf(ctx, tx.Client, u.ID)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, refuse(FactorNeeded)
	}
	l := f.letters.letter(c, u)
	l.FactorName = rows[0].Name
	if err := f.letters.notice(ctx, tx, u, mail.FactorAdded, l); err != nil {
		return nil, err
	}
	return f.factors.turnOn(ctx, tx, c, u)
}

func (f *ownFactors) switchOff(ctx context.Context, tx *store.Tx, c Caller, u *ent.User) error {
	if err := f.letters.notice(ctx, tx, u, mail.FactorRemoved, f.letters.letter(c, u)); err != nil {
		return err
	}
	return f.factors.turnOff(ctx, tx, c, u)
}

// MakeRecoveryCodes makes ten recovery codes; the ones before are void. It needs
// a second factor.
func (f *ownFactors) MakeRecoveryCodes(ctx context.Context, c Caller) ([]string, error) {
	var codes []string
	err := f.store.InTx(ctx, func(tx *store.Tx) error {
		u, err := f.users.lockCaller(ctx, tx, c)
		if err != nil {
			return err
		}
		if !u.SecondFactor {
			return refuse(FactorNeeded)
		}
		if codes, err = f.recovery.renew(ctx, tx, u.ID); err != nil {
			return err
		}
		if err := f.letters.notice(ctx, tx, u, mail.RecoveryCodesMade, f.letters.letter(c, u)); err != nil {
			return err
		}
		return f.events.record(ctx, tx, c, happening{event: EventRecoveryCodesMake, user: u.ID})
	})
	if err != nil {
		return nil, err
	}
	return codes, nil
}
