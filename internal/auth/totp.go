package auth

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/factor"
	"github.com/authgraph/authgraph/internal/mail"
	"github.com/authgraph/authgraph/internal/secret"
	"github.com/authgraph/authgraph/internal/store"
	"github.com/authgraph/authgraph/internal/totp"
)

const (
	// MaxTotps is how many authenticator apps an account may have.
	MaxTotps = 2
	// pendingTotp is how long the beginning of one waits for its first code.
	pendingTotp = 10 * time.Minute
)

// totps is the feature of adding an authenticator app.
type totps struct {
	*core
	limits   *limits
	guesses  *guesses
	letters  *letters
	factors  *secondFactors
	users    *users
	devices  *devices
	events   *events
	secret   *secret.Root
	settings *Settings
}

// AddedTotp is the beginning of an authenticator app. Its key is shown this once.
type AddedTotp struct {
	ID                  uuid.UUID
	Secret, URI, QRCode string
}

// AddTotp begins to add an authenticator app. It is no factor yet, and takes the
// place of another beginning. It refuses a third app, and is NOT_OFFERED where
// the policy is off. Where the policy wants a second factor and the account has an
// app that it does not ask for, that one must be given first, by Reauthenticate.
func (f *totps) AddTotp(ctx context.Context, c Caller) (*AddedTotp, error) {
	if f.settings.SecondFactor == SecondFactorOff {
		return nil, refuse(NotOffered)
	}
	key, id := totp.NewKey(), uuid.Must(uuid.NewV7())
	sealed, err := f.secret.Seal(totpLabel, key, id[:])
	if err != nil {
		return nil, fmt.Errorf("seal the key of an authenticator app: %w", err)
	}
	err = f.store.InTx(ctx, func(tx *store.Tx) error {
		u, err := f.users.lockCaller(ctx, tx, c)
		if err != nil {
			return err
		}
		if _, err := tx.Factor.Delete().Where(factor.UserID(u.ID), factor.ConfirmedAtIsNil()).Exec(ctx); err != nil {
			return fmt.Errorf("void another beginning: %w", err)
		}
		n, err := f.confirmed(ctx, tx, c, u)
		if err != nil {
			return err
		}
		if n >= MaxTotps {
			return refuse(LimitReached)
		}
		return tx.Factor.Create().SetID(id).SetUserID(u.ID).SetKind(factor.KindTOTP).SetName("").SetSealed(sealed).
			SetCreatedAt(f.now()).Exec(ctx)
	})
	if err != nil {
		return nil, err
	}
	return f.show(c, id, key)
}

// confirmed counts the apps of a locked account. A limited session must prove a
// factor that there is, though it was switched off, before it may add another.
func (f *totps) confirmed(ctx context.Context, tx *store.Tx, c Caller, u *ent.User) (int, error) {
	rows, err := factorsOf(ctx, tx.Client, u.ID)
	if err != nil {
		return 0, err
	}
	if len(rows) > 0 && c.Limited {
		return 0, refuse(SecondFactorNeeded)
	}
	n := 0
	for _, row := range rows {
		if row.Kind == factor.KindTOTP {
			n++
		}
	}
	return n, nil
}

func (f *totps) show(c Caller, id uuid.UUID, key []byte) (*AddedTotp, error) {
	uri := totp.URI(f.settings.ServiceName, nameOf(c.User), key)
	svg, err := totp.SVG(uri)
	if err != nil {
		return nil, err
	}
	return &AddedTotp{ID: id, Secret: totp.Secret(key), URI: uri, QRCode: svg}, nil
}

// ConfirmTotpInput is a code of a new authenticator app.
type ConfirmTotpInput struct {
	ID, Code, Name string
}

// ConfirmedTotp is the new factor, and new recovery codes where there were none.
type ConfirmedTotp struct {
	Factor        *Factor
	RecoveryCodes []string
}

