package auth

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/internal/limit"
	"github.com/authgraph/authgraph/internal/mail"
	"github.com/authgraph/authgraph/internal/outbox"
	"github.com/authgraph/authgraph/internal/store"
)

// letter is what every letter tells: when and from where it was caused.
func (s *Service) letter(c Caller, u *ent.User) mail.Letter {
	l := mail.Letter{At: s.now(), UserAgent: c.UserAgent}
	if ip := c.ipText(); ip != nil {
		l.IP = *ip
	}
	if u != nil && u.Username != nil {
		l.Username = *u.Username
	}
	return l
}

// post queues a letter with a token. Without recipient it queues a row that
// sends nothing: the work is then the same as if it did.
func (s *Service) post(ctx context.Context, tx *store.Tx, name, to string, l mail.Letter, token string, tokenID uuid.UUID) error {
	return s.outbox.Enqueue(ctx, tx, outbox.Message{Letter: name, Recipient: to, Content: l, Token: token, TokenID: tokenID})
}

// notice tells an account's owner of something that happened. It holds no
// token, and is not counted against any budget. An account without an address
// gets none.
func (s *Service) notice(ctx context.Context, tx *store.Tx, u *ent.User, name string, l mail.Letter) error {
	if u.EmailKey == nil {
		return nil
	}
	return s.post(ctx, tx, name, *u.EmailKey, l, "", uuid.Nil)
}

// mayMail spends the budgets of a letter to an address, and reports whether it
// may go out. It never refuses the request: the answer is the same, only no
// letter follows. One place cannot use up what an address may get, so that its
// owner can still ask for a letter from elsewhere.
func (s *Service) mayMail(ctx context.Context, c Caller, to string, address, share limit.Limit) (bool, error) {
	err := s.spend(ctx,
		attempt{share, to + " " + source(c.IP)},
		attempt{address, to},
		attempt{s.limits.allLetters, ""})
	if errors.Is(err, refuse(RateLimited)) {
		return false, nil
	}
	return err == nil, err
}
