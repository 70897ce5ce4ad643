package store

import (
	"context"
	"errors"
	"net"
	"os"
	"time"

	"github.com/lib/pq"
)

// Late reports that an error means: the database did not do this in time, and
// it had no effect. No connection was free, or others held a lock, or a
// statement was stopped. It is worth another try. That is not true of a
// database that does not answer, or of a commit whose answer was lost: those
// are socket errors.
func Late(err error) bool {
	var refusal *pq.Error
	if errors.As(err, &refusal) && (refusal.Code == "55P03" || refusal.Code == "57014") { // lock_not_available, query_canceled
		return true
	}
	var hurried hurriedError
	var socket *net.OpError
	return errors.As(err, &hurried) || isBusy(err) || errors.Is(err, context.DeadlineExceeded) && !errors.As(err, &socket)
}

// hurriedError is the error of a statement that had no effect, or of opening a
// connection, with too little time. It had less time than the server may wait
// for a lock, because earlier steps had used the rest. So a missing answer does
// not mean that the server is silent.
type hurriedError struct{ cause error }

func (e hurriedError) Error() string { return e.cause.Error() }
func (e hurriedError) Unwrap() error { return e.cause }

// lockPatience is how long the server waits for a lock. It gives up before we
// do.
func lockPatience(patience time.Duration) time.Duration { return patience * 4 / 5 }

// excuse makes a hurriedError if the statement was hurried. Outside a
// transaction it does so only for a read: a write may have taken effect.
func (c *timedConn) excuse(err error, read bool) error {
	if errors.Is(err, os.ErrDeadlineExceeded) && c.given < c.fair && (read || !c.txEnds.IsZero()) {
		return hurriedError{err}
	}
	return err
}
