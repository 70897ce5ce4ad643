package auth

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
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

// Outcome is the result of a step. Login is nil if no session begins: a sign-up
// by address waits for its confirmation, and an account with a second factor
// waits for that.
type Outcome struct {
	*Login
	// Challenge is what the caller must still prove.
	Challenge *Challenge
	// ConfirmKey is for the browser of a sign-up by address. It is nil if it
	// went into a cookie.
	ConfirmKey *string
	// PasskeyOptions are for the passkey of a pending sign-up, beside a refusal that asks
	// for it.
	PasskeyOptions json.RawMessage
}

// finish is the last step of every operation that proves who somebody is. It is
// the only way in which a session begins. fn makes the change that gives the
// user the right to a session. It runs in the transaction in which the session
// begins, and returns the user after the change. A disabled account gets no
// session. An account with a second factor gets a challenge, unless the factor
// was part of the proof, or the browser is trusted.
func (s *sessions) finish(ctx context.Context, c Caller, choice sessionChoice, by proof,
	fn func(tx *store.Tx) (*ent.User, error)) (*Outcome, error) {
	if by.session == uuid.Nil {
		by.session = uuid.Must(uuid.NewV7())
	}
	answered, err := s.askFirst(ctx, c, by)
	if err != nil {
		return nil, err
	}
	b, err := s.beginEither(ctx, c, choice, by, fn)
	if err != nil {
		return nil, err
	}
	if b.challenge != nil {
		return &Outcome{Challenge: b.challenge}, nil
	}
	// Where a second factor is asked for, it was proved just now, or the browser is trusted.
	proved := by.strong || b.user.SecondFactor || s.devices.knowsFactors(c, b.user)
	c.Browser.put(s.devices.cookie(b.user, proved))
	if b.trust != nil {
		c.Browser.put(*b.trust)
	}
	ready := handedOut{user: b.user, token: b.token, refresh: b.refresh, inCookie: choice.delivery == InCookie, ttl: s.settings.AccessTTL, claims: answered}
	login, err := s.handOut(ctx, c, ready)
	if err != nil {
		return nil, err
	}
	return &Outcome{Login: login}, nil
}

// beginEither begins a session in one statement, if it can, or in a transaction.
func (s *sessions) beginEither(ctx context.Context, c Caller, choice sessionChoice, by proof,
	fn func(tx *store.Tx) (*ent.User, error)) (*begun, error) {
	ctx, cancel := s.store.Bound(ctx) // of both ways together
	defer cancel()
	b, err := s.atOnce(ctx, c, choice, by)
	if b == nil && err == nil {
		err = s.store.InTx(ctx, func(tx *store.Tx) error {
			b = &begun{}
			if err := s.beginOrAsk(ctx, tx, c, choice, by, fn, b); err != nil {
				return err
			}
			return s.limits.giveBackIn(ctx, tx, by.owed...) // last: others wait for these rows
		})
	}
	return b, err
}

// beginOrAsk begins a session, or a challenge where more must be proved.
func (s *sessions) beginOrAsk(ctx context.Context, tx *store.Tx, c Caller, choice sessionChoice, by proof,
	fn func(tx *store.Tx) (*ent.User, error), b *begun) (err error) {
	if b.user, err = fn(tx); err != nil {
		return err
	}
	if b.user.DisabledAt != nil {
		return refuse(Disabled)
	}
	trusted := false
	if b.user.SecondFactor && !by.strong {
		if trusted, err = s.trusted(ctx, tx, c, by, b.user); err != nil {
			return err
		}
		if !trusted {
			b.challenge, err = s.challenge(ctx, tx, c, choice, by, b.user)
			return err
		}
	}
	return s.begin(ctx, tx, c, choice, by, trusted, b)
}

// challenge begins a challenge instead of a session. A new address is in effect
// already, and is recorded.
func (s *sessions) challenge(ctx context.Context, tx *store.Tx, c Caller, choice sessionChoice, by proof, u *ent.User) (*Challenge, error) {
	if by.event == EventEmailChange {
		if err := s.events.record(ctx, tx, c, happening{event: by.event, user: u.ID}); err != nil {
			return nil, err
		}
	}
	return s.challenges.begin(ctx, tx, c, choice, by, u)
}

// begun is what a transaction that may begin a session leads to: the session, or
// a challenge.
type begun struct {
	user      *ent.User
	token     heldToken
	refresh   secret.Refresh
	trust     *Cookie
	challenge *Challenge
}

