package auth

import (
	"context"
	"fmt"
	"time"

	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/predicate"
	"github.com/authgraph/authgraph/ent/usertoken"
	"github.com/authgraph/authgraph/internal/agent"
	"github.com/authgraph/authgraph/internal/secret"
	"github.com/authgraph/authgraph/internal/signing"
	"github.com/authgraph/authgraph/internal/store"
)

// MaxSessions is how many an account may have. When another one begins, the
// least recently used one ends.
const MaxSessions = 100

// sessionScope is the scope of every session's access token. A verifier that
// expects a person refuses tokens without it.
const sessionScope = "session"

// setupScope is that of a session that may only set up or prove a second factor.
const setupScope = "setup"

// Delivery says where a refresh token goes.
type Delivery string

// The ways of delivery: enum TokenDelivery.
const (
	InBody   Delivery = "BODY"
	InCookie Delivery = "COOKIE"
)

// SessionInput says how a new session should be.
type SessionInput struct {
	Delivery   Delivery
	DeviceName *string
}

// Session is a place where an account is logged in.
type Session struct {
	ID              uuid.UUID
	Current         bool
	DeviceName      *string
	UserAgent       *string
	IPAddress       *string
	CreatedAt       time.Time
	LastUsedAt      time.Time
	AuthenticatedAt time.Time
	ExpiresAt       time.Time
	EndsAt          time.Time
	Methods         []ProofKind
	SecondFactor    bool
}

// Program is the program of the user agent in words; nil if that does not tell.
func (s *Session) Program() *string {
	if s.UserAgent == nil {
		return nil
	}
	if program := agent.Program(*s.UserAgent); program != "" {
		return &program
	}
	return nil
}

// Login is what every way of logging in returns.
type Login struct {
	AccessToken      string
	ExpiresIn        int
	RefreshToken     *string
	RefreshExpiresAt time.Time
	Session          *Session
	User             *ent.User
	// Limited says that the session may only set up or prove a second factor.
	Limited bool
}

// sessionChoice is a SessionInput that was checked.
type sessionChoice struct {
	delivery Delivery
	device   *string
}

func parseSession(in *SessionInput) (sessionChoice, error) {
	if in == nil {
		return sessionChoice{delivery: InBody}, nil
	}
	choice := sessionChoice{delivery: in.Delivery}
	if choice.delivery == "" {
		choice.delivery = InBody
	}
	if in.DeviceName != nil {
		name, err := parseName(*in.DeviceName, "session", "deviceName")
		if err != nil {
			return choice, err
		}
		choice.device = &name
	}
	return choice, nil
}

// sessions begins, shows and ends sessions.
type sessions struct {
	*core
	limits     *limits
	events     *events
	letters    *letters
	users      *users
	devices    *devices
	challenges *challenges
	trusts     *trusts
	claims     *claims
	secret     *secret.Root
	keys       *signing.Keys
	settings   *Settings
}

// toSession shows a session to its owner. current is the session that asks.
func toSession(t heldToken, current uuid.UUID) *Session {
	kinds := kindsOf(t.methods)
	return &Session{
		ID: t.id, Current: t.id == current,
		DeviceName: t.deviceName, UserAgent: t.userAgent, IPAddress: t.ipAddress,
		CreatedAt: t.createdAt.UTC(), LastUsedAt: instant(t.lastUsedAt), AuthenticatedAt: instant(t.authenticatedAt),
		ExpiresAt: t.expiresAt.UTC(), EndsAt: instant(t.endsAt),
		Methods: shown(kinds), SecondFactor: twoFactors(kinds),
	}
}

func instant(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

// end deletes those of a user's sessions that match. It returns the live ones
// as they were, last used first.
func (s *sessions) end(ctx context.Context, tx *store.Tx, c Caller, event Event, userID uuid.UUID, which ...predicate.UserToken) ([]heldToken, error) {
	if _, err := tx.LockUser(ctx, userID); ent.IsNotFound(err) {
		return nil, nil // the account was deleted, and its sessions with it
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
	var live []heldToken
	for _, row := range rows {
		if !row.ExpiresAt.After(now) {
			continue
		}
		if err := s.events.record(ctx, tx, c, happening{event: event, user: userID, session: row.ID}); err != nil {
			return nil, err
		}
		live = append(live, held(row))
	}
	return live, nil
}
