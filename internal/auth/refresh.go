package auth

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"time"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/usertoken"
	"github.com/authgraph/authgraph/internal/secret"
	"github.com/authgraph/authgraph/internal/store"
)

// RefreshInput is the refresh token; left out, it is taken from the cookie.
type RefreshInput struct {
	RefreshToken *string
}

// Refresh trades a refresh token for the next one and an access token.
//
// The current generation moves on by one conditional UPDATE. Within the grace
// time of that move the generation before gets the same successor again, so
// that two tabs or a lost answer are harmless. Anything older or later is
// reuse: somebody else holds the token too, and the session ends, durably,
// before the refusal is sent (RFC 9700 section 4.14.2).
func (s *Service) Refresh(ctx context.Context, c Caller, in RefreshInput) (*Login, error) {
	if in.RefreshToken != nil {
		return s.refresh(ctx, c, *in.RefreshToken, false, s.AccessTTL)
	}
	return s.refreshCookie(ctx, c, s.AccessTTL)
}

// refreshCookie takes the token from the cookie, and clears that if it is good
// for nothing any more. One that others have moved on from within the grace
// time stays: the browser may hold its successor by now.
func (s *Service) refreshCookie(ctx context.Context, c Caller, ttl time.Duration) (*Login, error) {
	login, err := s.refresh(ctx, c, c.Browser.session(), true, ttl)
	if errors.Is(err, refuse(InvalidToken)) && !errors.As(err, new(overtaken)) {
		c.Browser.forgetSession()
	}
	return login, err
}

// overtaken refuses a token, but the session lives on.
type overtaken struct{ error }

// Unwrap is the refusal that the client gets.
func (o overtaken) Unwrap() error { return o.error }

func (s *Service) refresh(ctx context.Context, c Caller, plain string, inCookie bool, ttl time.Duration) (*Login, error) {
	presented, ok := s.secret.ParseRefresh(plain)
	if !ok {
		return nil, refuse(InvalidToken, "refreshToken")
	}
	moved, row, u, err := s.rotate(ctx, c, presented)
	if err != nil {
		return nil, err
	}
	if row == nil || u.DisabledAt != nil || !row.ExpiresAt.After(s.now()) || subtle.ConstantTimeCompare(row.Digest, presented.Digest()) != 1 {
		return nil, refuse(InvalidToken, "refreshToken")
	}
	if !moved {
		if err := s.judge(ctx, c, presented, row); err != nil {
			return nil, err
		}
	}
	successor := presented
	successor.Generation = row.Generation
	if moved {
		successor = presented.Next() // even if another refresh has moved on since
	}
	return s.handOut(c, u, row, successor, inCookie, ttl)
}

const (
	rotateSet = `UPDATE user_tokens AS t SET generation = $1, rotated_at = $2, last_used_at = $2, ip_address = COALESCE($3, t.ip_address),
  expires_at = CASE WHEN t.ends_at < $4 THEN t.ends_at ELSE $4 END `
	rotateWhere = `WHERE t.id = $5 AND t.purpose = 'session' AND t.digest = $6 AND t.generation = $7 AND t.expires_at > $2`

	// rotateSQL moves a session to its next generation. The idle lifetime begins
	// anew, but never beyond the session's end.
	rotateSQL = rotateSet + rotateWhere
	// rotateAndReadSQL returns the session and its user as well, to save the way
	// to a server. SQLite cannot, and has no way.
	rotateAndReadSQL = rotateSet + `FROM users AS u ` + rotateWhere + ` AND u.id = t.user_id RETURNING ` + holderColumns
)

// rotate moves the session to the next generation, if the presented one is the
// current one, and returns it with its user, moved or not; nil if there is none.
// The move is one statement outside a transaction: should it run twice after a
// broken connection, the second finds the generation moved, and the grace time
// answers the same successor.
func (s *Service) rotate(ctx context.Context, c Caller, presented secret.Refresh) (moved bool, row *ent.UserToken, u *ent.User, err error) {
	now := s.now()
	args := []any{presented.Generation + 1, now, c.ipText(), now.Add(s.RefreshTTL), presented.SessionID, presented.Digest(), presented.Generation}
	if s.store.Postgres() {
		row, u, err = scanHolder(s.store.Writer().QueryRowContext(ctx, rotateAndReadSQL, args...))
		moved = row != nil
	} else {
		moved, err = s.rotateOnly(ctx, args)
	}
	if err != nil {
		return false, nil, nil, fmt.Errorf("rotate a refresh token: %w", err)
	}
	if row == nil {
		row, u, err = s.holder(ctx, sessionHolder, presented.SessionID)
	}
	return moved, row, u, err
}

func (s *Service) rotateOnly(ctx context.Context, args []any) (bool, error) {
	res, err := s.store.Writer().ExecContext(ctx, rotateSQL, args...)
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

// judge decides about a token that is not the current generation. It returns
// nil if the token is the one before, within the grace time.
func (s *Service) judge(ctx context.Context, c Caller, presented secret.Refresh, row *ent.UserToken) error {
	refusal := refuse(InvalidToken, "refreshToken")
	inGrace := s.now().Sub(instant(row.RotatedAt)) <= s.RefreshGrace
	switch {
	case presented.Generation > row.Generation:
		// Not ours to have given out: the database was restored from a backup.
		return s.recordAnd(ctx, c, happening{event: EventRefreshFuture, user: *row.UserID, session: row.ID}, refusal)
	case presented.Generation == row.Generation:
		return refusal // expired
	case inGrace && presented.Generation == row.Generation-1:
		return nil
	case inGrace:
		return overtaken{refusal}
	}
	return s.endReused(ctx, c, row, refusal)
}

// endReused ends a session one of whose old tokens came back, in a transaction
// that commits although the answer is a refusal.
func (s *Service) endReused(ctx context.Context, c Caller, row *ent.UserToken, refusal error) error {
	err := s.store.InTx(ctx, func(tx *store.Tx) error {
		_, err := s.endSessions(ctx, tx, c, EventRefreshReuse, *row.UserID, usertoken.ID(row.ID))
		return err
	})
	if err != nil {
		return err
	}
	return refusal
}
