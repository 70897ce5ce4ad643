package auth

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/internal/passkey"
	"github.com/authgraph/authgraph/internal/store"
)

// passkeyLogins is the feature of logging in with a passkey alone.
type passkeyLogins struct {
	*core
	limits     *limits
	ceremonies *ceremonies
	proofs     *passkeyProofs
	sessions   *sessions
	events     *events
	settings   *Settings
}

// StartPasskeyLogin returns the options with which a browser asks for a passkey. It
// takes no name, so it tells nothing of any account. It reads and stores nothing:
// a page may ask at every view.
func (f *passkeyLogins) StartPasskeyLogin(context.Context, Caller) (json.RawMessage, error) {
	if !f.settings.Passkeys {
		return nil, refuse(NotOffered)
	}
	return f.ceremonies.party.RequestOptions(f.ceremonies.begin(forLogin, uuid.Nil), nil, passkey.Required), nil
}

// LoginWithPasskeyInput is what a passkey answered.
type LoginWithPasskeyInput struct {
	Passkey json.RawMessage
	Session *SessionInput
}

// LoginWithPasskey logs in with a passkey alone. It must verify its user, by PIN,
// finger or face, and so is both factors. Every answer that is not good is
// INVALID_CREDENTIALS, whatever is wrong. DISABLED is said only after a good one.
func (f *passkeyLogins) LoginWithPasskey(ctx context.Context, c Caller, in LoginWithPasskeyInput) (*Outcome, error) {
	if !f.settings.Passkeys {
		return nil, refuse(NotOffered)
	}
	choice, err := parseSession(in.Session)
	if err != nil {
		return nil, err
	}
	place := attempt{f.limits.loginSource, source(c.IP)}
	if err := f.limits.spend(ctx, place); err != nil {
		return nil, err
	}
	found, err := f.proofs.look(ctx, c, in.Passkey, asked{what: forLogin, verify: true})
	failure := happening{event: EventLogin, method: ByPasskey}
	if found.row != nil {
		failure.user = found.row.UserID
	}
	if is(err, InvalidCode) {
		return nil, f.events.recordAnd(ctx, c, failure, refuse(InvalidCredentials, "passkey"))
	}
	if err != nil {
		return nil, err
	}
	if found.row.Edges.User.DisabledAt != nil {
		return nil, f.events.recordAnd(ctx, c, failure, refuse(Disabled))
	}
	by := proof{event: EventLogin, kinds: found.kinds(), strong: true, owed: []attempt{place}} // an answer that was used is an attempt, too
	outcome, err := f.sessions.finish(ctx, c, choice, by, func(tx *store.Tx) (*ent.User, error) {
		u, err := tx.LockUser(ctx, found.row.UserID)
		if ent.IsNotFound(err) {
			return nil, refuse(InvalidCode, "passkey")
		}
		if err != nil {
			return nil, wrap("lock the user", err)
		}
		return u, f.proofs.use(ctx, tx, u, found)
	})
	if is(err, InvalidCode) { // used by another answer at the same moment
		return nil, f.events.recordAnd(ctx, c, failure, refuse(InvalidCredentials, "passkey"))
	}
	return outcome, err
}
