package auth

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/predicate"
	"github.com/authgraph/authgraph/ent/usertoken"
	"github.com/authgraph/authgraph/internal/store"
)

// LogoutScope says which sessions to end.
type LogoutScope string

// The scopes: enum LogoutScope.
const (
	LogoutCurrent LogoutScope = "CURRENT"
	LogoutOthers  LogoutScope = "OTHERS"
	LogoutAll     LogoutScope = "ALL"
)

// LogoutInput says which sessions to end, seen from the one that the refresh
// token names, else the bearer, else the cookie.
type LogoutInput struct {
	Scope        LogoutScope
	RefreshToken *string
}

// namedSession is what a logout is seen from.
type namedSession struct {
	id, user uuid.UUID
	// stale says that it was named by a refresh token that was replaced longer
	// ago than the grace time: somebody else may hold it.
	stale bool
}

// Logout ends sessions, at once and everywhere, and returns them as they were.
// It succeeds when there is nothing left to end, and works with an expired
// access token beside a good refresh token. A refresh token that was replaced
// longer ago than the grace time ends its own session and no other, as it would
// at a refresh (RFC 9700 section 4.14.2). An API token ends nothing.
//
// The cookie is cleared when its session is no more, whatever ended it; it stays
// while that lives on.
func (s *Service) Logout(ctx context.Context, c Caller, in LogoutInput) ([]Session, error) {
	named, err := s.nameSession(ctx, c, in.RefreshToken)
	if err != nil {
		return nil, err
	}
	var ended []*ent.UserToken
	if named.id != uuid.Nil {
		err = s.store.InTx(ctx, func(tx *store.Tx) (err error) {
			ended, err = s.logOut(ctx, tx, c, in.Scope, named)
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
	return sessions, s.forgetEnded(ctx, c)
}

// forgetEnded clears the cookie, unless its session lives.
func (s *Service) forgetEnded(ctx context.Context, c Caller) error {
	if c.Browser.session() == "" {
		return nil
	}
	living, err := s.sessionOf(ctx, c.Browser.session())
	if err == nil && living.id == uuid.Nil {
		c.Browser.forgetSession()
	}
	return err
}

// logOut ends the sessions of a scope, seen from one of them: without a scope
// that one alone. A session that has ended meanwhile ends no others, so that a
// thief who was just logged out does not log out the owner.
func (s *Service) logOut(ctx context.Context, tx *store.Tx, c Caller, scope LogoutScope, named namedSession) ([]*ent.UserToken, error) {
	var which []predicate.UserToken // none: all
	switch {
	case named.stale:
		return s.endSessions(ctx, tx, c, EventRefreshReuse, named.user, usertoken.ID(named.id))
	case scope == LogoutOthers:
		which = append(which, usertoken.IDNEQ(named.id))
	case scope == LogoutAll:
	default:
		return s.endSessions(ctx, tx, c, EventLogout, named.user, usertoken.ID(named.id))
	}
	if _, err := s.lockSession(ctx, tx, named.user, named.id); errors.Is(err, refuse(Unauthenticated)) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	return s.endSessions(ctx, tx, c, EventLogout, named.user, which...)
}

// nameSession finds the session that a logout is about; none is no error.
func (s *Service) nameSession(ctx context.Context, c Caller, refreshToken *string) (namedSession, error) {
	switch {
	case refreshToken != nil:
		return s.sessionOf(ctx, *refreshToken)
	case c.IsAPIToken():
		return namedSession{}, nil
	case !c.Anonymous():
		return namedSession{id: c.SessionID, user: c.User.ID}, nil
	}
	return s.sessionOf(ctx, c.Browser.session())
}

// sessionOf finds the living session that a refresh token of any generation is
// of; none is no error.
func (s *Service) sessionOf(ctx context.Context, token string) (namedSession, error) {
	refresh, ok := s.secret.ParseRefresh(token)
	if !ok {
		return namedSession{}, nil
	}
	row, err := s.store.UserToken.Query().
		Where(usertoken.ID(refresh.SessionID), usertoken.PurposeEQ(usertoken.PurposeSession), usertoken.Digest(refresh.Digest()), usertoken.ExpiresAtGT(s.now())).
		Only(ctx)
	if ent.IsNotFound(err) {
		return namedSession{}, nil
	}
	if err != nil {
		return namedSession{}, fmt.Errorf("find the session to end: %w", err)
	}
	stale := refresh.Generation < row.Generation && s.now().Sub(instant(row.RotatedAt)) > s.RefreshGrace
	return namedSession{row.ID, *row.UserID, stale}, nil
}

// endSessions deletes those of a user's sessions that match, and returns the
// live ones among them as they were, last used first.
func (s *Service) endSessions(ctx context.Context, tx *store.Tx, c Caller, event Event, userID uuid.UUID, which ...predicate.UserToken) ([]*ent.UserToken, error) {
	if _, err := tx.LockUser(ctx, userID); ent.IsNotFound(err) {
		return nil, nil // the account is gone, and its sessions with it
	} else if err != nil {
		return nil, fmt.Errorf("lock the user: %w", err)
	}
	rows, err := tx.UserToken.Query().
		Where(usertoken.UserID(userID), usertoken.PurposeEQ(usertoken.PurposeSession)).
		Where(which...).
		Order(usertoken.ByLastUsedAt(sql.OrderDesc()), usertoken.ByID(sql.OrderDesc())).
		All(ctx)
	if err != nil {
		return nil, fmt.Errorf("find sessions to end: %w", err)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	ids := make([]uuid.UUID, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	if _, err := tx.UserToken.Delete().Where(usertoken.IDIn(ids...)).Exec(ctx); err != nil {
		return nil, fmt.Errorf("end sessions: %w", err)
	}
	tx.Changed(userID)
	now := s.now()
	live := slices.DeleteFunc(rows, func(t *ent.UserToken) bool { return !t.ExpiresAt.After(now) })
	for _, row := range live {
		if err := s.record(ctx, tx, c, happening{event: event, user: userID, session: row.ID}); err != nil {
			return nil, err
		}
	}
	return live, nil
}
