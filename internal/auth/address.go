package auth

import (
	"context"
	"fmt"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/predicate"
	"github.com/authgraph/authgraph/ent/user"
	"github.com/authgraph/authgraph/ent/usertoken"
	"github.com/authgraph/authgraph/internal/mail"
	"github.com/authgraph/authgraph/internal/store"
)

// changeAddress makes an address pending. Only one is pending at a time.
func (s *Service) changeAddress(ctx context.Context, tx *store.Tx, c Caller, u *ent.User, update *ent.UserUpdateOne, to identifier, send bool) error {
	update.SetPendingEmail(to.typed).SetPendingEmailKey(to.key)
	if err := voidChange(ctx, tx, u); err != nil {
		return err
	}
	taken, err := tx.User.Query().Where(addressIs(to.key)).Exist(ctx)
	if err != nil {
		return fmt.Errorf("look for the address: %w", err)
	}
	plain, tokenID, err := s.mint(ctx, tx, c, mailedToken{
		purpose: usertoken.PurposeChangeEmail, to: to, ttl: s.ConfirmTTL, owner: &u.ID, session: &c.SessionID,
	})
	if err != nil {
		return err
	}
	if err := s.postProof(ctx, tx, c, mail.ChangeEmail, to, plain, tokenID, taken, send); err != nil {
		return err
	}
	l := s.letter(c, u)
	l.Email = to.typed
	if err := s.notice(ctx, tx, u, mail.EmailChanging, l); err != nil {
		return err
	}
	return s.record(ctx, tx, c, happening{event: EventEmailChanging, user: u.ID})
}

func (s *Service) callOffAddress(ctx context.Context, tx *store.Tx, c Caller, u *ent.User) error {
	if u.PendingEmailKey == nil {
		return nil
	}
	if err := voidChange(ctx, tx, u); err != nil {
		return err
	}
	return s.record(ctx, tx, c, happening{event: EventEmailChangeStop, user: u.ID})
}

// voidChange deletes the tokens of changes of address that were asked for.
func voidChange(ctx context.Context, tx *store.Tx, u *ent.User) error {
	_, err := tx.UserToken.Delete().
		Where(usertoken.UserID(u.ID), usertoken.PurposeEQ(usertoken.PurposeChangeEmail)).
		Exec(ctx)
	if err != nil {
		return fmt.Errorf("void a change of address: %w", err)
	}
	return nil
}

func addressIs(key string) predicate.User { return user.EmailKey(key) }
