package limit

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Each statement outside of a transaction is a commit, and a way to the server. A
// login spends three attempts at once, and gives them back where its session
// begins.

// most is how many attempts one statement counts.
const most = 3

// spendSeveralSQL is spendSQL n times on PostgreSQL. An attempt is counted only if
// the one before was. The rows are locked in that order. It returns how many were
// counted.
func spendSeveralSQL(n int) string {
	var parts, counts []string
	for i := range n {
		part := spendSQL
		if i > 0 {
			part = strings.Replace(part, "VALUES (?1, 1, ?2)", "SELECT ?1, 1, ?2 WHERE EXISTS (SELECT FROM spent"+strconv.Itoa(i-1)+")", 1)
		}
		for j := 5; j > 0; j-- {
			part = strings.ReplaceAll(part, "?"+strconv.Itoa(j), "$"+strconv.Itoa(5*i+j))
		}
		name := "spent" + strconv.Itoa(i)
		parts = append(parts, name+" AS ("+part+" RETURNING 1)")
		counts = append(counts, "(SELECT count(*) FROM "+name+")")
	}
	return "WITH " + strings.Join(parts, ", ") + "\nSELECT " + strings.Join(counts, " + ")
}

var spendSeveral = [most + 1]string{2: spendSeveralSQL(2), 3: spendSeveralSQL(3)}

// SpendAll counts up to three attempts, or refuses them with an *Exceeded. Those
// before the refused one stay counted, and counted is how many they are; those
// after it are not counted. An attempt at no limit passes.
func (l *Limiter) SpendAll(ctx context.Context, attempts ...Attempt) (counted int, err error) {
	counted, err = l.count(ctx, attempts)
	if err == nil && counted < len(attempts) {
		err = l.exceeded(ctx, attempts[counted])
	}
	return counted, err
}

// Passes is SpendAll where nobody is told how long to wait. The work is the same
// whichever of them refuses.
func (l *Limiter) Passes(ctx context.Context, attempts ...Attempt) (bool, error) {
	counted, err := l.count(ctx, attempts)
	if err != nil || counted == len(attempts) {
		return err == nil, err
	}
	l.tell(attempts[counted])
	return false, nil
}

// count returns which of the attempts was refused, or how many there are.
func (l *Limiter) count(ctx context.Context, attempts []Attempt) (counted int, err error) {
	var places []int // in attempts, of those that are limited
	for i, a := range attempts {
		if a.Limit.Count > 0 {
			places = append(places, i)
		}
	}
	switch len(places) {
	case 0:
	case 1:
		counted, err = l.spendOne(ctx, attempts[places[0]])
	default:
		counted, err = l.spendSeveral(ctx, attempts, places)
	}
	if err != nil || counted < len(places) {
		return places[counted], err
	}
	return len(attempts), nil
}

func (l *Limiter) spendSeveral(ctx context.Context, attempts []Attempt, places []int) (counted int, err error) {
	if !l.postgres {
		return l.spendInTx(ctx, attempts, places)
	}
	args := make([]any, 0, 5*most)
	for _, i := range places {
		args = append(args, l.spending(attempts[i])...)
	}
	if err := l.db.QueryRowContext(ctx, spendSeveral[len(places)], args...).Scan(&counted); err != nil {
		return 0, fmt.Errorf("count attempts: %w", err)
	}
	return counted, nil
}

func (l *Limiter) spendInTx(ctx context.Context, attempts []Attempt, places []int) (counted int, err error) {
	tx, err := l.db.BeginTx(ctx, nil)
	if err != nil {
		return 0, fmt.Errorf("begin to count attempts: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // after a commit it does nothing
	for _, i := range places {
		res, err := tx.ExecContext(ctx, l.spend, l.spending(attempts[i])...)
		if err != nil {
			return 0, fmt.Errorf("count attempts: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil {
			return 0, err
		} else if n == 0 {
			break
		}
		counted++
	}
	if err := tx.Commit(); err != nil {
		return 0, fmt.Errorf("commit attempts: %w", err)
	}
	return counted, nil
}

// GivingBack is the statement on PostgreSQL, or a part of one, that takes back an
// attempt of each row of ids, which are its parameters, such as "$1, $2". Besides it
// sets also, such as ", forgotten_at = now()", and only if when holds, such as " AND
// EXISTS (…)"; both may be empty.
//
// The rows are locked in the order in which a login spends them, which is that of the
// names of its limits backwards: else two logins could wait for each other.
func GivingBack(ids, also, when string) string {
	return `UPDATE throttles SET attempts = attempts - 1` + also + `
FROM (SELECT id FROM throttles WHERE id IN (` + ids + `) AND attempts > 0` + when + ` ORDER BY id DESC FOR UPDATE) AS mine
WHERE throttles.id = mine.id`
}

// givingBackOnSQLite is GivingBack where there is one writer alone.
func givingBackOnSQLite(ids, also string) string {
	return `UPDATE throttles SET attempts = attempts - 1` + also + ` WHERE id IN (` + ids + `) AND attempts > 0`
}

var (
	giveBackPostgres = GivingBack("$1, $2, $3", "", "")
	giveBackSQLite   = givingBackOnSQLite("?1, ?2, ?3", "")
)

// Executor runs a statement, in a transaction or outside of one.
type Executor interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// GiveBack takes attempts back that turned out to be none to count.
func (l *Limiter) GiveBack(ctx context.Context, attempts ...Attempt) error {
	return l.GiveBackIn(ctx, l.db, attempts...)
}

// GiveBackIn is GiveBack in a transaction: they are taken back if it commits.
func (l *Limiter) GiveBackIn(ctx context.Context, on Executor, attempts ...Attempt) error {
	statement := giveBackSQLite
	if l.postgres {
		statement = giveBackPostgres
	}
	limited := slices.DeleteFunc(slices.Clone(attempts), func(a Attempt) bool { return a.Limit.Count == 0 })
	for some := range slices.Chunk(limited, most) {
		ids := l.IDs(some...)
		if _, err := on.ExecContext(ctx, statement, ids[0], ids[1], ids[2]); err != nil {
			return fmt.Errorf("give attempts back: %w", err)
		}
	}
	return nil
}

// IDs are the rows of at most three attempts at a limit, for a statement that gives
// them back beside what else it does. Attempts at no limit have none, and "" is no
// row's.
func (l *Limiter) IDs(attempts ...Attempt) (ids [most]string) {
	n := 0
	for _, a := range attempts {
		if a.Limit.Count > 0 {
			ids[n] = l.id(a)
			n++
		}
	}
	return ids
}
