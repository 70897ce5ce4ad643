package auth

import (
	"context"
	"fmt"
	"time"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/usertoken"
	"github.com/authgraph/authgraph/internal/mail"
	"github.com/authgraph/authgraph/internal/store"
)

// UpdateAccountInput says what to change; nil stays.
type UpdateAccountInput struct {
	CurrentPassword string
	Email           *string
	Username        *string
	NewPassword     *string
}

// accountChange is a checked UpdateAccountInput.
type accountChange struct {
	email    *identifier // nil: stays
	username *identifier
	password *string // the new hash
	callOff  bool    // the address given is the present one
	send     bool    // a letter to the new address is within its budget
}

// UpdateAccount changes address, username or password, each only with the
// present password.
//
// A new address is pending until the token mailed to it is confirmed; the old
// one is told. An address that is taken is pending just the same, and its owner
// gets the "already registered" letter: the caller learns nothing. The present
// address calls a pending change off. A new password ends the other sessions,
// voids mailed tokens and forgets known devices; API tokens stay.
func (s *Service) UpdateAccount(ctx context.Context, c Caller, in UpdateAccountInput) (*ent.User, error) {
	change, err := s.parseChange(c, in)
	if err != nil {
		return nil, err
	}
	if err := s.prove(ctx, c, in.CurrentPassword, "currentPassword"); err != nil {
		return nil, err
	}
	if in.NewPassword != nil {
		hash, err := s.hash(ctx, *in.NewPassword)
		if err != nil {
			return nil, err
		}
		change.password = &hash
	}
	if change.email != nil {
		if change.send, err = s.mayMail(ctx, c, change.email.key, s.limits.changeLetter, s.limits.changeLetterSource); err != nil {
			return nil, err
		}
	}
	var u *ent.User
	err = s.store.InTx(ctx, func(tx *store.Tx) (err error) {
		u, err = s.change(ctx, tx, c, change)
		return err
	})
	return u, err
}

func (s *Service) parseChange(c Caller, in UpdateAccountInput) (accountChange, error) {
	var change accountChange
	var wrong problems
	names := identifiersOf(c.User)
	if in.CurrentPassword == "" {
		wrong.add(refuse(Required, "currentPassword"))
	}
	if in.Email != nil {
		id, err := parseAddress(*in.Email)
		wrong.add(err)
		names = append(names, id.key)
		if c.User.EmailKey != nil && *c.User.EmailKey == id.key {
			change.callOff = true
		} else {
			change.email = &id
		}
	}
	if in.Username != nil {
		id, err := parseUsername(*in.Username)
		if err == nil && !s.Usernames {
			err = refuse(Invalid, "username")
		}
		wrong.add(err)
		names = append(names, id.key)
		change.username = &id
	}
	if in.NewPassword != nil {
		wrong.add(s.checkNewPassword(*in.NewPassword, "newPassword", names...))
	}
	return change, wrong.err()
}

// change makes a checked change in its transaction.
func (s *Service) change(ctx context.Context, tx *store.Tx, c Caller, change accountChange) (*ent.User, error) {
	u, err := s.lockProven(ctx, tx, c, "currentPassword")
	if err != nil {
		return nil, err
	}
	update := tx.User.UpdateOneID(u.ID).SetUpdatedAt(s.now())
	if change.email == nil && (change.callOff || change.password != nil) {
		update.ClearPendingEmail().ClearPendingEmailKey()
	}
	if change.password != nil {
		if err := s.changePassword(ctx, tx, c, u, update, *change.password); err != nil {
			return nil, err
		}
	}
	if change.username != nil {
		if err := s.changeUsername(ctx, tx, c, u, update, *change.username); err != nil {
			return nil, err
		}
	}
	switch {
	case change.callOff:
		err = s.callOffAddress(ctx, tx, c, u)
	case change.email != nil:
		err = s.changeAddress(ctx, tx, c, u, update, *change.email, change.send)
	}
	if err != nil {
		return nil, err
	}
	tx.Changed(u.ID)
	u, err = update.Save(ctx)
	if ent.IsConstraintError(err) {
		return nil, refuse(Taken, "username") // the one unique key that is written here
	}
	if err != nil {
		return nil, fmt.Errorf("store the account: %w", err)
	}
	return u, nil
}

func (s *Service) changePassword(ctx context.Context, tx *store.Tx, c Caller, u *ent.User, update *ent.UserUpdateOne, hash string) error {
	update.SetPasswordHash(hash).SetPasswordChangedAt(s.afterChange(u))
	if err := voidMailed(ctx, tx, u.ID); err != nil {
		return err
	}
	if _, err := s.endSessions(ctx, tx, c, EventSessionRevoke, u.ID, usertoken.IDNEQ(c.SessionID)); err != nil {
		return err
	}
	if err := s.notice(ctx, tx, u, mail.PasswordChanged, s.letter(c, u)); err != nil {
		return err
	}
	return s.record(ctx, tx, c, happening{event: EventPasswordChange, user: u.ID})
}

// afterChange is now, but later than the last change of the password: a clock
// that was set back must not make the password that was verified, or a device
// that was known, pass for the present one.
func (s *Service) afterChange(u *ent.User) time.Time {
	if now := s.now(); now.After(u.PasswordChangedAt) {
		return now
	}
	return u.PasswordChangedAt.Add(time.Microsecond)
}

func (s *Service) changeUsername(ctx context.Context, tx *store.Tx, c Caller, u *ent.User, update *ent.UserUpdateOne, name identifier) error {
	update.SetUsername(name.typed).SetUsernameKey(name.key)
	if u.Username != nil && *u.Username == name.typed {
		return nil
	}
	l := s.letter(c, u)
	l.Username = name.typed
	if err := s.notice(ctx, tx, u, mail.UsernameChanged, l); err != nil {
		return err
	}
	return s.record(ctx, tx, c, happening{event: EventUsernameChange, user: u.ID})
}

// DeleteAccount deletes the caller's account and all that belongs to it, and
// returns it as it was. It cannot be undone. What was recorded about it stays.
func (s *Service) DeleteAccount(ctx context.Context, c Caller) (*ent.User, error) {
	var u *ent.User
	err := s.store.InTx(ctx, func(tx *store.Tx) (err error) {
		if u, err = s.lockCaller(ctx, tx, c); err != nil {
			return err
		}
		return s.deleteUser(ctx, tx, c, u)
	})
	if err != nil {
		return nil, err
	}
	c.Browser.forgetSession()
	return u, nil
}

// deleteUser deletes a locked user; the database deletes the tokens with it.
func (s *Service) deleteUser(ctx context.Context, tx *store.Tx, c Caller, u *ent.User) error {
	if err := s.notice(ctx, tx, u, mail.AccountDeleted, s.letter(c, u)); err != nil {
		return err
	}
	if err := tx.User.DeleteOneID(u.ID).Exec(ctx); err != nil {
		return fmt.Errorf("delete the user: %w", err)
	}
	tx.Changed(u.ID)
	return s.record(ctx, tx, c, happening{event: EventAccountDelete, user: u.ID})
}
