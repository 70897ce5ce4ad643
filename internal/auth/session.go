package auth

import (
	"context"
	"fmt"
	"time"

	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/usertoken"
	"github.com/authgraph/authgraph/internal/accesstoken"
	"github.com/authgraph/authgraph/internal/mail"
	"github.com/authgraph/authgraph/internal/secret"
	"github.com/authgraph/authgraph/internal/store"
)

// maxSessions is how many an account may have; the least recently used one
// ends when another begins.
const maxSessions = 100

// sessionScope is the scope of every session's access token: verifiers refuse
// tokens without it where they expect a person.
const sessionScope = "session"

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
}

// Login is what every way of logging in hands out.
type Login struct {
	AccessToken      string
	ExpiresIn        int
	RefreshToken     *string
	RefreshExpiresAt time.Time
	Session          *Session
	User             *ent.User
}

// sessionChoice is a checked SessionInput.
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

// startSession is how every session begins: fn does what entitles the user to
// it, in the transaction in which it begins, and returns the user as it is
// then. A disabled account gets none.
func (s *Service) startSession(ctx context.Context, c Caller, choice sessionChoice, event Event,
	fn func(tx *store.Tx) (*ent.User, error)) (*Login, error) {
	var u *ent.User
	var row *ent.UserToken
	var refresh secret.Refresh
	err := s.store.InTx(ctx, func(tx *store.Tx) (err error) {
		if u, err = fn(tx); err != nil {
			return err
		}
		if u.DisabledAt != nil {
			return refuse(Disabled)
		}
		if err := s.makeRoom(ctx, tx, c, u.ID); err != nil {
			return err
		}
		if row, refresh, err = s.createSession(ctx, tx, c, choice, u.ID); err != nil {
			return err
		}
		if s.SignInNotice && event == EventLogin && !s.knowsDevice(c, u) {
			l := s.letter(c, u)
			if choice.device != nil {
				l.DeviceName = *choice.device
			}
			if err := s.notice(ctx, tx, u, mail.NewSignIn, l); err != nil {
				return err
			}
		}
		return s.record(ctx, tx, c, happening{event: event, user: u.ID, session: row.ID})
	})
	if err != nil {
		return nil, err
	}
	c.Browser.put(s.deviceCookie(u))
	return s.handOut(c, u, row, refresh, choice.delivery == InCookie, s.AccessTTL)
}

func (s *Service) createSession(ctx context.Context, tx *store.Tx, c Caller, choice sessionChoice, userID uuid.UUID) (*ent.UserToken, secret.Refresh, error) {
	now := s.now()
	id := uuid.Must(uuid.NewV7())
	refresh := secret.NewRefresh(id)
	ends := now.Add(s.SessionTTL)
	row, err := tx.UserToken.Create().SetID(id).
		SetPurpose(usertoken.PurposeSession).SetUserID(userID).SetDigest(refresh.Digest()).
		SetGeneration(refresh.Generation).SetRotatedAt(now).
		SetCreatedAt(now).SetLastUsedAt(now).SetAuthenticatedAt(now).
		SetExpiresAt(earlier(now.Add(s.RefreshTTL), ends)).SetEndsAt(ends).
		SetNillableDeviceName(choice.device).SetNillableUserAgent(presentText(c.UserAgent)).SetNillableIPAddress(c.ipText()).
		Save(ctx)
	if err != nil {
		return nil, refresh, fmt.Errorf("store a session: %w", err)
	}
	return row, refresh, nil
}

// makeRoom ends the least recently used sessions beyond the limit. The user is
// locked, so that two logins at once cannot both take the last place.
func (s *Service) makeRoom(ctx context.Context, tx *store.Tx, c Caller, userID uuid.UUID) error {
	ids, err := tx.UserToken.Query().
		Where(usertoken.UserID(userID), usertoken.PurposeEQ(usertoken.PurposeSession), usertoken.ExpiresAtGT(s.now())).
		Order(usertoken.ByLastUsedAt(sql.OrderDesc()), usertoken.ByID(sql.OrderDesc())).
		Offset(maxSessions - 1).Limit(maxSessions).
		IDs(ctx)
	if err != nil {
		return fmt.Errorf("count sessions: %w", err)
	}
	for _, id := range ids {
		if err := tx.UserToken.DeleteOneID(id).Exec(ctx); err != nil && !ent.IsNotFound(err) {
			return fmt.Errorf("end the oldest session: %w", err)
		}
		tx.Changed(userID)
		if err := s.record(ctx, tx, c, happening{event: EventSessionEvict, user: userID, session: id}); err != nil {
			return err
		}
	}
	return nil
}