// ConfirmTotp finishes adding an authenticator app with a first code, which is
// used up by that. The account has a second factor from now on; if it had none,
// its other sessions end. This session has proved one.
func (f *totps) ConfirmTotp(ctx context.Context, c Caller, in ConfirmTotpInput) (*ConfirmedTotp, error) {
	name, err := f.check(in)
	if err != nil {
		return nil, err
	}
	row, err := f.pending(ctx, c, in.ID)
	if err != nil {
		return nil, err
	}
	step, err := f.firstCode(ctx, c, row, in.Code)
	if err != nil {
		return nil, err
	}
	var done *ConfirmedTotp
	err = f.store.InTx(ctx, func(tx *store.Tx) (err error) {
		u, err := f.users.lockCaller(ctx, tx, c)
		if err != nil {
			return err
		}
		if _, err := f.confirmed(ctx, tx, c, u); err != nil {
			return err
		}
		done, err = f.confirm(ctx, tx, c, u, row.ID, name, step)
		return err
	})
	if err != nil {
		return nil, err
	}
	c.Browser.put(f.devices.cookie(c.User, true)) // known since the factors changed
	return done, nil
}

func (f *totps) check(in ConfirmTotpInput) (name string, err error) {
	if f.settings.SecondFactor == SecondFactorOff {
		return "", refuse(NotOffered)
	}
	var wrong problems
	if pasted(in.Code) == "" {
		wrong.add(refuse(Required, "code"))
	}
	name, err = parseName(in.Name, "name")
	wrong.add(err)
	return name, wrong.err()
}

// pending is a beginning of the caller's own.
func (f *totps) pending(ctx context.Context, c Caller, id string) (*ent.Factor, error) {
	named, ok := parseID(id)
	if !ok {
		return nil, refuse(NotFound, "id")
	}
	row, err := f.store.Factor.Query().
		Where(factor.ID(named), factor.UserID(c.User.ID), factor.ConfirmedAtIsNil(), factor.CreatedAtGT(f.now().Add(-pendingTotp))).
		Only(ctx)
	if ent.IsNotFound(err) {
		return nil, refuse(NotFound, "id")
	}
	if err != nil {
		return nil, fmt.Errorf("find an authenticator app: %w", err)
	}
	return row, nil
}

// firstCode finds the step of a code.
func (f *totps) firstCode(ctx context.Context, c Caller, row *ent.Factor, code string) (step int64, err error) {
	key, _, err := f.secret.Open(totpLabel, row.Sealed, row.ID[:])
	if err != nil {
		return 0, fmt.Errorf("open the key of an authenticator app: %w", err)
	}
	g := guess{
		turn: withinSessions(c), open: attempt{f.limits.factorSession, row.ID.String()},
		exhausted: func(ctx context.Context) error {
			return f.factors.tellGuessed(ctx, c, c.User, EventFactorAdd, ByTotp, mail.FactorGuessedWithin)
		},
	}
	err = f.guesses.try(ctx, g, func(bool) error {
		var ok bool
		if step, ok = totp.Match(key, code, f.now(), 0); !ok {
			return f.events.recordAnd(ctx, c, happening{event: EventFactorAdd, user: c.User.ID, method: ByTotp}, refuse(InvalidCode, "code"))
		}
		return nil
	})
	return step, err
}

func (f *totps) confirm(ctx context.Context, tx *store.Tx, c Caller, u *ent.User, id uuid.UUID, name string, step int64) (*ConfirmedTotp, error) {
	n, err := tx.Factor.Update().Where(factor.ID(id), factor.UserID(u.ID), factor.ConfirmedAtIsNil()).
		SetConfirmedAt(f.now()).SetLastUsedAt(f.now()).SetLastStep(step).SetName(name).Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("store an authenticator app: %w", err)
	}
	if n != 1 {
		return nil, refuse(NotFound, "id")
	}
	if err := f.events.record(ctx, tx, c, happening{event: EventFactorAdd, user: u.ID, method: ByTotp}); err != nil {
		return nil, err
	}
	done := new(ConfirmedTotp)
	if u.SecondFactor {
		err = f.factors.changed(ctx, tx, u.ID, nil)
	} else {
		done.RecoveryCodes, err = f.factors.turnOn(ctx, tx, c, u)
	}
	if err != nil {
		return nil, err
	}
	if _, err := f.factors.strengthen(ctx, tx, c, ByTotp); err != nil {
		return nil, err
	}
	l := f.letters.letter(c, u)
	l.FactorName = name
	if err := f.letters.notice(ctx, tx, u, mail.FactorAdded, l); err != nil {
		return nil, err
	}
	row, err := tx.Factor.Get(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("load an authenticator app: %w", err)
	}
	done.Factor = toFactor(row)
	return done, nil
}
