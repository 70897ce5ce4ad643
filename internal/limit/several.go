package limit

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Each statement outside of a transaction is a commit, and a way to the server. A
// login spends two attempts and gives three back: one statement each.

// spendBothSQL is spendSQL twice on PostgreSQL. The second attempt is counted only
// if the first was. The rows are locked in that order.
var spendBothSQL = func() string {
	first := strings.ReplaceAll(spendSQL, "?", "$")
	second := strings.Replace(first, "VALUES ($1, 1, $2)", "SELECT $6, 1, $7 WHERE EXISTS (SELECT FROM first)", 1)
	for _, n := range []int{5, 4, 3} {
		second = strings.ReplaceAll(second, "$"+strconv.Itoa(n), "$"+strconv.Itoa(n+5))
	}
	return "WITH first AS (" + first + " RETURNING 1), second AS (" + second + " RETURNING 1)\n" +
		"SELECT (SELECT count(*) FROM first) + (SELECT count(*) FROM second)"
}()

// SpendBoth counts two attempts, or refuses them with an *Exceeded. Where the first
// is refused, the second is not counted, and counted is 0; where the second is, the
// first stays counted, and counted is 1.
func (l *Limiter) SpendBoth(ctx context.Context, first, second Attempt) (counted int, err error) {
	if !l.postgres || first.Limit.Count == 0 || second.Limit.Count == 0 {
		return l.spendInTurn(ctx, first, second)
	}
	args := append(l.spending(first), l.spending(second)...)
	if err := l.db.QueryRowContext(ctx, spendBothSQL, args...).Scan(&counted); err != nil {
		return 0, fmt.Errorf("count two attempts: %w", err)
	}
	switch counted {
	case 0:
		return 0, l.exceeded(ctx, first)
	case 1:
		return 1, l.exceeded(ctx, second)
	}
	return counted, nil
}

func (l *Limiter) spendInTurn(ctx context.Context, all ...Attempt) (counted int, err error) {
	for _, a := range all {
		if err := l.Spend(ctx, a); err != nil {
			return counted, err
		}
		counted++
	}
	return counted, nil
}

// The rows are locked in the order in which a login spends them, which is that of
// the names of its limits backwards: else two logins could wait for each other.
const (
	giveBackPostgres = `UPDATE throttles SET attempts = attempts - 1
FROM (SELECT id FROM throttles WHERE id IN ($1, $2, $3) AND attempts > 0 ORDER BY id DESC FOR UPDATE) AS mine
WHERE throttles.id = mine.id`
	giveBackSQLite = `UPDATE throttles SET attempts = attempts - 1 WHERE id IN (?1, ?2, ?3) AND attempts > 0`
)

// GiveBack takes attempts back that turned out to be none to count.
func (l *Limiter) GiveBack(ctx context.Context, attempts ...Attempt) error {
	statement := giveBackSQLite
	if l.postgres {
		statement = giveBackPostgres
	}
	for some := range slices.Chunk(attempts, 3) {
		ids := []any{"", "", ""} // which is no row's
		counted := false
		for i, a := range some {
			if a.Limit.Count > 0 {
				ids[i], counted = l.id(a), true
			}
		}
		if !counted {
			continue
		}
		if _, err := l.db.ExecContext(ctx, statement, ids...); err != nil {
			return fmt.Errorf("give attempts back: %w", err)
		}
	}
	return nil
}
