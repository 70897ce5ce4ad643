package auth

import (
	"context"
	"fmt"
	"time"

	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/usertoken"
	"github.com/authgraph/authgraph/internal/secret"
	"github.com/authgraph/authgraph/internal/store"
)

// mailedPurposes are the tokens and codes that are sent by e-mail and work once, the
// challenges that follow a right password, and what came back from providers. A new password makes all of them void.
var mailedPurposes = []usertoken.Purpose{
	usertoken.PurposeConfirm, usertoken.PurposeChangeEmail, usertoken.PurposeResetPassword, usertoken.PurposeChallenge, usertoken.PurposeEmailLogin,
	usertoken.PurposeProvider, usertoken.PurposeLink,
}

// mailedToken is a token to make.
type mailedToken struct {
	purpose usertoken.Purpose
	to      identifier
	expires time.Time
	// owner is nil for a pending sign-up, and for a token that nobody will ever
	// get.
	owner *uuid.UUID
	// passwordHash of a pending sign-up.
	passwordHash *string
	// passkey of a pending sign-up, as it is stored.
	passkey []byte
	// keyDigest of a pending sign-up: the digest of the key that its browser
	// has.
	keyDigest []byte
	// profile of a pending sign-up, as it is stored.
	profile *string
	// locale of a pending sign-up.
	locale *string
	// session that asked for a change of address.
	session *uuid.UUID
}

// mailed makes, finds and redeems the tokens that are sent by e-mail.
type mailed struct {
	*core
	events *events
}

// mint stores the digest of a new token and returns the token. The token itself
// is stored nowhere.
func (k *mailed) mint(ctx context.Context, tx *store.Tx, c Caller, m mailedToken) (plain string, id uuid.UUID, err error) {
	plain, digest := secret.Mint()
	now := k.now()
	create := tx.UserToken.Create().
		SetPurpose(m.purpose).SetDigest(digest).SetNillableUserID(m.owner).
		SetSentTo(m.to.key).SetSentToTyped(m.to.typed).
		SetNillablePasswordHash(m.passwordHash).SetNillableProfile(m.profile).SetNillableLocale(m.locale).SetNillableSessionID(m.session).
		SetCreatedAt(now).SetExpiresAt(m.expires).
		SetNillableIPAddress(c.ipText())
	if m.keyDigest != nil {
		create.SetKeyDigest(m.keyDigest)
	}
	if m.passkey != nil {
		create.SetPasskey(m.passkey)
	}
	row, err := create.Save(ctx)
	if err != nil {
		return "", uuid.Nil, fmt.Errorf("store a %s token: %w", m.purpose, err)
	}
	return plain, row.ID, nil
}

// find reads a mailed token before a password is hashed, so that an invalid
// token costs no hash. It may refuse, but only redeem grants. Invalid, used and
// expired tokens and those of another purpose give the same refusal.
func (k *mailed) find(ctx context.Context, plain string, purposes ...usertoken.Purpose) (*ent.UserToken, error) {
	if plain = pasted(plain); plain == "" {
		return nil, refuse(Required, "token")
	}
	digest, ok := secret.ParseMailed(plain)
	if !ok {
		return nil, refuse(InvalidToken, "token")
	}
	t, err := k.store.UserToken.Query().
		Where(usertoken.Digest(digest), usertoken.PurposeIn(purposes...), usertoken.ExpiresAtGT(k.now())).
		Only(ctx)
	if ent.IsNotFound(err) {
		return nil, refuse(InvalidToken, "token")
	}
	if err != nil {
		return nil, fmt.Errorf("find a mailed token: %w", err)
	}
	return t, nil
}

// pending returns the newest sign-up for an address that is not confirmed, or
// nil.
func (k *mailed) pending(ctx context.Context, db *ent.Client, key string) (*ent.UserToken, error) {
	t, err := db.UserToken.Query().
		Where(usertoken.SentTo(key), usertoken.PurposeEQ(usertoken.PurposeConfirm), usertoken.ExpiresAtGT(k.now())).
		Order(usertoken.ByCreatedAt(sql.OrderDesc()), usertoken.ByID(sql.OrderDesc())).
		First(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for a pending sign-up: %w", err)
	}
	return t, nil
}

// recordBadToken records that an invalid token was presented, and returns the
// refusal. It returns any other error unchanged.
func (k *mailed) recordBadToken(ctx context.Context, c Caller, event Event, err error) error {
	if !is(err, InvalidToken) {
		return err
	}
	return k.events.recordAnd(ctx, c, happening{event: event}, refuse(InvalidToken, "token"))
}

// redeem deletes a token. Of several at once only one deletes the row, so only
// one wins.
func (k *mailed) redeem(ctx context.Context, tx *store.Tx, t *ent.UserToken) error {
	n, err := tx.UserToken.Delete().
		Where(usertoken.ID(t.ID), usertoken.PurposeEQ(t.Purpose), usertoken.ExpiresAtGT(k.now())).
		Exec(ctx)
	if err != nil {
		return fmt.Errorf("redeem a %s token: %w", t.Purpose, err)
	}
	if n != 1 {
		return refuse(InvalidToken, "token")
	}
	return nil
}

// voidMailed deletes the mailed tokens and the challenges of a user.
func voidMailed(ctx context.Context, tx *store.Tx, userID uuid.UUID) error {
	return voidPurposes(ctx, tx, userID, mailedPurposes...)
}

// voidPurposes deletes a user's tokens of some purposes.
func voidPurposes(ctx context.Context, tx *store.Tx, userID uuid.UUID, purposes ...usertoken.Purpose) error {
	_, err := tx.UserToken.Delete().Where(usertoken.UserID(userID), usertoken.PurposeIn(purposes...)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("void tokens for %v: %w", purposes, err)
	}
	return nil
}

// voidChange deletes the tokens of pending changes of address.
func voidChange(ctx context.Context, tx *store.Tx, u *ent.User) error {
	_, err := tx.UserToken.Delete().
		Where(usertoken.UserID(u.ID), usertoken.PurposeEQ(usertoken.PurposeChangeEmail)).
		Exec(ctx)
	if err != nil {
		return fmt.Errorf("void a change of address: %w", err)
	}
	return nil
}

// endAll deletes all tokens of some purposes, in batches. It does not record each
// one: one event says it.
func (c *core) endAll(ctx context.Context, purposes ...usertoken.Purpose) (ended int, err error) {
	last := uuid.Nil
	for {
		ids, err := c.store.UserToken.Query().Where(usertoken.IDGT(last), usertoken.PurposeIn(purposes...)).
			Order(usertoken.ByID()).Limit(cleanupBatch).IDs(ctx)
		if err != nil {
			return ended, fmt.Errorf("list tokens: %w", err)
		}
		if len(ids) == 0 {
			return ended, nil
		}
		err = c.store.InTx(ctx, func(tx *store.Tx) error {
			_, err := tx.UserToken.Delete().Where(usertoken.IDIn(ids...)).Exec(ctx)
			return err
		})
		if err != nil {
			return ended, fmt.Errorf("end tokens: %w", err)
		}
		ended, last = ended+len(ids), ids[len(ids)-1]
	}
}
