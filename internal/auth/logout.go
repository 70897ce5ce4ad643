package auth

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/predicate"
	"github.com/authgraph/authgraph/ent/usertoken"
	"github.com/authgraph/authgraph/internal/secret"
	"github.com/authgraph/authgraph/internal/store"
)

// logouts is the feature of ending sessions.
type logouts struct {
	*core
	sessions *sessions
	users    *users
	secret   *secret.Root
	settings *Settings
}

// LogoutScope says which sessions to end.
type LogoutScope string

// The scopes: enum LogoutScope.
const (
	LogoutCurrent LogoutScope = "CURRENT"
	LogoutOthers  LogoutScope = "OTHERS"
	LogoutAll     LogoutScope = "ALL"
)

// LogoutInput says which sessions to end. The scope is relative to one session:
// the one that the refresh token names, or else the bearer, or else the cookie.
type LogoutInput struct {
	Scope        LogoutScope
	RefreshToken *string
}

// namedSession is the session that a logout is relative to.
type namedSession struct {
	id, user uuid.UUID
	// stale says that the refresh token was replaced longer ago than the grace
	// time. Another person may hold it.
	stale bool
}

// Logout ends sessions, at once and everywhere, and returns them as they were.
// It succeeds if nothing is left to end. It works with an expired access token
// if the refresh token is good.
//
// A refresh token that was replaced longer ago than the grace time ends its own
// session and no other, as it does at a refresh (RFC 9700 section 4.14.2). An
// API token ends nothing.
//
// The cookie is cleared if its session has ended for any reason. It stays while
// the session lives.
func (f *logouts) Logout(ctx context.Context, c Caller, in LogoutInput) ([]Session, error) {
	named, err := f.nameSession(ctx, c, in.RefreshToken)
	if err != nil {
		return nil, err
	}
	var ended []heldToken
	if named.id != uuid.Nil {
		err = f.store.InTx(ctx, func(tx *store.Tx) (err error) {
			ended, err = f.logOut(ctx, tx, c, in.Scope, named)
			return err
		})
	}
	if err != nil {
		return nil, err
	}
	sessions := make([]Session, len(ended))
	for i, row := range ended {
		sessions[i] = *toSession(row, named.id)
	}
	return sessions, f.forgetEnded(ctx, c)
}

// forgetEnded clears the cookie unless its session lives.
func (f *logouts) forgetEnded(ctx context.Context, c Caller) error {
	if c.Browser.session() == "" {
		return nil
	}
	living, err := f.sessionOf(ctx, c.Browser.session())
	if err == nil && living.id == uuid.Nil {
		c.Browser.forgetSession()
	}
	return err
}

// logOut ends the sessions of a scope, relative to one of them. Without a scope
// it ends that one only. If that one has ended in the meantime, it ends no
// others: a thief who was just logged out must not log out the owner.
func (f *logouts) logOut(ctx context.Context, tx *store.Tx, c Caller, scope LogoutScope, named namedSession) ([]heldToken, error) {
	var which []predicate.UserToken // empty: all
	switch {
	case named.stale:
		return f.sessions.end(ctx, tx, c, EventRefreshReuse, named.user, usertoken.ID(named.id))
	case scope == LogoutOthers:
		which = append(which, usertoken.IDNEQ(named.id))
	case scope == LogoutAll:
	default:
		return f.sessions.end(ctx, tx, c, EventLogout, named.user, usertoken.ID(named.id))
	}
	if _, err := f.users.lockSession(ctx, tx, named.user, named.id); is(err, Unauthenticated) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	if scope == LogoutAll {
		if err := f.sessions.trusts.forget(ctx, tx, named.user); err != nil {
			return nil, err
		}
	}
	return f.sessions.end(ctx, tx, c, EventLogout, named.user, which...)
}

// nameSession finds the session that a logout is about. It is no error if there
// is none.
func (f *logouts) nameSession(ctx context.Context, c Caller, refreshToken *string) (namedSession, error) {
	switch {
	case refreshToken != nil:
		return f.sessionOf(ctx, pasted(*refreshToken))
	case c.IsAPIToken():
		return namedSession{}, nil
	case !c.Anonymous():
		return namedSession{id: c.SessionID, user: c.User.ID}, nil
	}
	return f.sessionOf(ctx, c.Browser.session())
}

// sessionOf finds the live session of a refresh token of any generation. It is
// no error if there is none.
func (f *logouts) sessionOf(ctx context.Context, token string) (namedSession, error) {
	refresh, ok := f.secret.ParseRefresh(token)
	if !ok {
		return namedSession{}, nil
	}
	row, err := f.store.UserToken.Query().
		Where(usertoken.ID(refresh.SessionID), usertoken.PurposeEQ(usertoken.PurposeSession), usertoken.Digest(refresh.Digest()), usertoken.ExpiresAtGT(f.now())).
		Only(ctx)
	if ent.IsNotFound(err) {
		return namedSession{}, nil
	}
	if err != nil {
		return namedSession{}, fmt.Errorf("find the session to end: %w", err)
	}
	stale := refresh.Generation < row.Generation && f.now().Sub(instant(row.RotatedAt)) > f.settings.RefreshGrace
	return namedSession{row.ID, *row.UserID, stale}, nil
}