// trusted reports that a password is enough, since the browser is trusted. A
// reset is not: it would begin a session with the mailbox alone.
func (s *sessions) trusted(ctx context.Context, tx *store.Tx, c Caller, by proof, u *ent.User) (bool, error) {
	if by.event != EventLogin || by.untrusted {
		return false, nil
	}
	return s.trusts.knows(ctx, tx, c, u)
}

// begin begins a session of a locked user.
func (s *sessions) begin(ctx context.Context, tx *store.Tx, c Caller, choice sessionChoice, by proof, trusted bool, b *begun) (err error) {
	u := b.user
	if err := s.makeRoom(ctx, tx, c, u.ID); err != nil {
		return err
	}
	row, refresh, err := s.create(ctx, tx, c, choice, by, trusted, u.ID)
	if err != nil {
		return err
	}
	b.token, b.refresh = held(row), refresh
	if by.trust {
		if b.trust, err = s.trusts.add(ctx, tx, c, u); err != nil {
			return err
		}
	}
	if s.tellsOfSignIn(c, by, u) {
		l := s.letters.letter(c, u)
		if choice.device != nil {
			l.DeviceName = *choice.device
		}
		if err := s.letters.notice(ctx, tx, u, mail.NewSignIn, l); err != nil {
			return err
		}
	}
	h := happening{event: by.event, user: u.ID, session: b.token.id, detail: by.detail}
	if last := by.kinds[len(by.kinds)-1]; by.strong || last == ByEmailCode || last == ByProvider {
		h.method = last
	}
	return s.events.record(ctx, tx, c, h)
}

// goOn is the last step if the caller's own session is the proof. That session
// continues and gets a new access token. fn works as in finish; it must also
// lock the session.
func (s *sessions) goOn(ctx context.Context, c Caller, event Event, fn func(tx *store.Tx) (*ent.User, error)) (*Outcome, error) {
	answered, err := s.claims.ask(ctx, c, c.User, heldCaller(c))
	if err != nil {
		return nil, err
	}
	var u *ent.User
	var row *ent.UserToken
	err = s.store.InTx(ctx, func(tx *store.Tx) (err error) {
		if u, err = fn(tx); err != nil {
			return err
		}
		if row, err = tx.UserToken.Get(ctx, c.SessionID); err != nil {
			return fmt.Errorf("load the session: %w", err)
		}
		return s.events.record(ctx, tx, c, happening{event: event, user: u.ID})
	})
	if err != nil {
		return nil, err
	}
	login, err := s.show(ctx, c, handedOut{user: u, token: held(row), ttl: s.settings.AccessTTL, claims: answered})
	if err != nil {
		return nil, err
	}
	return &Outcome{Login: login}, nil
}

func (s *sessions) create(ctx context.Context, tx *store.Tx, c Caller, choice sessionChoice, by proof, trusted bool, userID uuid.UUID) (*ent.UserToken, secret.Refresh, error) {
	now := s.now()
	refresh := secret.NewRefresh(by.session)
	ends := now.Add(s.settings.SessionTTL)
	create := tx.UserToken.Create().SetID(by.session).
		SetPurpose(usertoken.PurposeSession).SetUserID(userID).SetDigest(refresh.Digest()).
		SetGeneration(refresh.Generation).SetRotatedAt(now).
		SetCreatedAt(now).SetLastUsedAt(now).SetAuthenticatedAt(now).SetMethods(storedKinds(by.kinds)).
		SetExpiresAt(earlier(s.idleEnd(now), ends)).SetEndsAt(ends).
		SetNillableDeviceName(choice.device).SetNillableUserAgent(presentText(c.UserAgent)).SetNillableIPAddress(c.ipText())
	if by.strong {
		create.SetStrongAt(now)
	}
	if trusted {
		create.SetTrusted(true)
	}
	row, err := create.Save(ctx)
	if err != nil {
		return nil, refresh, fmt.Errorf("store a session: %w", err)
	}
	return row, refresh, nil
}

// idleEnd is when a session ends that is not used after now: after REFRESH_TTL,
// rounded up to a multiple of a 336th of it. With 14 days that is an hour:
// refreshes within the same hour do not change the indexed column, so
// PostgreSQL writes to no index.
func (s *sessions) idleEnd(now time.Time) time.Time {
	step := max(time.Microsecond, (s.settings.RefreshTTL / 336).Truncate(time.Microsecond)) // in microseconds, as databases store it
	return now.Add(s.settings.RefreshTTL + step - 1).Truncate(step)
}

