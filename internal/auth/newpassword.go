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

// newPasswords sets a password with a token from a reset letter.
type newPasswords struct {
	*core
	letters   *letters
	mailed    *mailed
	users     *users
	evictions *evictions
}

// mayReset reports that a token went to the address the account still has.
func mayReset(u *ent.User, t *ent.UserToken) bool {
	return u.DisabledAt == nil && u.EmailKey != nil && *u.EmailKey == *t.SentTo
}

// find reads a reset token that is still good for a locked account.
func (p *newPasswords) find(ctx context.Context, tx *store.Tx, u *ent.User, id uuid.UUID, field string) (*ent.UserToken, error) {
	t, err := tx.UserToken.Query().
		Where(usertoken.ID(id), usertoken.UserID(u.ID), usertoken.PurposeEQ(usertoken.PurposeResetPassword), usertoken.ExpiresAtGT(p.now())).
		Only(ctx)
	if ent.IsNotFound(err) || err == nil && !mayReset(u, t) {
		return nil, refuse(InvalidToken, field)
	}
	if err != nil {
		return nil, fmt.Errorf("find a reset token: %w", err)
	}
	return t, nil
}

// set redeems a reset token and sets the new password of a locked account. All
// that could be in wrong hands dies, and identities must be linked again; recovery
// codes, which are for such a day, stay.
func (p *newPasswords) set(ctx context.Context, tx *store.Tx, c Caller, u *ent.User, reset pendingReset, field string) (*ent.User, error) {
	t, err := p.find(ctx, tx, u, reset.tokenID, field)
	if err != nil {
		return nil, err
	}
	if err := p.mailed.redeem(ctx, tx, t); err != nil {
		return nil, err
	}
	_, err = tx.UserToken.Delete().Where(usertoken.UserID(u.ID), usertoken.PurposeNEQ(usertoken.PurposeRecoveryCode)).Exec(ctx)
	if err != nil {
		return nil, fmt.Errorf("void every token: %w", err)
	}
	update := tx.User.UpdateOneID(u.ID).SetPasswordHash(reset.hash).SetCredentialsChangedAt(p.users.afterChange(u)).SetUpdatedAt(p.now()).
		ClearPendingEmail().ClearPendingEmailKey()
	l := p.letters.letter(c, u)
	if l.Providers, err = p.evictions.byReset(ctx, tx, c, u); err != nil {
		return nil, err
	}
	if err := p.letters.notice(ctx, tx, u, mail.PasswordReset, l); err != nil {
		return nil, err
	}
	tx.Changed(u.ID)
	u, err = update.Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("store the new password: %w", err)
	}
	return u, nil
}
