package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"net"
	"time"

	"github.com/lib/pq"
)

// farewell is how long a server may take to learn that something has ended.
const farewell = time.Second

// postgresConnector opens connections that respect the deadlines of contexts.
// They are closed when they turn out to be read-only.
type postgresConnector struct {
	config pq.Config
	era    *era
	fair   time.Duration // a statement with this much time can tell a silent server from a lock
}

// Driver is the driver of PostgreSQL.
func (c postgresConnector) Driver() driver.Driver { return pq.Driver{} }

// Connect opens a connection.
func (c postgresConnector) Connect(ctx context.Context) (driver.Conn, error) {
	connector, err := pq.NewConnectorConfig(c.config)
	if err != nil {
		return nil, err
	}
	d := new(dialer)
	connector.Dialer(d)
	opened := c.era.now()
	hurried := c.hurries(ctx)
	raw, err := connector.Connect(ctx)
	var timeout net.Error
	if hurried && errors.As(err, &timeout) && timeout.Timeout() {
		return nil, hurriedError{err} // the server was asked nothing yet
	}
	if err != nil {
		return nil, err
	}
	full, ok := raw.(fullConn)
	if !ok {
		return nil, errors.Join(errContextSupport, raw.Close())
	}
	d.socket.ends = time.Time{}
	return &timedConn{fullConn: full, socket: d.socket, era: c.era, fair: c.fair, opened: opened}, nil
}

// hurries reports that there is less time than the server may wait for a lock.
func (c postgresConnector) hurries(ctx context.Context) bool {
	ends, timed := ctx.Deadline()
	return timed && time.Until(ends) < c.fair
}

// dialer remembers the socket that it opened.
type dialer struct {
	net.Dialer
	socket *greeting
}

// DialContext is what the driver calls.
func (d *dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	socket, err := d.Dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	ends, _ := ctx.Deadline()
	d.socket = &greeting{socket, ends}
	return d.socket, d.socket.SetDeadline(ends)
}

// greeting is a socket that is not yet a connection. Once it has dialed, the
// driver forgets the deadline of the caller, and would give a silent server the
// whole connect_timeout.
type greeting struct {
	net.Conn
	ends time.Time // zero when connected, or if there is no deadline
}

// SetDeadline sets the deadline, or the earlier one of the caller.
func (g *greeting) SetDeadline(t time.Time) error {
	if !g.ends.IsZero() && (t.IsZero() || g.ends.Before(t)) {
		t = g.ends
	}
	return g.Conn.SetDeadline(t)
}

// DialTimeout is what the driver would call if there were no DialContext.
func (d *dialer) DialTimeout(network, address string, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return d.DialContext(ctx, network, address)
}

// timedConn is a connection to PostgreSQL on which nothing lasts longer than
// its deadline. The deadline is that of the context or that of the transaction,
// whichever is earlier. The driver alone would ask the server to stop, over
// another connection, and then wait for the answer. It would wait for ever if
// the server is silent, for example because its address moved to another
// machine.
//
// A deadline that passes costs the connection. A context that is cancelled
// before its deadline costs nothing: statements are short.
type timedConn struct {
	fullConn
	socket net.Conn
	txEnds time.Time     // zero if there is no transaction, or one without a deadline
	given  time.Duration // for the running statement, if it has a deadline
	fair   time.Duration

	era    *era
	opened int64 // in the time of the era
	reused bool  // it came from the pool
	turned bool  // it refused a write
}

// limit sets the deadline for what is read and written next, and returns the
// context for the driver. If there is no deadline, as in migrations, it returns
// the context that it got; when that ends, the driver asks the server to stop.
func (c *timedConn) limit(ctx context.Context) context.Context {
	deadline, timed := ctx.Deadline()
	if !c.txEnds.IsZero() && (!timed || c.txEnds.Before(deadline)) {
		deadline, timed = c.txEnds, true
	}
	_ = c.socket.SetDeadline(deadline) // a closed socket says so when it is used
	if timed {
		c.given = time.Until(deadline)
		return context.WithoutCancel(ctx)
	}
	return ctx
}

// part gives the server a moment to learn that something has ended.
func (c *timedConn) part() {
	_ = c.socket.SetDeadline(time.Now().Add(farewell)) // as above
}

// CheckNamedValue leaves conversions to the driver.
func (c *timedConn) CheckNamedValue(v *driver.NamedValue) error {
	if checker, ok := c.fullConn.(driver.NamedValueChecker); ok {
		return checker.CheckNamedValue(v)
	}
	return driver.ErrSkip
}

// QueryContext runs a statement that answers rows.
func (c *timedConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	rows, err := c.fullConn.QueryContext(c.limit(ctx), query, args)
	return rows, c.excuse(c.heed(err), isRead(query))
}

// ExecContext runs a statement that answers none.
func (c *timedConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	res, err := c.fullConn.ExecContext(c.limit(ctx), query, args)
	return res, c.excuse(c.heed(err), false)
}

// Ping asks the server whether it answers.
func (c *timedConn) Ping(ctx context.Context) error { return c.fullConn.Ping(c.limit(ctx)) }

// PrepareContext prepares a statement.
func (c *timedConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	raw, err := c.fullConn.PrepareContext(c.limit(ctx), query)
	if err != nil {
		return nil, c.excuse(err, true) // nothing has been done yet
	}
	stmt, ok := raw.(cachedStmt)
	if !ok {
		return nil, errors.Join(errContextSupport, raw.Close())
	}
	return timedStmt{cachedStmt: stmt, conn: c, read: isRead(query)}, nil
}

// BeginTx begins a transaction that must end by the deadline of ctx.
func (c *timedConn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	tx, err := c.fullConn.BeginTx(c.limit(ctx), o)
	if err != nil {
		return nil, c.excuse(c.heedBegin(err), true)
	}
	c.txEnds, _ = ctx.Deadline()
	return timedTx{tx: tx, conn: c}, nil
}

// Close tells the server and closes the connection.
func (c *timedConn) Close() error {
	c.part()
	return c.fullConn.Close()
}

type timedTx struct {
	tx   driver.Tx
	conn *timedConn
}

// Commit commits by the transaction's deadline. After an error, the commit may
// still have taken effect.
func (t timedTx) Commit() error {
	t.conn.limit(context.Background())
	t.conn.txEnds = time.Time{}
	return t.conn.heed(t.tx.Commit())
}

// Rollback rolls back, even if the deadline has passed.
func (t timedTx) Rollback() error {
	t.conn.part()
	t.conn.txEnds = time.Time{}
	return t.tx.Rollback()
}

type timedStmt struct {
	cachedStmt
	conn *timedConn
	read bool
}

// QueryContext runs the statement for rows.
func (s timedStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	rows, err := s.cachedStmt.QueryContext(s.conn.limit(ctx), args)
	return rows, s.conn.excuse(s.conn.heed(err), s.read)
}

// ExecContext runs the statement.
func (s timedStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	res, err := s.cachedStmt.ExecContext(s.conn.limit(ctx), args)
	return res, s.conn.excuse(s.conn.heed(err), false)
}

// Close makes the server forget the statement.
func (s timedStmt) Close() error {
	s.conn.part()
	return s.cachedStmt.Close()
}

var errContextSupport = errors.New("database driver lacks context support")