// makeRoom ends the least recently used sessions above the limit. The user is
// locked, so that two logins at once cannot both take the last place.
func (s *sessions) makeRoom(ctx context.Context, tx *store.Tx, c Caller, userID uuid.UUID) error {
	ids, err := tx.UserToken.Query().
		Where(usertoken.UserID(userID), usertoken.PurposeEQ(usertoken.PurposeSession), usertoken.ExpiresAtGT(s.now())).
		Order(usertoken.ByLastUsedAt(sql.OrderDesc()), usertoken.ByID(sql.OrderDesc())).
		Offset(MaxSessions - 1).Limit(MaxSessions).
		IDs(ctx)
	if err != nil {
		return fmt.Errorf("count sessions: %w", err)
	}
	for _, id := range ids {
		if err := tx.UserToken.DeleteOneID(id).Exec(ctx); err != nil && !ent.IsNotFound(err) {
			return fmt.Errorf("end the oldest session: %w", err)
		}
		tx.Changed(userID)
		if err := s.events.record(ctx, tx, c, happening{event: EventSessionEvict, user: userID, session: id}); err != nil {
			return err
		}
	}
	return nil
}

// handedOut is what an answer is made of: the session, its next refresh token and
// where that goes, the life of the access token, and what the application
// answered about it.
type handedOut struct {
	user     *ent.User
	token    heldToken
	refresh  secret.Refresh
	inCookie bool
	ttl      time.Duration
	claims   answeredClaims
}

// handOut makes the answer of every operation that begins or continues a
// session. If the refresh token came in a cookie, the next one goes into a
// cookie.
func (s *sessions) handOut(ctx context.Context, c Caller, h handedOut) (*Login, error) {
	login, err := s.show(ctx, c, h)
	if err != nil {
		return nil, err
	}
	token := s.secret.FormatRefresh(h.refresh)
	if h.inCookie && c.Browser != nil {
		c.Browser.put(Cookie{Name: SessionCookie, Value: token, Expires: h.token.expiresAt})
	} else {
		login.RefreshToken = &token
	}
	return login, nil
}

// show returns a session with a new access token. The token does not outlive
// the session.
func (s *sessions) show(ctx context.Context, c Caller, h handedOut) (*Login, error) {
	u, t, now := h.user, h.token, s.now()
	if !h.claims.asked { // what could not be foreseen
		var err error
		if h.claims, err = s.claims.ask(ctx, c, u, t); err != nil {
			return nil, err
		}
	}
	expires := accessEnd(now, h.ttl, t.expiresAt)
	if expires.Sub(now) < time.Second {
		return nil, refuse(InvalidToken, "refreshToken") // less than a second is left, and tokens count whole seconds
	}
	amr, acr := claimsOf(kindsOf(t.methods))
	proved := earlier(instant(t.authenticatedAt), now) // a token with a time to come is refused, and the clock may have been set back
	says := accesstoken.Claims{
		Subject: u.ID, SessionID: t.id, Scope: sessionScope, AuthTime: proved, Methods: amr, Level: acr,
		IssuedAt: now, NotBefore: now, ExpiresAt: expires, ID: uuid.New(),
	}
	limited := s.settings.limited(t.strongAt, t.trusted)
	if limited { // it has no role: a service that knows roles and no scope would take it for a whole session
		says.Scope = setupScope
	} else {
		says.Roles, says.Extra = strings.Join(s.settings.RolesOf(u), " "), s.claims.of(u, t, h.claims)
	}
	access, err := s.keys.Issue(says)
	if err != nil {
		return nil, fmt.Errorf("sign an access token: %w", err)
	}
	return &Login{
		AccessToken: access, ExpiresIn: int(expires.Sub(now) / time.Second),
		RefreshExpiresAt: t.expiresAt.UTC(), Session: toSession(t, t.id), User: u, Limited: limited,
	}, nil
}

// accessEnd is when an access token ends that begins now. Tokens count whole
// seconds, so the end is rounded up to give the full lifetime, but it is never
// after latest.
func accessEnd(now time.Time, ttl time.Duration, latest time.Time) time.Time {
	end := earlier(now.Add(ttl+time.Second-1), now.Add(accesstoken.MaxTTL))
	return earlier(end, latest).Truncate(time.Second)
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