// handOut makes the answer of every operation that begins or continues a
// session: cookie in, cookie out. The access token does not outlive the
// session.
func (s *Service) handOut(c Caller, u *ent.User, row *ent.UserToken, refresh secret.Refresh, inCookie bool, ttl time.Duration) (*Login, error) {
	now := s.now()
	expires := earlier(now.Add(ttl), row.ExpiresAt)
	if expires.Sub(now) < time.Second {
		return nil, refuse(InvalidToken, "refreshToken") // it ends as we speak; tokens count whole seconds
	}
	access, err := s.tokens.Issue(accesstoken.Claims{
		Subject: u.ID, SessionID: row.ID, Scope: sessionScope, AuthTime: *row.AuthenticatedAt,
		IssuedAt: now, NotBefore: now, ExpiresAt: expires, ID: uuid.New(),
	})
	if err != nil {
		return nil, fmt.Errorf("sign an access token: %w", err)
	}
	login := &Login{
		AccessToken: access, ExpiresIn: int(expires.Sub(now) / time.Second),
		RefreshExpiresAt: row.ExpiresAt.UTC(), Session: toSession(row, row.ID), User: u,
	}
	token := s.secret.FormatRefresh(refresh)
	if inCookie && c.Browser != nil {
		c.Browser.put(Cookie{Name: SessionCookie, Value: token, Expires: row.ExpiresAt})
	} else {
		login.RefreshToken = &token
	}
	return login, nil
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// toSession shows a session to its owner, who asks from the current one.
func toSession(t *ent.UserToken, current uuid.UUID) *Session {
	return &Session{
		ID: t.ID, Current: t.ID == current,
		DeviceName: t.DeviceName, UserAgent: t.UserAgent, IPAddress: t.IPAddress,
		CreatedAt: t.CreatedAt.UTC(), LastUsedAt: instant(t.LastUsedAt), AuthenticatedAt: instant(t.AuthenticatedAt),
		ExpiresAt: t.ExpiresAt.UTC(), EndsAt: instant(t.EndsAt),
	}
}

func instant(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

// Sessions lists where an account is logged in, last used first.
func (s *Service) Sessions(ctx context.Context, c Caller, u *ent.User) ([]Session, error) {
	rows, err := s.store.UserToken.Query().
		Where(usertoken.UserID(u.ID), usertoken.PurposeEQ(usertoken.PurposeSession), usertoken.ExpiresAtGT(s.now())).
		Order(usertoken.ByLastUsedAt(sql.OrderDesc()), usertoken.ByID(sql.OrderDesc())).
		All(ctx)
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	sessions := make([]Session, len(rows))
	for i, row := range rows {
		sessions[i] = *toSession(row, c.SessionID)
	}
	return sessions, nil
}

// RevokeSessionInput names the session to end.
type RevokeSessionInput struct {
	ID string
}

// RevokeSession ends one of the caller's sessions, at once and everywhere.
// Another's session is as unknown as one that never was.
func (s *Service) RevokeSession(ctx context.Context, c Caller, in RevokeSessionInput) (*Session, error) {
	id, ok := parseID(in.ID)
	if !ok {
		return nil, refuse(NotFound, "id")
	}
	var ended []*ent.UserToken
	err := s.store.InTx(ctx, func(tx *store.Tx) error {
		u, err := s.lockCaller(ctx, tx, c)
		if err != nil {
			return err
		}
		ended, err = s.endSessions(ctx, tx, c, EventSessionRevoke, u.ID, usertoken.ID(id))
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(ended) == 0 {
		return nil, refuse(NotFound, "id")
	}
	if id == c.SessionID {
		c.Browser.forgetSession()
	}
	return toSession(ended[0], c.SessionID), nil
}
