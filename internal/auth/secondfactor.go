package auth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/factor"
	"github.com/authgraph/authgraph/ent/usertoken"
	"github.com/authgraph/authgraph/internal/mail"
	"github.com/authgraph/authgraph/internal/secret"
	"github.com/authgraph/authgraph/internal/store"
	"github.com/authgraph/authgraph/internal/totp"
)

// totpLabel names the key that seals the keys of authenticator apps.
const totpLabel = "totp"

// secondFactors proves second factors, and switches them on and off for an
// account.
type secondFactors struct {
	*core
	events   *events
	letters  *letters
	recovery *recoveryCodes
	passkeys *passkeyProofs
	sessions *sessions
	secret   *secret.Root
}

// evidence is a proof that was found good. It proves nothing until it is used up,
// in the transaction of what it proves: then it is known that nobody else used
// it.
type evidence struct {
	kind ProofKind
	// factor and step of a TOTP code, and its key sealed anew if the secret was
	// replaced.
	factor uuid.UUID
	step   int64
	sealed []byte
	// digest of a recovery code.
	digest []byte
	// passkey is what a passkey answered.
	passkey passkeyEvidence
}

// kinds are the proofs that it is.
func (e evidence) kinds() []ProofKind {
	if e.kind == ByPasskey {
		return e.passkey.kinds()
	}
	return []ProofKind{e.kind}
}

// look finds out whether a proof is good, and refuses it as INVALID_CODE. It may
// refuse, but never grants: use decides.
func (p *secondFactors) look(ctx context.Context, c Caller, userID uuid.UUID, given givenFactor) (evidence, error) {
	switch given.kind {
	case ByRecoveryCode:
		return p.lookRecovery(ctx, userID, given)
	case ByPasskey:
		found, err := p.passkeys.look(ctx, c, given.passkey, given.asked)
		return evidence{kind: ByPasskey, passkey: found}, err
	}
	rows, err := p.store.Factor.Query().
		Where(factor.UserID(userID), factor.KindEQ(factor.KindTOTP), factor.ConfirmedAtNotNil()).All(ctx)
	if err != nil {
		return evidence{}, fmt.Errorf("find authenticator apps: %w", err)
	}
	found := evidence{}
	for _, row := range rows { // all of them, so that time does not tell which
		e, ok, err := p.match(row, given.code)
		if err != nil {
			return evidence{}, err
		}
		if ok && found.kind == "" {
			found = e
		}
	}
	if found.kind == "" {
		return evidence{}, refuse(InvalidCode, given.field)
	}
	return found, nil
}

// match tries a code at one authenticator app. A key that no secret opens any more
// matches nothing.
func (p *secondFactors) match(row *ent.Factor, code string) (e evidence, ok bool, err error) {
	key, current, err := p.secret.Open(totpLabel, row.Sealed, row.ID[:])
	if errors.Is(err, secret.ErrUnopenable) {
		return evidence{}, false, nil
	}
	if err != nil {
		return evidence{}, false, fmt.Errorf("open the key of an authenticator app: %w", err)
	}
	step, ok := totp.Match(key, code, p.now(), row.LastStep)
	e = evidence{kind: ByTotp, factor: row.ID, step: step}
	if ok && !current {
		e.sealed, err = p.secret.Seal(totpLabel, key, row.ID[:])
	}
	return e, ok, err
}

func (p *secondFactors) lookRecovery(ctx context.Context, userID uuid.UUID, given givenFactor) (evidence, error) {
	digest, ok := secret.ParseRecovery(userID, given.code)
	if ok {
		var err error
		if ok, err = p.store.UserToken.Query().Where(recoveryOf(userID)...).Where(usertoken.Digest(digest)).Exist(ctx); err != nil {
			return evidence{}, fmt.Errorf("find a recovery code: %w", err)
		}
	}
	if !ok {
		return evidence{}, refuse(InvalidCode, given.field)
	}
	return evidence{kind: ByRecoveryCode, digest: digest}, nil
}

// use uses a good proof up: the database decides who wins. The user is locked.
func (p *secondFactors) use(ctx context.Context, tx *store.Tx, c Caller, u *ent.User, e evidence, field string) error {
	switch e.kind {
	case ByRecoveryCode:
		return p.useRecovery(ctx, tx, c, u, e, field)
	case ByPasskey:
		return p.passkeys.use(ctx, tx, u, e.passkey)
	}
	update := tx.Factor.Update().
		Where(factor.ID(e.factor), factor.UserID(u.ID), factor.ConfirmedAtNotNil(), factor.LastStepLT(e.step)).
		SetLastStep(e.step).SetLastUsedAt(p.now())
	if e.sealed != nil {
		update.SetSealed(e.sealed)
	}
	n, err := update.Save(ctx)
	if err != nil {
		return fmt.Errorf("use a code up: %w", err)
	}
	if n != 1 {
		return refuse(InvalidCode, field)
	}
	return nil
}

func (p *secondFactors) useRecovery(ctx context.Context, tx *store.Tx, c Caller, u *ent.User, e evidence, field string) error {
	n, err := tx.UserToken.Delete().Where(recoveryOf(u.ID)...).Where(usertoken.Digest(e.digest)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("use a recovery code up: %w", err)
	}
	if n != 1 {
		return refuse(InvalidCode, field)
	}
	l := p.letters.letter(c, u)
	if l.CodesLeft, err = p.recovery.left(ctx, tx.Client, u.ID); err != nil {
		return err
	}
	return p.letters.notice(ctx, tx, u, mail.RecoveryCodeUsed, l)
}

