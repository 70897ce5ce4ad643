package auth

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/usertoken"
	"github.com/authgraph/authgraph/internal/mail"
	"github.com/authgraph/authgraph/internal/store"
)

// address replaces the account's address by the pending one. The second proof
// is the account's password, or a session of the same account as the bearer.
// That session continues, and no other begins. If the account has no password
// and there is no such session, the answer is UNAUTHENTICATED and the token is
// not used up.
func (f *confirms) address(ctx context.Context, c Caller, t *ent.UserToken, in ConfirmInput, choice sessionChoice, place attempt) (*Outcome, error) {
	switch {
	case in.NewPassword != nil:
		return nil, refuse(Invalid, "newPassword")
	case in.ConfirmKey != nil:
		return nil, refuse(Invalid, "confirmKey")
	case isGiven(in.Passkey):
		return nil, refuse(Invalid, "passkey")
	}
	owner, err := f.store.User.Get(ctx, *t.UserID)
	if ent.IsNotFound(err) {
		return nil, refuse(InvalidToken, "token")
	}
	if err != nil {
		return nil, fmt.Errorf("load the token's owner: %w", err)
	}
	switch {
	case in.Password != nil:
		return f.addressByPassword(ctx, c, t, owner, *in.Password, choice, place)
	case c.User != nil && c.User.ID == owner.ID && c.SessionID != uuid.Nil:
		return f.addressBySession(ctx, c, t, place)
	case owner.PasswordHash == nil:
		return nil, NotAuthenticated(c)
	}
	return nil, refuse(Required, "password")
}

func (f *confirms) addressByPassword(ctx context.Context, c Caller, t *ent.UserToken, owner *ent.User, given string, choice sessionChoice, place attempt) (*Outcome, error) {
	if err := f.tryPassword(ctx, c, t, given, owner.PasswordHash, place); err != nil {
		return nil, err
	}
	next := *owner
	next.Email = t.SentToTyped
	return f.sessions.finish(ctx, c, choice, byPassword(EventEmailChange, &next), func(tx *store.Tx) (*ent.User, error) {
		u, err := f.users.lockVerified(ctx, tx, owner)
		if err != nil {
			return nil, err
		}
		return f.moveAddress(ctx, tx, c, u, t)
	})
}

func (f *confirms) addressBySession(ctx context.Context, c Caller, t *ent.UserToken, place attempt) (*Outcome, error) {
	if err := f.limits.giveBack(ctx, place); err != nil {
		return nil, err
	}
	return f.sessions.goOn(ctx, c, EventEmailChange, func(tx *store.Tx) (*ent.User, error) {
		u, err := f.users.lockCaller(ctx, tx, c)
		if err != nil {
			return nil, err
		}
		return f.moveAddress(ctx, tx, c, u, t, c.SessionID)
	})
}

// moveAddress redeems a token and replaces the account's address by the pending
// one. Mailed tokens are voided. Every session ends, except the one that asked
// for the change and those in keep.
func (f *confirms) moveAddress(ctx context.Context, tx *store.Tx, c Caller, u *ent.User, t *ent.UserToken, keep ...uuid.UUID) (*ent.User, error) {
	if u.PendingEmailKey == nil || *u.PendingEmailKey != *t.SentTo {
		return nil, refuse(InvalidToken, "token")
	}
	if err := f.mailed.redeem(ctx, tx, t); err != nil {
		return nil, err
	}
	now := f.now()
	n, err := tx.User.Update().Where(userIs(u.ID)).
		SetEmail(*u.PendingEmail).SetEmailKey(*u.PendingEmailKey).
		ClearPendingEmail().ClearPendingEmailKey().
		SetConfirmedAt(now).SetUpdatedAt(now).
		Save(ctx)
	if ent.IsConstraintError(err) {
		return nil, refuse(InvalidToken, "token") // another account confirmed it in the meantime
	}
	if err != nil || n != 1 {
		return nil, fmt.Errorf("store the new address of %d users: %w", n, err)
	}
	if err := voidMailed(ctx, tx, u.ID); err != nil {
		return nil, err
	}
	if t.SessionID != nil {
		keep = append(keep, *t.SessionID)
	}
	if _, err := f.sessions.end(ctx, tx, c, EventSessionRevoke, u.ID, usertoken.IDNotIn(keep...)); err != nil {
		return nil, err
	}
	tx.Changed(u.ID)
	if u.EmailKey != nil && *u.EmailKey == *u.PendingEmailKey { // it was not proved to us before
		return tx.User.Get(ctx, u.ID)
	}
	l := f.letters.letter(c, u)
	l.Email = *u.PendingEmail
	if err := f.letters.notice(ctx, tx, u, mail.EmailChanged, l); err != nil { // to the old address
		return nil, err
	}
	return tx.User.Get(ctx, u.ID)
}
