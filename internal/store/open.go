package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"entgo.io/ent/dialect"
	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
)

// Options say which database to open and how.
type Options struct {
	// URL is `sqlite:path` or `postgres://…`.
	URL string
	// MaxConns bounds the connections to PostgreSQL, or SQLite's readers.
	MaxConns int
	// Unprepared means no prepared statements and no session parameters: for
	// transaction poolers in front of PostgreSQL.
	Unprepared bool
	// Patience is how long a request waits at most: for a whole transaction,
	// for a statement, and for a lock of another process. 0 means five seconds.
	Patience time.Duration
}

// patience is that of the Options, or five seconds.
func (o Options) patience() time.Duration { return cmp.Or(o.Patience, 5*time.Second) }

// Store is an open database. Its embedded client is for reading. Writes go
// through InTx.
type Store struct {
	*ent.Client
	name     string
	url      string  // for another connection
	writer   *sql.DB // the only pool of PostgreSQL, or SQLite's single writer
	reader   *sql.DB // the same pool, or SQLite's readers
	onChange func(users ...uuid.UUID)
	jitter   func(time.Duration) time.Duration
	patience time.Duration
	writes   *writes
	era      *era // of PostgreSQL's connections
}

// Open connects to the database. It refuses any other kind of URL and a
// database that does not answer. It changes nothing except SQLite's journal
// mode. Errors never contain the URL.
func Open(ctx context.Context, o Options) (*Store, error) {
	kind, _, _ := strings.Cut(o.URL, ":")
	switch kind {
	case "sqlite":
		return openSQLite(ctx, o)
	case "postgres", "postgresql":
		return openPostgres(ctx, o)
	}
	return nil, errors.New("database URL: neither sqlite:… nor postgres://…")
}

func newStore(ctx context.Context, o Options, name string, writer, reader *sql.DB, client *ent.Client) (*Store, error) {
	s := &Store{
		Client: client, name: name, writer: writer, reader: reader,
		onChange: func(...uuid.UUID) {},
		jitter:   func(d time.Duration) time.Duration { return d/2 + rand.N(d/2+1) },
		patience: o.patience(),
		writes:   newWrites(),
	}
	for _, db := range []*sql.DB{writer, reader} {
		if err := reach(ctx, db, s.patience); err != nil {
			return nil, errors.Join(fmt.Errorf("reach the database: %w", err), s.Close())
		}
	}
	return s, nil
}

// reach opens the first connection. While another process turns the same SQLite
// file to WAL mode, SQLite answers that it is busy at once, whatever its
// patience is. So reach tries again.
func reach(ctx context.Context, db *sql.DB, patience time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for {
		err := db.PingContext(ctx)
		if !isBusy(err) {
			return err
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return err
		}
	}
}

// Dialect is "sqlite3" or "postgres", as ent names them.
func (s *Store) Dialect() string { return s.name }

// Postgres reports whether several processes may share the database.
func (s *Store) Postgres() bool { return s.name == dialect.Postgres }

// Writer is the pool for statements written by hand. On SQLite it is the only
// connection that may write: never use it inside InTx.
func (s *Store) Writer() *sql.DB { return s.writer }

// Reader is the pool for queries written by hand.
func (s *Store) Reader() *sql.DB { return s.reader }

// Bound limits a context to the time that a request may wait for the database.
func (s *Store) Bound(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, s.patience)
}

// Close closes every connection.
func (s *Store) Close() error {
	if s.reader == s.writer {
		return s.writer.Close()
	}
	return errors.Join(s.reader.Close(), s.writer.Close())
}
