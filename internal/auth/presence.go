package auth

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/usertoken"
	"github.com/authgraph/authgraph/internal/store"
)

// ReauthenticateInput is the present password.
type ReauthenticateInput struct {
	Password string
}

// Reauthenticate proves anew that the session's owner is present, for what
// needs recent proof.
func (s *Service) Reauthenticate(ctx context.Context, c Caller, in ReauthenticateInput) (*Session, error) {
	if err := s.prove(ctx, c, in.Password, "password"); err != nil {
		return nil, err
	}
	var row *ent.UserToken
	err := s.store.InTx(ctx, func(tx *store.Tx) error {
		if _, err := s.lockProven(ctx, tx, c, "password"); err != nil {
			return err
		}
		var err error
		if row, err = tx.UserToken.UpdateOneID(c.SessionID).SetAuthenticatedAt(s.now()).Save(ctx); err != nil {
			return fmt.Errorf("store the proof of presence: %w", err)
		}
		tx.Changed(c.User.ID)
		return s.record(ctx, tx, c, happening{event: EventReauthenticate, user: c.User.ID})
	})
	if err != nil {
		return nil, err
	}
	return toSession(row, c.SessionID), nil
}

// lockCaller locks the caller's account, and refuses if the credential ended
// meanwhile.
func (s *Service) lockCaller(ctx context.Context, tx *store.Tx, c Caller) (*ent.User, error) {
	return s.lockSession(ctx, tx, c.User.ID, c.SessionID)
}

// lockSession locks an account, and refuses if its session has ended.
func (s *Service) lockSession(ctx context.Context, tx *store.Tx, userID, id uuid.UUID) (*ent.User, error) {
	u, err := tx.LockUser(ctx, userID)
	if ent.IsNotFound(err) {
		return nil, &Error{Code: Unauthenticated, Reason: ReasonRevoked}
	}
	if err != nil {
		return nil, fmt.Errorf("lock the user: %w", err)
	}
	live, err := tx.UserToken.Query().
		Where(usertoken.ID(id), usertoken.UserID(userID), usertoken.PurposeEQ(usertoken.PurposeSession), usertoken.ExpiresAtGT(s.now())).
		Exist(ctx)
	if err != nil {
		return nil, fmt.Errorf("look for the session: %w", err)
	}
	if !live {
		return nil, &Error{Code: Unauthenticated, Reason: ReasonRevoked}
	}
	return u, nil
}

// prove verifies the present password of a caller's account, and records a
// wrong one.
func (s *Service) prove(ctx context.Context, c Caller, given, field string) error {
	err := s.checkPresent(ctx, c, given, field)
	if errors.Is(err, refuse(InvalidCredentials)) {
		failure := happening{event: EventReauthenticate, user: c.User.ID}
		return s.recordAnd(ctx, c, failure, refuse(InvalidCredentials, field))
	}
	return err
}

// lockProven locks the caller's account after its password was verified, and
// refuses if it is another one by now.
func (s *Service) lockProven(ctx context.Context, tx *store.Tx, c Caller, field string) (*ent.User, error) {
	u, err := s.lockCaller(ctx, tx, c)
	if err != nil {
		return nil, err
	}
	if !samePassword(u, c.User) {
		return nil, refuse(InvalidCredentials, field)
	}
	return u, nil
}
