package auth

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/user"
	"github.com/authgraph/authgraph/ent/usertoken"
	"github.com/authgraph/authgraph/internal/mail"
	"github.com/authgraph/authgraph/internal/store"
)

// SignUpInput is exactly one of address and username, and a password.
type SignUpInput struct {
	Email    *string
	Username *string
	Password string
	Session  *SessionInput
}

// SignUp begins an account.
//
// By address it returns no Login: a letter with a confirmation token follows.
// There is no user yet, only a token with its own password hash, so that every
// sign-up for an address is bound to its own letter and its own password. For
// a taken address the owner gets a letter instead; the answer, the work and the
// time are the same, and nothing of the account changes. Signing up again
// sends again, within the budget of letters.
//
// By username the account is usable and logged in at once; a username in use
// is TAKEN.
func (s *Service) SignUp(ctx context.Context, c Caller, in SignUpInput) (*Login, error) {
	var wrong problems
	id, err := parseIdentifier(in.Email, in.Username)
	wrong.add(err)
	if err == nil && id.field == "username" && !s.Usernames {
		wrong.add(refuse(Invalid, "username"))
	}
	if err := s.checkNewPassword(in.Password, "password", id.key); err != nil {
		wrong.add(err)
	}
	choice, err := parseSession(in.Session)
	wrong.add(err)
	if err := wrong.err(); err != nil {
		return nil, err
	}
	leave, err := s.admit(ctx, in.Password)
	if err != nil {
		return nil, err
	}
	defer leave()
	place := attempt{s.limits.signUpSource, source(c.IP)}
	if err := s.spend(ctx, place); err != nil {
		return nil, err
	}
	if id.field == "email" {
		return nil, s.undecided(ctx, s.signUpByAddress(ctx, c, id, in.Password), place)
	}
	login, err := s.signUpByUsername(ctx, c, id, in.Password, choice)
	return login, s.undecided(ctx, err, place)
}

func (s *Service) signUpByAddress(ctx context.Context, c Caller, to identifier, chosen string) error {
	hash, err := s.hash(ctx, chosen)
	if err != nil {
		return err
	}
	// This limit refuses nothing, and comes after the hash: a sign-up that the
	// server was too busy for must not use up a letter that nobody gets.
	send, err := s.mayMail(ctx, c, to.key, s.limits.signUpLetter, s.limits.signUpLetterSource)
	if err != nil {
		return err
	}
	return s.store.InTx(ctx, func(tx *store.Tx) error {
		taken, err := tx.User.Query().Where(user.EmailKey(to.key)).Exist(ctx)
		if err != nil {
			return fmt.Errorf("look for the address: %w", err)
		}
		plain, tokenID, err := s.mint(ctx, tx, c, mailedToken{
			purpose: usertoken.PurposeConfirm, to: to, ttl: s.ConfirmTTL, passwordHash: &hash,
		})
		if err != nil {
			return err
		}
		if err := s.postProof(ctx, tx, c, mail.Confirm, to, plain, tokenID, taken, send); err != nil {
			return err
		}
		return s.record(ctx, tx, c, happening{event: EventSignUp})
	})
}

// postProof sends a token that proves an address to that address. If there is
// an account with it, the letter says so instead and holds no token, and the
// token that was stored all the same stays unknown to everybody.
func (s *Service) postProof(ctx context.Context, tx *store.Tx, c Caller, name string, to identifier, plain string, tokenID uuid.UUID, taken, send bool) error {
	l := s.letter(c, nil)
	recipient := to.key
	if !send {
		recipient = ""
	}
	if taken {
		return s.post(ctx, tx, mail.AlreadyRegistered, recipient, l, "", uuid.Nil)
	}
	l.ExpiresAt = s.now().Add(s.ConfirmTTL)
	return s.post(ctx, tx, name, recipient, l, plain, tokenID)
}

func (s *Service) signUpByUsername(ctx context.Context, c Caller, name identifier, chosen string, choice sessionChoice) (*Login, error) {
	// A look that may refuse, so that a name in use costs no hash; the unique
	// index decides.
	if taken, err := s.store.User.Query().Where(user.UsernameKey(name.key)).Exist(ctx); err != nil {
		return nil, fmt.Errorf("look for the username: %w", err)
	} else if taken {
		return nil, refuse(Taken, "username")
	}
	hash, err := s.hash(ctx, chosen)
	if err != nil {
		return nil, err
	}
	return s.startSession(ctx, c, choice, EventSignUp, func(tx *store.Tx) (*ent.User, error) {
		now := s.now()
		u, err := tx.User.Create().
			SetUsername(name.typed).SetUsernameKey(name.key).
			SetPasswordHash(hash).SetPasswordChangedAt(now).
			SetConfirmedAt(now).SetCreatedAt(now).SetUpdatedAt(now).
			Save(ctx)
		if ent.IsConstraintError(err) {
			return nil, refuse(Taken, "username")
		}
		if err != nil {
			return nil, fmt.Errorf("store the user: %w", err)
		}
		return u, nil
	})
}