// withinSessions is where codes in all sessions of an account wait for each other,
// and are told of once.
func withinSessions(c Caller) string { return "codes within " + byUser(c.User.ID) }

// tellGuessed records that codes were guessed at until they were too many, and
// writes to the owner: somebody knows the password, or uses a session.
func (p *secondFactors) tellGuessed(ctx context.Context, c Caller, u *ent.User, event Event, kind ProofKind, letter string) error {
	h := happening{event: event, outcome: string(RateLimited), user: u.ID, method: kind}
	return p.store.InTx(ctx, func(tx *store.Tx) error {
		if err := p.letters.notice(ctx, tx, u, letter, p.letters.letter(c, u)); err != nil {
			return err
		}
		return p.events.record(ctx, tx, c, h)
	})
}

// tellMany writes to the owner that many codes in a row were wrong. Each of them was
// recorded.
func (p *secondFactors) tellMany(ctx context.Context, c Caller, u *ent.User, letter string) error {
	return p.store.InTx(ctx, func(tx *store.Tx) error { return p.letters.notice(ctx, tx, u, letter, p.letters.letter(c, u)) })
}

// demand asks for a second factor from now on. The account's other sessions and
// challenges end, a change of address that was asked for before is void, and no
// browser stays trusted.
func (p *secondFactors) demand(ctx context.Context, tx *store.Tx, c Caller, u *ent.User) error {
	if err := p.changed(ctx, tx, u.ID, new(true)); err != nil {
		return err
	}
	if err := voidPurposes(ctx, tx, u.ID, usertoken.PurposeChallenge, usertoken.PurposeChangeEmail); err != nil {
		return err
	}
	if err := tx.User.Update().Where(userIs(u.ID)).ClearPendingEmail().ClearPendingEmailKey().Exec(ctx); err != nil {
		return fmt.Errorf("void a change of address: %w", err)
	}
	if _, err := p.sessions.end(ctx, tx, c, EventSessionRevoke, u.ID, usertoken.IDNEQ(c.SessionID)); err != nil {
		return err
	}
	return p.events.record(ctx, tx, c, happening{event: EventSecondFactorOn, user: u.ID})
}

// turnOn is demand, and returns new recovery codes, if there were none.
func (p *secondFactors) turnOn(ctx context.Context, tx *store.Tx, c Caller, u *ent.User) ([]string, error) {
	if err := p.demand(ctx, tx, c, u); err != nil {
		return nil, err
	}
	left, err := p.recovery.left(ctx, tx.Client, u.ID)
	if err != nil || left > 0 {
		return nil, err
	}
	return p.recovery.renew(ctx, tx, u.ID)
}

// turnOff stops asking for one. The recovery codes go with it, and so does what
// sessions have proved by a factor: a policy that wants one asks anew.
func (p *secondFactors) turnOff(ctx context.Context, tx *store.Tx, c Caller, u *ent.User) error {
	if err := p.changed(ctx, tx, u.ID, new(false)); err != nil {
		return err
	}
	if err := voidPurposes(ctx, tx, u.ID, usertoken.PurposeChallenge, usertoken.PurposeRecoveryCode); err != nil {
		return err
	}
	if err := p.forgetProofs(ctx, tx, u.ID); err != nil {
		return err
	}
	return p.events.record(ctx, tx, c, happening{event: EventSecondFactorOff, user: u.ID})
}

// changed begins a new epoch of an account's factors: no browser stays trusted.
func (p *secondFactors) changed(ctx context.Context, tx *store.Tx, userID uuid.UUID, on *bool) error {
	now := p.now()
	err := tx.User.Update().Where(userIs(userID)).SetFactorsChangedAt(now).SetUpdatedAt(now).SetNillableSecondFactor(on).Exec(ctx)
	if err != nil {
		return fmt.Errorf("store a change of factors: %w", err)
	}
	return distrust(ctx, tx, userID)
}

// strengthen notes in the caller's session what was proved just now, and returns
// it as it is then.
func (p *secondFactors) strengthen(ctx context.Context, tx *store.Tx, c Caller, kinds ...ProofKind) (*ent.UserToken, error) {
	row, err := tx.UserToken.Get(ctx, c.SessionID)
	if err != nil {
		return nil, fmt.Errorf("load the session: %w", err)
	}
	now := p.now()
	update := tx.UserToken.UpdateOneID(c.SessionID).SetAuthenticatedAt(now).
		SetMethods(storedKinds(append(kindsOf(row.Methods), kinds...)))
	if last := kinds[len(kinds)-1]; last != ByPassword && last != ByEmailCode && last != ByProvider {
		update.SetStrongAt(now)
	}
	if row, err = update.Save(ctx); err != nil {
		return nil, fmt.Errorf("store what was proved: %w", err)
	}
	tx.Changed(c.User.ID)
	return row, nil
}

// knownSince reports that a moment is not before the account's factors changed.
func knownSince(u *ent.User, at time.Time) bool {
	return u.FactorsChangedAt == nil || at.Unix() >= u.FactorsChangedAt.Unix()
}
