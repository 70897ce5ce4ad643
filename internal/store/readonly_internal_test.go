package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"net"
	"testing"

	"github.com/lib/pq"
)

// standby refuses to begin a transaction, as PostgreSQL does in recovery.
type standby struct{ fullConn }

func (standby) BeginTx(context.Context, driver.TxOptions) (driver.Tx, error) {
	return nil, &pq.Error{Code: "0A000", Message: "cannot set transaction read-write mode during recovery"}
}

func (standby) IsValid() bool { return true }

// TestBeginOnAStandby: a standby refuses transactions that say that they will
// write. Its error code is not that of a refused write.
func TestBeginOnAStandby(t *testing.T) {
	socket, other := net.Pipe()
	defer socket.Close()
	defer other.Close()
	for _, before := range []bool{false, true} {
		c := &timedConn{fullConn: standby{}, socket: socket, era: newEra(newWrites()), reused: before}
		_, err := c.BeginTx(t.Context(), driver.TxOptions{})
		if !errors.Is(err, ErrNoWrites) || errors.Is(err, driver.ErrBadConn) != before || shouldRetry(err) != before {
			t.Errorf("BeginTx() = %v on a connection of before: %t", err, before)
		}
		if c.IsValid() {
			t.Error("the connection is used again")
		}
	}
}
