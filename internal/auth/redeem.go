package auth

import (
	"context"
	"errors"
	"fmt"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/internal/store"
)

// redeem locks the account of a challenge, voids the challenge and uses the code
// up. Nobody else can void the same challenge or use the same code: counts of rows
// decide who wins. If either is lost, the transaction must not be committed, so that
// the other stays as it was.
func (f *answers) redeem(ctx context.Context, tx *store.Tx, c Caller, t *ent.UserToken, found evidence, field string) (*ent.User, error) {
	if found.kind == ByTotp && f.store.Postgres() {
		return f.redeemAtOnce(ctx, tx, t, found, field)
	}
	u, err := f.challenges.redeem(ctx, tx, t)
	if err != nil {
		return nil, err
	}
	return u, f.factors.use(ctx, tx, c, u, found, field)
}

// redeemSQL is challenges.redeem and secondFactors.use for a code of an app, in one
// statement. The account is locked first, since both others wait for its row. What
// another answer has changed meanwhile is seen, because PostgreSQL looks again at a
// row that it had to wait for.
const redeemSQL = `WITH u AS (SELECT * FROM users WHERE id = $1 FOR UPDATE),
voided AS (DELETE FROM user_tokens AS t USING u
  WHERE t.id = $2 AND t.user_id = u.id AND t.purpose = 'challenge' AND t.expires_at > $3 RETURNING t.id),
used AS (UPDATE factors AS f SET last_step = $4, last_used_at = $3, sealed = COALESCE($5, f.sealed) FROM u
  WHERE f.id = $6 AND f.user_id = u.id AND f.confirmed_at IS NOT NULL AND f.last_step < $4 RETURNING f.id)
SELECT ` + userColumns + `, EXISTS (SELECT FROM voided), EXISTS (SELECT FROM used) FROM u`

// redeemAtOnce is redeem with fewer ways to the server, while the account is locked.
func (f *answers) redeemAtOnce(ctx context.Context, tx *store.Tx, t *ent.UserToken, found evidence, field string) (*ent.User, error) {
	var sealed any // NULL leaves the key as it is
	if found.sealed != nil {
		sealed = found.sealed
	}
	u, voided, used := new(ent.User), false, false
	targets := append(userTargets(u), &voided, &used)
	rows, err := tx.QueryContext(ctx, redeemSQL, *t.UserID, t.ID, f.now(), found.step, sealed, found.factor)
	if err != nil {
		return nil, fmt.Errorf("redeem a challenge: %w", err)
	}
	defer rows.Close() //nolint:errcheck // the one row was read
	if rows.Next() {
		err = rows.Scan(targets...)
	}
	if err = errors.Join(err, rows.Err()); err != nil {
		return nil, fmt.Errorf("redeem a challenge: %w", err)
	}
	switch {
	case !voided: // nor is there such an account, if nothing was read
		return nil, refuse(InvalidToken, "challenge")
	case !used:
		return nil, refuse(InvalidCode, field)
	}
	return u, nil
}
