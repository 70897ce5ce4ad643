package auth

import (
	"context"
	"fmt"

	"github.com/authgraph/authgraph/ent/user"
	"github.com/authgraph/authgraph/ent/usertoken"
	"github.com/authgraph/authgraph/internal/signing"
	"github.com/authgraph/authgraph/internal/store"
)

// restores is the feature of making a backup safe to use.
type restores struct {
	*core
	events *events
	keys   *signing.Keys
}

// Kept says what a restored database keeps that may have been revoked since its
// backup.
type Kept struct{ Sessions, APITokens bool }

// Restored counts what was ended.
type Restored struct{ Sessions, APITokens, Mailed int }

// AfterRestore ends what a backup brings back although it may have been revoked:
// sessions with trusted browsers, API tokens, and always tokens and codes in e-mails,
// pending sign-ups and challenges. At the end it makes a key that signs at once, and all
// existing access tokens are refused. Passwords, factors and recovery codes are
// those of the backup: nothing tells which have changed.
//
// It can be repeated after an interruption. It refuses every caller except an
// operator.
func (f *restores) AfterRestore(ctx context.Context, c Caller, kept Kept) (done Restored, err error) {
	if !c.operates() {
		return done, refuse(Forbidden)
	}
	if done.Mailed, err = f.endAll(ctx, mailedPurposes...); err != nil {
		return done, err
	}
	if !kept.Sessions {
		if _, err = f.endAll(ctx, usertoken.PurposeTrustedDevice); err != nil {
			return done, err
		}
		if done.Sessions, err = f.endAll(ctx, usertoken.PurposeSession); err != nil {
			return done, err
		}
	}
	if !kept.APITokens {
		if done.APITokens, err = f.endAll(ctx, usertoken.PurposeAPI); err != nil {
			return done, err
		}
	}
	err = f.store.InTx(ctx, func(tx *store.Tx) error {
		tx.ChangedAll()
		pending := tx.User.Update().Where(user.PendingEmailKeyNotNil()).ClearPendingEmail().ClearPendingEmailKey().SetUpdatedAt(f.now())
		if err := pending.Exec(ctx); err != nil {
			return fmt.Errorf("forget pending addresses: %w", err)
		}
		return f.events.record(ctx, tx, c, happening{event: EventRestore})
	})
	if err != nil {
		return done, err
	}
	return done, f.keys.Rotate(ctx, f.events.keysBy(c), true)
}
