package auth

import (
	"context"
	stdsql "database/sql"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/internal/limit"
	"github.com/authgraph/authgraph/internal/secret"
	"github.com/authgraph/authgraph/internal/store"
)

// roomAtOnce is how many sessions an account may have for another to begin at
// once. The statement counts them as they were when it began. So it stays far
// enough from MaxSessions for those that begin meanwhile.
const roomAtOnce = MaxSessions / 2

// beginSQL is what sessions.begin does for a session that needs nothing else:
// one statement and one way to PostgreSQL instead of seven. It affects no row if
// the account is not as it was read, if another transaction holds it, or if it
// has many sessions.
var beginSQL = `WITH u AS (
  SELECT * FROM users WHERE id = $1 AND credentials_changed_at = $2 AND disabled_at IS NULL AND NOT second_factor FOR UPDATE SKIP LOCKED
), t AS (
  INSERT INTO user_tokens (id, purpose, user_id, digest, generation, methods, expires_at, ends_at,
    created_at, rotated_at, last_used_at, authenticated_at, device_name, user_agent, ip_address)
  SELECT $3, 'session', u.id, $4, $5, $6, $7, $8, $9, $9, $9, $9, $10, $11, $12 FROM u
  WHERE (SELECT count(*) FROM user_tokens WHERE user_id = $1 AND purpose = 'session' AND expires_at > $9) < $13
  RETURNING *
), recorded AS (
  INSERT INTO audit_events (id, at, event, outcome, actor, user_id, session_id, token_id, ip_address, user_agent, request_id)
  SELECT $14, $9, $15, $16, $17, $1, $3, $18, $12, $11, $19 FROM t
), given_back AS (
` + limit.GivingBack("$20, $21, $22", "", " AND EXISTS (SELECT FROM t)") + `
) SELECT ` + holderColumns + ` FROM u, t`

// atOnce begins a session in one statement, if it can. If not, it returns nil, and
// nothing was done.
func (s *sessions) atOnce(ctx context.Context, c Caller, choice sessionChoice, by proof) (*begun, error) {
	u := by.unchanged
	if !s.store.Postgres() || u == nil || u.SecondFactor || s.tellsOfSignIn(c, by, u) {
		return nil, nil
	}
	now := s.now()
	ends := now.Add(s.settings.SessionTTL)
	refresh := secret.NewRefresh(by.session)
	owed := s.limits.limiter.IDs(allCounted(by.owed)...)
	args := []any{
		u.ID, u.CredentialsChangedAt,
		refresh.SessionID, refresh.Digest(), refresh.Generation, storedKinds(by.kinds), earlier(s.idleEnd(now), ends), ends,
		now, choice.device, presentText(c.UserAgent), c.ipText(), roomAtOnce,
		uuid.Must(uuid.NewV7()), by.event, outcomeOK, c.actor(), present(c.TokenID), presentText(c.RequestID),
		owed[0], owed[1], owed[2],
	}
	held := &holder{user: new(ent.User)}
	err := store.WriteAlone(ctx, s.store, func(ctx context.Context, on store.Statements) error {
		return on.QueryRowContext(ctx, beginSQL, args...).Scan(held.targets()...)
	})
	if errors.Is(err, stdsql.ErrNoRows) || store.Refused(err) { // the transaction meets the reason again, or not
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("begin a session: %w", err)
	}
	s.events.stored(by.event, outcomeOK)
	return &begun{user: held.user, token: held.token, refresh: refresh}, nil
}

// tellsOfSignIn reports that the owner gets an e-mail of a new session.
func (s *sessions) tellsOfSignIn(c Caller, by proof, u *ent.User) bool {
	login := by.event == EventLogin || by.event == EventChallengeAnswer && by.reset == nil
	return s.settings.SignInNotice && login && !s.devices.knows(c, u)
}
