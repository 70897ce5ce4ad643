package auth

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/factor"
	"github.com/authgraph/authgraph/internal/mail"
	"github.com/authgraph/authgraph/internal/passkey"
	"github.com/authgraph/authgraph/internal/store"
)

// MaxPasskeys is how many an account may have.
const MaxPasskeys = 20

// passkeys is the feature of adding a passkey to one's account.
type passkeys struct {
	*core
	limits     *limits
	letters    *letters
	ceremonies *ceremonies
	factors    *secondFactors
	added      *newPasskeys
	users      *users
	devices    *devices
	events     *events
	settings   *Settings
}

// AddPasskey returns the options with which a browser makes a passkey. It stores
// nothing. A limited session of an account that has a factor must prove that one
// first, by Reauthenticate.
func (f *passkeys) AddPasskey(ctx context.Context, c Caller) (json.RawMessage, error) {
	if !f.settings.Passkeys {
		return nil, refuse(NotOffered)
	}
	rows, err := factorsOf(ctx, f.store.Client, c.User.ID)
	if err != nil {
		return nil, err
	}
	if err := f.mayAdd(c, rows); err != nil {
		return nil, err
	}
	challenge := f.ceremonies.begin(forAdding, c.SessionID)
	account := passkey.Account{Handle: c.User.ID, Name: nameOf(c.User)}
	return f.ceremonies.party.CreationOptions(challenge, account, f.ceremonies.known(rows), passkey.Preferred), nil
}

// mayAdd refuses a passkey too many, and a limited session beside a factor that it
// has not proved.
func (f *passkeys) mayAdd(c Caller, rows []*ent.Factor) error {
	if c.Limited && len(rows) > 0 {
		return refuse(SecondFactorNeeded)
	}
	keys := slices.DeleteFunc(slices.Clone(rows), func(row *ent.Factor) bool { return row.Kind != factor.KindPasskey })
	if len(keys) >= MaxPasskeys {
		return refuse(LimitReached)
	}
	return nil
}

// ConfirmPasskeyInput is what a browser answered, and the passkey's name.
type ConfirmPasskeyInput struct {
	Passkey      json.RawMessage
	Name         *string
	SecondFactor bool
}

// ConfirmedPasskey is the new factor, and new recovery codes where there were none.
type ConfirmedPasskey struct {
	Factor        *Factor
	RecoveryCodes []string
}

// ConfirmPasskey finishes adding a passkey. It logs in by itself if it verifies its
// user. One that does not is only good as a second factor: it is refused unless the
// account has one from now on. The account asks for a second factor from now on if
// the input or the policy wants it; its other sessions then end.
func (f *passkeys) ConfirmPasskey(ctx context.Context, c Caller, in ConfirmPasskeyInput) (*ConfirmedPasskey, error) {
	name, err := f.check(in)
	if err != nil {
		return nil, err
	}
	place := attempt{f.limits.loginSource, source(c.IP)}
	if err := f.limits.spend(ctx, place); err != nil {
		return nil, err
	}
	made, use, err := f.added.look(ctx, c, in.Passkey, forAdding, c.SessionID, false)
	if err != nil {
		return nil, f.events.recordAnd(ctx, c, happening{event: EventFactorAdd, user: c.User.ID, method: ByPasskey}, refuse(InvalidCode, "passkey"))
	}
	var done *ConfirmedPasskey
	err = f.store.InTx(ctx, func(tx *store.Tx) (err error) {
		u, err := f.users.lockCaller(ctx, tx, c)
		if err != nil {
			return err
		}
		rows, err := factorsOf(ctx, tx.Client, u.ID)
		if err != nil {
			return err
		}
		if err := f.mayAdd(c, rows); err != nil {
			return err
		}
		on := u.SecondFactor || in.SecondFactor || f.settings.SecondFactor == SecondFactorRequired
		if !on && !made.Verified {
			return refuse(InvalidCode, "passkey") // it would be good for nothing
		}
		row, err := f.added.store(ctx, tx, u.ID, made, name, use)
		if err != nil {
			return err
		}
		done, err = f.finish(ctx, tx, c, u, row, kindsOfPasskey(made.Flags), on)
		return err
	})
	if err != nil {
		return nil, err
	}
	c.Browser.put(f.devices.cookie(c.User, true)) // known since the factors changed
	return done, f.limits.giveBack(ctx, place)
}

func (f *passkeys) check(in ConfirmPasskeyInput) (name string, err error) {
	switch {
	case !f.settings.Passkeys:
		return "", refuse(NotOffered)
	case in.SecondFactor && f.settings.SecondFactor == SecondFactorOff:
		return "", refuse(NotOffered, "secondFactor")
	}
	if in.Name == nil {
		return "", nil
	}
	return parseName(*in.Name, "name")
}

// finish turns the second factor on if it is to be, and tells the owner.
func (f *passkeys) finish(ctx context.Context, tx *store.Tx, c Caller, u *ent.User, row *ent.Factor, kinds []ProofKind, on bool) (*ConfirmedPasskey, error) {
	done, letter := &ConfirmedPasskey{Factor: toFactor(row)}, mail.PasskeyAdded
	err := f.events.record(ctx, tx, c, happening{event: EventFactorAdd, user: u.ID, method: ByPasskey})
	if err != nil {
		return nil, err
	}
	if on && !u.SecondFactor {
		letter = mail.FactorAdded
		done.RecoveryCodes, err = f.factors.turnOn(ctx, tx, c, u)
	} else {
		err = f.factors.changed(ctx, tx, u.ID, nil)
	}
	if err != nil {
		return nil, err
	}
	if on {
		if _, err := f.factors.strengthen(ctx, tx, c, kinds...); err != nil {
			return nil, err
		}
	}
	l := f.letters.letter(c, u)
	l.FactorName = row.Name
	return done, f.letters.notice(ctx, tx, u, letter, l)
}

// StrandedPasskeys counts the passkeys that work no more: they were made for another
// domain, before the RP ID was changed.
func (f *passkeys) StrandedPasskeys(ctx context.Context) (int, error) {
	return f.ceremonies.stranded(ctx)
}
