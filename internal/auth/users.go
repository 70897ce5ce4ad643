package auth

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/predicate"
	"github.com/authgraph/authgraph/ent/user"
	"github.com/authgraph/authgraph/ent/usertoken"
	"github.com/authgraph/authgraph/internal/mail"
	"github.com/authgraph/authgraph/internal/profile"
	"github.com/authgraph/authgraph/internal/store"
)

// users finds accounts, and locks them for a transaction.
type users struct {
	*core
	events  *events
	letters *letters
}

// find returns nil for an unknown identifier.
func (a *users) find(ctx context.Context, id identifier) (*ent.User, error) {
	is := user.EmailKey(id.key)
	if id.field == "username" {
		is = user.UsernameKey(id.key)
	}
	u, err := a.store.User.Query().Where(is).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("find the user: %w", err)
	}
	return u, nil
}

// lockAddress finds the account with an address, or nil, and locks it until the
// transaction ends. Requests for an unknown address also wait for each other.
// Otherwise many at once would show by their time that there is no account.
func (a *users) lockAddress(ctx context.Context, tx *store.Tx, key string) (*ent.User, error) {
	if err := tx.LockText(ctx, key); err != nil {
		return nil, fmt.Errorf("lock the address: %w", err)
	}
	q := tx.User.Query().Where(addressIs(key))
	if a.store.Postgres() { // SQLite has only one writer
		q.ForUpdate()
	}
	u, err := q.Only(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for the address: %w", err)
	}
	return u, nil
}

// lockVerified locks a user whose password was verified before the transaction.
// It refuses if the password has changed in the meantime: that change or reset
// wins.
func (a *users) lockVerified(ctx context.Context, tx *store.Tx, verified *ent.User) (*ent.User, error) {
	u, err := tx.LockUser(ctx, verified.ID)
	if ent.IsNotFound(err) {
		return nil, refuse(InvalidCredentials)
	}
	if err != nil {
		return nil, fmt.Errorf("lock the user: %w", err)
	}
	if !sameCredentials(u, verified) {
		return nil, refuse(InvalidCredentials)
	}
	return u, nil
}

// lockCaller locks the caller's account. It refuses if the credential has ended
// in the meantime.
func (a *users) lockCaller(ctx context.Context, tx *store.Tx, c Caller) (*ent.User, error) {
	return a.lockSession(ctx, tx, c.User.ID, c.SessionID)
}

// lockSession locks an account, and refuses if its session has ended.
func (a *users) lockSession(ctx context.Context, tx *store.Tx, userID, id uuid.UUID) (*ent.User, error) {
	u, err := tx.LockUser(ctx, userID)
	if ent.IsNotFound(err) {
		return nil, &Error{Code: Unauthenticated, Reason: ReasonRevoked}
	}
	if err != nil {
		return nil, fmt.Errorf("lock the user: %w", err)
	}
	live, err := tx.UserToken.Query().
		Where(usertoken.ID(id), usertoken.UserID(userID), usertoken.PurposeEQ(usertoken.PurposeSession), usertoken.ExpiresAtGT(a.now())).
		Exist(ctx)
	if err != nil {
		return nil, fmt.Errorf("look for the session: %w", err)
	}
	if !live {
		return nil, &Error{Code: Unauthenticated, Reason: ReasonRevoked}
	}
	return u, nil
}

// lockProven locks the caller's account after its password was verified. It
// refuses if the password has changed in the meantime.
func (a *users) lockProven(ctx context.Context, tx *store.Tx, c Caller, field string) (*ent.User, error) {
	u, err := a.lockCaller(ctx, tx, c)
	if err != nil {
		return nil, err
	}
	if !sameCredentials(u, c.User) {
		return nil, refuse(InvalidCredentials, field)
	}
	return u, nil
}

// sameCredentials reports that the password is still the one that was verified.
// A login at the same moment may have stored a new hash of the same password:
// that is no change.
func sameCredentials(now, verified *ent.User) bool {
	return now.CredentialsChangedAt.Equal(verified.CredentialsChangedAt)
}

// sameHash reports that the stored hash is still the one that was read.
func sameHash(now, before *ent.User) bool {
	return now.PasswordHash != nil && before.PasswordHash != nil && *now.PasswordHash == *before.PasswordHash
}

// afterChange returns the time now, but always a time after the last change of
// the password. The clock may have been set back; even then, the time of a
// change must differ from the last one, or an old password or a known device
// would still count as the present one.
func (a *users) afterChange(u *ent.User) time.Time {
	if now := a.now(); now.After(u.CredentialsChangedAt) {
		return now
	}
	return u.CredentialsChangedAt.Add(time.Microsecond)
}

// delete deletes a locked user. The database deletes its tokens too.
func (a *users) delete(ctx context.Context, tx *store.Tx, c Caller, u *ent.User) error {
	if err := a.letters.notice(ctx, tx, u, mail.AccountDeleted, a.letters.letter(c, u)); err != nil {
		return err
	}
	if err := tx.User.DeleteOneID(u.ID).Exec(ctx); err != nil {
		return fmt.Errorf("delete the user: %w", err)
	}
	tx.Changed(u.ID)
	return a.events.record(ctx, tx, c, happening{event: EventAccountDelete, user: u.ID})
}

// newUser is an account that a transaction will make. The application is asked
// about it before.
func newUser(document, locale *string, now time.Time) *ent.User {
	u := &ent.User{ID: uuid.Must(uuid.NewV7()), Profile: profile.Empty, Locale: locale, ConfirmedAt: &now}
	if document != nil {
		u.Profile = *document
	}
	return u
}

func userIs(id uuid.UUID) predicate.User { return user.ID(id) }

func addressIs(key string) predicate.User { return user.EmailKey(key) }
