package auth

import (
	"context"
	"fmt"

	"github.com/authgraph/authgraph/ent/user"
	"github.com/authgraph/authgraph/ent/usertoken"
)

// Discarded counts what was lost together with the secret. Apps are authenticator
// apps whose key nobody can open. Accounts are those that ask for a second factor:
// they still do, and a recovery code or a passkey answers.
type Discarded struct{ Sessions, Mails, Apps, Accounts int }

// DiscardKeys repairs an installation whose secret was lost: New refuses such a
// database. It calls sure once, after it has made certain that the secret is
// lost.
//
// It makes a new signing key, so every access token ends. It ends every
// session, because the lost secret verified the refresh tokens. It drops
// waiting e-mails that hold a token, because the lost secret encrypted it.
// Authenticator apps no longer work, because it encrypted their keys.
//
// The rest needs no secret and stays: accounts, passwords, API tokens, tokens
// in e-mails that were sent, and waiting e-mails without a token. Known
// browsers become unknown, and limits on attempts begin again.
//
// It refuses every caller except an operator. If a configured secret still
// opens a key in use, it returns signing.ErrNotLost.
func DiscardKeys(ctx context.Context, o Options, c Caller, sure func() error) (Discarded, error) {
	var done Discarded
	if !c.operates() {
		return done, refuse(Forbidden)
	}
	s := wire(o)
	if err := s.keys.Lost(ctx); err != nil {
		return done, err
	}
	if err := sure(); err != nil {
		return done, err
	}
	// The keys come last, so that an interrupted run can be repeated.
	var err error
	if done.Sessions, err = s.core.endAll(ctx, usertoken.PurposeSession); err != nil {
		return done, err
	}
	for n := cleanupBatch; n == cleanupBatch; done.Mails += n {
		if n, err = o.Outbox.DropSealed(ctx, cleanupBatch); err != nil {
			return done, err
		}
	}
	if done.Apps, err = s.factors.unopenable(ctx); err != nil {
		return done, err
	}
	if done.Accounts, err = o.Store.User.Query().Where(user.SecondFactor(true)).Count(ctx); err != nil {
		return done, fmt.Errorf("count accounts with a second factor: %w", err)
	}
	return done, s.keys.Discard(ctx, s.signers.events.keysBy(c))
}
