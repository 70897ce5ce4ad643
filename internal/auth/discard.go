package auth

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent/usertoken"
	"github.com/authgraph/authgraph/internal/signing"
	"github.com/authgraph/authgraph/internal/store"
)

// Discarded is what a lost secret took with it.
type Discarded struct{ Sessions, Mails int }

// DiscardKeys is for an installation whose secret was lost, which no Service can
// be made of any more. sure is asked once that is certain.
//
// It makes a new signing key, so that access tokens end. It ends every session,
// since the lost secret checked the refresh tokens. It drops the mails that wait
// with a token, since the lost secret sealed it. What needs no secret stays:
// accounts, passwords, API tokens, tokens in mails that went out, mails without a
// token. Browsers are no longer known from an earlier login, and limits on
// attempts begin anew, by themselves.
//
// It refuses everybody who is no operator, and answers signing.ErrNotLost while a
// secret that is set opens a key in use.
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
	record := func(ctx context.Context, tx *store.Tx, event signing.Event) error {
		return s.signers.events.record(ctx, tx, c, happening{event: Event(event)})
	}
	// The keys come last, so that whoever is interrupted can begin again.
	var err error
	if done.Sessions, err = s.activeSessions.sessions.discard(ctx); err != nil {
		return done, err
	}
	for n := cleanupBatch; n == cleanupBatch; done.Mails += n {
		if n, err = o.Outbox.DropSealed(ctx, cleanupBatch); err != nil {
			return done, err
		}
	}
	return done, s.keys.Discard(ctx, record)
}

// discard ends every session, in batches. It records none of them: that the keys
// were discarded says it.
func (s *sessions) discard(ctx context.Context) (ended int, err error) {
	last := uuid.Nil
	for {
		ids, err := s.store.UserToken.Query().Where(usertoken.IDGT(last), usertoken.PurposeEQ(usertoken.PurposeSession)).
			Order(usertoken.ByID()).Limit(cleanupBatch).IDs(ctx)
		if err != nil {
			return ended, fmt.Errorf("list sessions: %w", err)
		}
		if len(ids) == 0 {
			return ended, nil
		}
		err = s.store.InTx(ctx, func(tx *store.Tx) error {
			_, err := tx.UserToken.Delete().Where(usertoken.IDIn(ids...)).Exec(ctx)
			return err
		})
		if err != nil {
			return ended, fmt.Errorf("end sessions: %w", err)
		}
		ended, last = ended+len(ids), ids[len(ids)-1]
	}
}
