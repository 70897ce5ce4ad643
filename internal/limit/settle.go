package limit

import (
	"context"
	"fmt"
)

// A row that is forgotten ends now.
var (
	settlePostgres = GivingBack("$1, $3, $4, $5", ", forgotten_at = CASE WHEN throttles.id = $1 THEN $2 ELSE throttles.forgotten_at END", "")
	settleSQLite   = givingBackOnSQLite("?1, ?3, ?4, ?5", ", forgotten_at = CASE WHEN id = ?1 THEN ?2 ELSE forgotten_at END")
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
