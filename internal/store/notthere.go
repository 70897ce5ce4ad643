package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"

	"github.com/lib/pq"
)

// NotThereYet reports of an error of Open that the database may be there in a
// moment: nobody listens, or it cannot be reached, or it starts up. What it
// refuses, as a wrong password or an unknown database, does not get better.
func NotThereYet(err error) bool {
	if refusal := (*pq.Error)(nil); errors.As(err, &refusal) {
		return refusal.Code == "57P03" // cannot_connect_now: it starts up, or shuts down
	}
	if op := (*net.OpError)(nil); errors.As(err, &op) && op.Op == "dial" {
		return true
	}
	if text := err.Error(); strings.Contains(text, "session is read-only") || strings.Contains(text, "in hot standby mode") {
		return true // the driver's words for servers none of which takes writes, as in the middle of a failover
	}
	for _, broken := range []error{io.EOF, io.ErrUnexpectedEOF, driver.ErrBadConn, syscall.ECONNRESET, context.DeadlineExceeded} {
		if errors.Is(err, broken) {
			return true // as from a proxy whose database is not there
		}
	}
	return false
}
