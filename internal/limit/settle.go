package limit

import (
	"context"
	"fmt"
)

// Attempts that are given back are as in giveBackPostgres. A row that is forgotten
// ends now.
const (
	settlePostgres = `UPDATE throttles SET attempts = attempts - 1, forgotten_at = CASE WHEN throttles.id = $1 THEN $2 ELSE throttles.forgotten_at END
FROM (SELECT id FROM throttles WHERE id IN ($1, $3, $4, $5) AND attempts > 0 ORDER BY id DESC FOR UPDATE) AS mine
WHERE throttles.id = mine.id`
	settleSQLite = `UPDATE throttles SET attempts = attempts - 1, forgotten_at = CASE WHEN id = ?1 THEN ?2 ELSE forgotten_at END
WHERE id IN (?1, ?3, ?4, ?5) AND attempts > 0`
)

// Settle is GiveBack for at most three attempts at a limit. In the same statement it takes back
// all that another limit has counted.
func (l *Limiter) Settle(ctx context.Context, forget Attempt, attempts ...Attempt) error {
	if forget.Limit.Count == 0 {
		return l.GiveBack(ctx, attempts...)
	}
	statement := settleSQLite
	if l.postgres {
		statement = settlePostgres
	}
	ids := l.IDs(attempts...)
	if _, err := l.db.ExecContext(ctx, statement, l.id(forget), l.now(), ids[0], ids[1], ids[2]); err != nil {
		return fmt.Errorf("settle attempts: %w", err)
	}
	return nil
}
