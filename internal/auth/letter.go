package auth

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/internal/limit"
	"github.com/authgraph/authgraph/internal/mail"
	"github.com/authgraph/authgraph/internal/outbox"
	"github.com/authgraph/authgraph/internal/store"
)

// letters writes to people. All of it waits in the outbox, queued in the
// transaction of what it is about.
type letters struct {
	*core
	limits     *limits
	outbox     *outbox.Outbox
	confirmTTL time.Duration
}

// letter is what every letter tells: when and from where it was caused.
func (p *letters) letter(c Caller, u *ent.User) mail.Letter {
	l := mail.Letter{At: p.now(), UserAgent: c.UserAgent}
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
func (p *letters) post(ctx context.Context, tx *store.Tx, name, to string, l mail.Letter, token string, tokenID uuid.UUID) error {
	return p.outbox.Enqueue(ctx, tx, outbox.Message{Letter: name, Recipient: to, Content: l, Token: token, TokenID: tokenID})
}

// notice tells an account's owner of something that happened. It holds no
// token, and is not counted against any budget. An account without an address
// gets none.
func (p *letters) notice(ctx context.Context, tx *store.Tx, u *ent.User, name string, l mail.Letter) error {
	if u.EmailKey == nil {
		return nil
	}
	return p.post(ctx, tx, name, *u.EmailKey, l, "", uuid.Nil)
}

// mayMail spends the budgets of a letter to an address, and reports whether it
// may go out. It never refuses the request: the answer is the same, only no
// letter follows. One place cannot use up what an address may get, so that its
// owner can still ask for a letter from elsewhere.
func (p *letters) mayMail(ctx context.Context, c Caller, to string, address, share limit.Limit) (bool, error) {
	err := p.limits.spend(ctx,
		attempt{share, to + " " + source(c.IP)},
		attempt{address, to},
		attempt{p.limits.allLetters, ""})
	if is(err, RateLimited) {
		return false, nil
	}
	return err == nil, err
}

// postProof sends a token that proves an address to that address. If there is
// an account with it, the letter says so instead and holds no token, and the
// token that was stored all the same stays unknown to everybody.
func (p *letters) postProof(ctx context.Context, tx *store.Tx, c Caller, name string, to identifier, plain string, tokenID uuid.UUID, taken, send bool) error {
	l := p.letter(c, nil)
	recipient := to.key
	if !send {
		recipient = ""
	}
	if taken {
		return p.post(ctx, tx, mail.AlreadyRegistered, recipient, l, "", uuid.Nil)
	}
	l.ExpiresAt = p.now().Add(p.confirmTTL)
	return p.post(ctx, tx, name, recipient, l, plain, tokenID)
}
