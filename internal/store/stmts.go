package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"strings"

	"github.com/lib/pq"

	"github.com/authgraph/authgraph/internal/trace"
)

// maxStatements limits the prepared statements of a connection. ent writes a
// few dozen; more would mean that texts vary without end.
const maxStatements = 200

// cachingConnector makes connections that prepare each statement once. ent
// itself never prepares, which costs PostgreSQL a round trip and a plan for
// each query.
type cachingConnector struct {
	open   func(context.Context) (driver.Conn, error)
	driver driver.Driver
}

func (c cachingConnector) Connect(ctx context.Context) (driver.Conn, error) {
	raw, err := c.open(ctx)
	if err != nil {
		return nil, err
	}
	full, ok := raw.(fullConn)
	if !ok {
		_ = raw.Close() // the driver is not one of ours; its error says less than the next line
		return nil, errors.New("database driver lacks context support")
	}
	return &cachingConn{fullConn: full, stmts: make(map[string]cachedStmt)}, nil
}

func (c cachingConnector) Driver() driver.Driver { return c.driver }

// fullConn is what the connections of both drivers offer.
type fullConn interface {
	driver.Conn
	driver.ConnPrepareContext
	driver.ConnBeginTx
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// cachedStmt is a prepared statement of one connection.
type cachedStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// cachingConn is one connection. database/sql uses it from one goroutine at a
// time.
type cachingConn struct {
	fullConn
	stmts map[string]cachedStmt
}

// CheckNamedValue leaves conversions to the driver.
func (c *cachingConn) CheckNamedValue(v *driver.NamedValue) error {
	if checker, ok := c.fullConn.(driver.NamedValueChecker); ok {
		return checker.CheckNamedValue(v)
	}
	return driver.ErrSkip
}

// QueryContext runs a statement that answers rows.
func (c *cachingConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (rows driver.Rows, err error) {
	ctx, span := trace.Start(ctx, verb(query), trace.Client)
	defer func() { span.End(err) }()
	stmt, err := c.statement(ctx, query)
	if err != nil {
		return nil, err
	}
	rows, err = stmt.QueryContext(ctx, args)
	c.forgetIfStale(query, err)
	return rows, err
}

// ExecContext runs a statement that answers no rows. Without arguments it may
// be a script, which cannot be prepared.
func (c *cachingConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (res driver.Result, err error) {
	ctx, span := trace.Start(ctx, verb(query), trace.Client)
	defer func() { span.End(err) }()
	if len(args) == 0 {
		return c.fullConn.ExecContext(ctx, query, args)
	}
	stmt, err := c.statement(ctx, query)
	if err != nil {
		return nil, err
	}
	res, err = stmt.ExecContext(ctx, args)
	c.forgetIfStale(query, err)
	return res, err
}

// verb is the first word of a statement, which names its span.
func verb(query string) string {
	query = strings.TrimSpace(query)
	if end := strings.IndexAny(query, " \n\t;("); end >= 0 {
		query = query[:end]
	}
	return query
}

func (c *cachingConn) statement(ctx context.Context, query string) (cachedStmt, error) {
	if stmt, ok := c.stmts[query]; ok {
		return stmt, nil
	}
	if len(c.stmts) >= maxStatements {
		c.forgetAll()
	}
	raw, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	stmt, ok := raw.(cachedStmt)
	if !ok {
		return nil, errors.New("database driver's statements lack context support")
	}
	c.stmts[query] = stmt
	return stmt, nil
}

// forgetIfStale drops a statement whose plan the server no longer accepts, as
// after a migration by a newer release. The next use prepares it again.
func (c *cachingConn) forgetIfStale(query string, err error) {
	if isStalePlan(err) {
		_ = c.stmts[query].Close() // the server has dropped it already
		delete(c.stmts, query)
	}
}

func (c *cachingConn) forgetAll() {
	for query, stmt := range c.stmts {
		_ = stmt.Close() // a broken connection is found by its next use
		delete(c.stmts, query)
	}
}

// Close closes the connection and its prepared statements.
func (c *cachingConn) Close() error {
	c.forgetAll()
	return c.fullConn.Close()
}

// isStalePlan reports PostgreSQL's "cached plan must not change result type"
// and "prepared statement does not exist".
func isStalePlan(err error) bool {
	var pqErr *pq.Error
	return errors.As(err, &pqErr) && (pqErr.Code == "0A000" || pqErr.Code == "26000")
}
