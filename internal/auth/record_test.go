package auth_test

import (
	"context"
	stdsql "database/sql"
	"errors"
	"strings"
	"sync"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
)

// statement is one that ent sent to the database.
type statement struct {
	query string
	args  []any
}

// recorder keeps what ent sends to the database.
type recorder struct {
	dialect.Driver

	mu   sync.Mutex
	sent []statement
	// before is called before each statement if it is set. Its error is the
	// answer.
	before func(s statement) error
}

func uncached(o *auth.Options) { o.CacheCallers = false }

// of returns the recorded statements that begin with a text.
func (r *recorder) of(beginning string) []statement {
	r.mu.Lock()
	defer r.mu.Unlock()
	var found []statement
	for _, s := range r.sent {
		if strings.HasPrefix(s.query, beginning) {
			found = append(found, s)
		}
	}
	return found
}

func (r *recorder) note(query string, args any) error {
	list, _ := args.([]any)
	s := statement{query, list}
	r.mu.Lock()
	r.sent = append(r.sent, s)
	before := r.before
	r.mu.Unlock()
	if before != nil {
		return before(s)
	}
	return nil
}

// Exec is part of dialect.Driver.
func (r *recorder) Exec(ctx context.Context, query string, args, v any) error {
	if err := r.note(query, args); err != nil {
		return err
	}
	return r.Driver.Exec(ctx, query, args, v)
}

// Query is part of dialect.Driver.
func (r *recorder) Query(ctx context.Context, query string, args, v any) error {
	if err := r.note(query, args); err != nil {
		return err
	}
	return r.Driver.Query(ctx, query, args, v)
}

// Tx is part of dialect.Driver.
func (r *recorder) Tx(ctx context.Context) (dialect.Tx, error) {
	tx, err := r.Driver.Tx(ctx)
	return &recordedTx{Tx: tx, recorder: r}, err
}

type recordedTx struct {
	dialect.Tx
	recorder *recorder
}

// Exec is part of dialect.Tx.
func (tx *recordedTx) Exec(ctx context.Context, query string, args, v any) error {
	if err := tx.recorder.note(query, args); err != nil {
		return err
	}
	return tx.Tx.Exec(ctx, query, args, v)
}

// Query is part of dialect.Tx.
func (tx *recordedTx) Query(ctx context.Context, query string, args, v any) error {
	if err := tx.recorder.note(query, args); err != nil {
		return err
	}
	return tx.Tx.Query(ctx, query, args, v)
}

// ExecContext is for statements without a builder.
func (tx *recordedTx) ExecContext(ctx context.Context, query string, args ...any) (stdsql.Result, error) {
	ex, ok := tx.Tx.(interface {
		ExecContext(context.Context, string, ...any) (stdsql.Result, error)
	})
	if !ok {
		return nil, errors.New("the transaction takes no statements by hand")
	}
	return ex.ExecContext(ctx, query, args...)
}

// QueryContext is for statements without a builder that answer rows.
func (tx *recordedTx) QueryContext(ctx context.Context, query string, args ...any) (*stdsql.Rows, error) {
	q, ok := tx.Tx.(interface {
		QueryContext(context.Context, string, ...any) (*stdsql.Rows, error)
	})
	if !ok {
		return nil, errors.New("the transaction takes no questions by hand")
	}
	if err := tx.recorder.note(query, args); err != nil {
		return nil, err
	}
	return q.QueryContext(ctx, query, args...)
}

// plain makes another Service on an Env's database. It keeps nothing in memory,
// for tests that change rows by hand or take the database away.
func plain(env *authtest.Env) *authtest.Env { return env.Process(env.Store, uncached) }

// record makes another Service on an Env's database and records its statements,
// except those that are written by hand and answer no rows, or stand outside of a
// transaction.
func record(env *authtest.Env) (*authtest.Env, *recorder) {
	r := &recorder{Driver: entsql.OpenDB(env.Store.Dialect(), env.Store.Writer())}
	s := *env.Store
	s.Client = ent.NewClient(ent.Driver(r))
	recorded := env.Process(&s, uncached)
	r.sent = nil // those of its start
	return recorded, r
}
