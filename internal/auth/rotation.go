package auth

import (
	"context"
	"crypto/subtle"
	stdsql "database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/usertoken"
	"github.com/authgraph/authgraph/internal/secret"
	"github.com/authgraph/authgraph/internal/store"
)

// rotations moves sessions to their next refresh token.
type rotations struct {
	*core
	events   *events
	holders  *holders
	sessions *sessions
	secret   *secret.Root
	settings *Settings
}

// cookie takes the refresh token from the cookie. If the token is of no more
// use, it clears the cookie. If another tab has moved the session on within the
// grace time, the cookie stays: the browser may hold the next token already.
func (r *rotations) cookie(ctx context.Context, c Caller, ttl time.Duration) (*Login, error) {
	login, err := r.next(ctx, c, c.Browser.session(), true, ttl)
	if is(err, InvalidToken) && !errors.As(err, new(overtaken)) {
		c.Browser.forgetSession()
	}
	return login, err
}

// overtaken refuses a token whose session lives on.
type overtaken struct{ error }

// Unwrap is the refusal that the client gets.
func (o overtaken) Unwrap() error { return o.error }

// next trades a refresh token for the next one.
func (r *rotations) next(ctx context.Context, c Caller, plain string, inCookie bool, ttl time.Duration) (*Login, error) {
	presented, ok := r.secret.ParseRefresh(plain)
	if !ok {
		return nil, refuse(InvalidToken, "refreshToken")
	}
	answered, err := r.ask(ctx, c, presented) // before the token is used up
	if err != nil {
		return nil, err
	}
	moved, held, err := r.move(ctx, c, presented)
	if err != nil {
		return nil, err
	}
	if held == nil || held.user.DisabledAt != nil || !held.token.expiresAt.After(r.now()) ||
		subtle.ConstantTimeCompare(held.token.digest, presented.Digest()) != 1 {
		return nil, refuse(InvalidToken, "refreshToken")
	}
	if !moved {
		if err := r.judge(ctx, c, presented, held.token); err != nil {
			return nil, err
		}
	}
	successor := presented
	successor.Generation = held.token.generation
	if moved {
		successor = presented.Next() // the same one, even if another refresh has moved on since
	}
	return r.sessions.handOut(ctx, c, handedOut{held.user, held.token, successor, inCookie, ttl, answered})
}

const (
	rotateSet = `UPDATE user_tokens AS t SET generation = $1, rotated_at = $2, last_used_at = $2, ip_address = COALESCE($3, t.ip_address),
  expires_at = CASE WHEN t.ends_at < $4 THEN t.ends_at ELSE $4 END `
	rotateWhere = `WHERE t.id = $5 AND t.purpose = 'session' AND t.digest = $6 AND t.generation = $7 AND t.expires_at > $2`

	// rotateSQL moves a session to its next generation. Its idle lifetime
	// begins again, but never beyond the session's end.
	rotateSQL = rotateSet + rotateWhere
	// rotateAndReadSQL also returns the session and its user, which saves a
	// round trip. SQLite cannot do this, and has no round trips.
	rotateAndReadSQL = rotateSet + `FROM users AS u ` + rotateWhere + ` AND u.id = t.user_id RETURNING ` + holderColumns
)

// move takes the session to the next generation if the presented token is the
// current one. In both cases it returns the session and its user; nil if there
// is none. The move is one statement outside a transaction. If a broken
// connection makes it run twice, the second run finds the session moved, and
// the grace time gives the same next token.
func (r *rotations) move(ctx context.Context, c Caller, presented secret.Refresh) (moved bool, held *holder, err error) {
	now := r.now()
	args := []any{presented.Generation + 1, now, c.ipText(), r.sessions.idleEnd(now), presented.SessionID, presented.Digest(), presented.Generation}
	if r.store.Postgres() {
		held, err = r.moveAndRead(ctx, args)
		moved = held != nil
	} else {
		moved, err = r.moveOnly(ctx, args)
	}
	if err != nil {
		return false, nil, fmt.Errorf("rotate a refresh token: %w", err)
	}
	if held == nil {
		held, err = r.holders.find(ctx, wholeSession, presented.SessionID)
	}
	return moved, held, err
}

func (r *rotations) moveAndRead(ctx context.Context, args []any) (*holder, error) {
	moved := &holder{user: new(ent.User)}
	err := store.WriteAlone(ctx, r.store, func(ctx context.Context, on store.Statements) error {
		return on.QueryRowContext(ctx, rotateAndReadSQL, args...).Scan(moved.targets()...)
	})
	if errors.Is(err, stdsql.ErrNoRows) {
		return nil, nil
	}
	return moved, err
}

func (r *rotations) moveOnly(ctx context.Context, args []any) (moved bool, err error) {
	err = store.WriteAlone(ctx, r.store, func(ctx context.Context, on store.Statements) error {
		res, err := on.ExecContext(ctx, rotateSQL, args...)
		if err != nil {
			return err
		}
		n, err := res.RowsAffected()
		moved = n == 1
		return err
	})
	return moved, err
}

// judge decides about a token that is not the current generation. It returns
// nil if the token is the previous one and the grace time has not passed.
func (r *rotations) judge(ctx context.Context, c Caller, presented secret.Refresh, t heldToken) error {
	refusal := refuse(InvalidToken, "refreshToken")
	inGrace := near(r.now(), instant(t.rotatedAt), r.settings.RefreshGrace)
	switch {
	case presented.Generation > t.generation:
		// We never gave out this generation: the database was restored from a
		// backup.
		return r.events.recordAnd(ctx, c, happening{event: EventRefreshFuture, user: t.userID, session: t.id}, refusal)
	case presented.Generation == t.generation:
		return refusal // expired
	case inGrace && presented.Generation == t.generation-1:
		return nil
	case inGrace:
		return overtaken{refusal}
	}
	return r.endReused(ctx, c, t, refusal)
}

// endReused ends a session after reuse of an old token. Its transaction commits
// although the answer is a refusal.
func (r *rotations) endReused(ctx context.Context, c Caller, t heldToken, refusal error) error {
	err := r.store.InTx(ctx, func(tx *store.Tx) error {
		_, err := r.sessions.end(ctx, tx, c, EventRefreshReuse, t.userID, usertoken.ID(t.id))
		return err
	})
	if err != nil {
		return err
	}
	return refusal
}
