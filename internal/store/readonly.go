package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"sync/atomic"
	"time"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"
)

// era is shared by the connections of a pool. It ends when the server turns out
// to be read-only, for example after a failover or during maintenance.
// Connections of an earlier era are closed when they are used next. New ones go
// to the server that takes writes by then.
type era struct {
	base  time.Time    // of the monotonic clock
	began atomic.Int64 // in nanoseconds since base

	writes *writes // what else is known about writes
}

func newEra(w *writes) *era { return &era{base: time.Now(), writes: w} }

func (e *era) now() int64 { return int64(time.Since(e.base)) }

// end begins another era, at most once a second: if no server takes writes, new
// connections do not help.
func (e *era) end() {
	now, began := e.now(), e.began.Load()
	if began == 0 || now-began >= int64(time.Second) {
		e.began.CompareAndSwap(began, now)
	}
}

// readOnlyError is a write that was refused before it began. On an old
// connection it tells database/sql to close the connection, and that a single
// statement outside a transaction can be sent again.
type readOnlyError struct {
	cause  error
	before bool
}

func (e readOnlyError) Error() string { return e.cause.Error() }
func (e readOnlyError) Unwrap() error { return e.cause }
func (e readOnlyError) Is(target error) bool {
	return target == ErrNoWrites || e.before && target == driver.ErrBadConn
}

// refused reports an error with this code.
func refused(err error, code pqerror.Code) bool {
	var pqErr *pq.Error
	return errors.As(err, &pqErr) && pqErr.Code == code
}

// heed closes the connection if a write was refused on it. If a new connection
// refuses too, the server takes no writes.
func (c *timedConn) heed(err error) error {
	c.era.writes.note(err)
	if !refused(err, "25006") { // read_only_sql_transaction
		return err
	}
	return c.turn(err)
}

// heedBegin is heed for the beginning of a transaction, which says that it will
// write. A standby refuses that with another error.
func (c *timedConn) heedBegin(err error) error {
	if !refused(err, "0A000") { // feature_not_supported
		return c.heed(err)
	}
	return c.turn(err)
}

func (c *timedConn) turn(err error) error {
	c.turned = true
	c.era.end()
	return readOnlyError{cause: err, before: c.reused}
}

// IsValid reports whether the connection may go back to the pool.
func (c *timedConn) IsValid() bool {
	return !c.turned && c.opened >= c.era.began.Load() && c.fullConn.IsValid()
}

// ResetSession is called before the connection is used again.
func (c *timedConn) ResetSession(ctx context.Context) error {
	if !c.IsValid() {
		return driver.ErrBadConn
	}
	c.reused = true
	return c.fullConn.ResetSession(ctx)
}
