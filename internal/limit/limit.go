// Package limit counts attempts in the database, so that a limit holds over
// restarts and for all replicas together. It knows nothing of accounts: what
// is limited, and how much, is the table in auth.
package limit

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/authgraph/authgraph/internal/store"
)

// Limit allows Count attempts, and forgets them once Per has passed without
// one. So no stretch of time as long as Per ever holds more than Count of
// them, and nobody is stopped for longer than Per.
//
// A Shared limit forgets all attempts once Per has passed since the first of them. It
// is for counters of many people, where attempts never stop for as long as Per. A
// stretch of Per may then hold twice Count.
type Limit struct {
	// Name of the limit; counters of different names are apart.
	Name string
	// Count of attempts; 0 is no limit.
	Count int
	// Per is how long attempts are remembered.
	Per time.Duration
	// Shared counts in windows that begin with an attempt.
	Shared bool
}

// ErrExceeded is what errors.Is finds in an Exceeded.
var ErrExceeded = errors.New("too many attempts")

// Exceeded says that an attempt was one too many.
type Exceeded struct {
	// Limit that refused.
	Limit string
	// RetryAfter is when an attempt may succeed, unless others come before.
	RetryAfter time.Duration
}

// Error names the limit, never the key.
func (e *Exceeded) Error() string { return fmt.Sprintf("limit %s: %v", e.Limit, ErrExceeded) }

// Is reports that the error is ErrExceeded.
func (e *Exceeded) Is(target error) bool { return target == ErrExceeded }

// Limiter counts attempts in one database.
type Limiter struct {
	db       *sql.DB
	key      []byte
	now      func() time.Time
	postgres bool
	spend    string
	until    string
	shut     string
	counted  string
	refused  func(limit string)
}

// Attempt is an attempt that a limit counts for somebody.
type Attempt struct {
	Limit Limit
	Whom  string
}

// New returns a Limiter. Whom an attempt counts for is stored as an HMAC under
// key, so that the table tells nobody which addresses were tried.
func New(s *store.Store, key []byte, now func() time.Time) *Limiter {
	text := func(query string) string {
		if s.Postgres() {
			return strings.ReplaceAll(query, "?", "$")
		}
		return query
	}
	return &Limiter{db: s.Writer(), key: key, now: now, postgres: s.Postgres(), spend: text(spendSQL), until: text(untilSQL), shut: text(shutSQL), counted: text(countedSQL)}
}

// OnRefusal sets what is told the name of a limit that refuses. Call it before the
// first attempt.
func (l *Limiter) OnRefusal(tell func(limit string)) { l.refused = tell }

// One statement decides and counts, so that no two attempts pass on one count.
// A refused attempt changes nothing: it does not prolong the wait. It runs
// outside a transaction; should the driver run it twice after a broken
// connection, one attempt counts double, which only errs on the safe side.
const spendSQL = `INSERT INTO throttles (id, attempts, forgotten_at) VALUES (?1, 1, ?2)
ON CONFLICT (id) DO UPDATE SET
  attempts = CASE WHEN throttles.forgotten_at <= ?3 THEN 1 ELSE throttles.attempts + 1 END,
  forgotten_at = CASE WHEN throttles.forgotten_at <= ?3 OR ?5 = 0 THEN excluded.forgotten_at ELSE throttles.forgotten_at END
WHERE throttles.forgotten_at <= ?3 OR throttles.attempts < ?4`

const untilSQL = `SELECT forgotten_at FROM throttles WHERE id = ?1`

const shutSQL = `INSERT INTO throttles (id, attempts, forgotten_at) VALUES (?1, ?2, ?3)
ON CONFLICT (id) DO UPDATE SET attempts = excluded.attempts, forgotten_at = excluded.forgotten_at`

const countedSQL = `SELECT attempts FROM throttles WHERE id = ?1 AND forgotten_at > ?2`

// Counted is how many attempts are counted now. It decides nothing: others may be
// counted meanwhile.
func (l *Limiter) Counted(ctx context.Context, a Attempt) (n int, err error) {
	if a.Limit.Count == 0 {
		return 0, nil
	}
	err = l.db.QueryRowContext(ctx, l.counted, l.id(a), l.now()).Scan(&n)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("read how many attempts are counted: %w", err)
	}
	return n, nil
}

// Spend counts an attempt, or refuses it with an *Exceeded.
func (l *Limiter) Spend(ctx context.Context, a Attempt) error {
	if a.Limit.Count == 0 {
		return nil
	}
	if n, err := l.spendOne(ctx, a); err != nil || n == 1 {
		return err
	}
	return l.exceeded(ctx, a)
}

// spendOne returns 0 if the attempt is refused.
func (l *Limiter) spendOne(ctx context.Context, a Attempt) (counted int, err error) {
	res, err := l.db.ExecContext(ctx, l.spend, l.spending(a)...)
	if err != nil {
		return 0, fmt.Errorf("count an attempt: %w", err)
	}
	n, err := res.RowsAffected()
	return int(n), err
}

// spending are the arguments of spendSQL.
func (l *Limiter) spending(a Attempt) []any {
	now, shared := l.now(), 0
	if a.Limit.Shared {
		shared = 1
	}
	return []any{l.id(a), now.Add(a.Limit.Per), now, a.Limit.Count, shared}
}

// exceeded says how long a refused attempt must wait.
func (l *Limiter) exceeded(ctx context.Context, a Attempt) error {
	l.tell(a)
	now := l.now()
	until := now.Add(a.Limit.Per)
	if err := l.db.QueryRowContext(ctx, l.until, l.id(a)).Scan(&until); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("read a limit's end: %w", err)
	}
	return &Exceeded{Limit: a.Limit.Name, RetryAfter: max(until.Sub(now), time.Second)}
}

// tell tells of a refusal.
func (l *Limiter) tell(a Attempt) {
	if l.refused != nil {
		l.refused(a.Limit.Name)
	}
}

// Shut uses up all attempts, and has them forgotten after a time of
// its own.
func (l *Limiter) Shut(ctx context.Context, a Attempt, duration time.Duration) error {
	if a.Limit.Count == 0 {
		return nil
	}
	if _, err := l.db.ExecContext(ctx, l.shut, l.id(a), a.Limit.Count, l.now().Add(duration)); err != nil {
		return fmt.Errorf("use up a limit: %w", err)
	}
	return nil
}

func (l *Limiter) id(a Attempt) string {
	mac := hmac.New(sha256.New, l.key)
	mac.Write([]byte(a.Limit.Name + "\x00" + a.Whom))
	return a.Limit.Name + ":" + base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:18])
}
