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

// NotThereYet reports that an error of Open may go away soon: nobody listens,
// or the server cannot be reached, or it is starting. A refusal, such as a
// wrong password or an unknown database, does not go away.
func NotThereYet(err error) bool {
	if refusal := (*pq.Error)(nil); errors.As(err, &refusal) {
		return refusal.Code == "57P03" // cannot_connect_now: it is starting or shutting down
	}
	if op := (*net.OpError)(nil); errors.As(err, &op) && op.Op == "dial" {
		return true
	}
	if text := err.Error(); strings.Contains(text, "session is read-only") || strings.Contains(text, "in hot standby mode") {
		return true // the driver's words when none of several servers takes writes, as during a failover
	}
	for _, broken := range []error{io.EOF, io.ErrUnexpectedEOF, driver.ErrBadConn, syscall.ECONNRESET, context.DeadlineExceeded} {
		if errors.Is(err, broken) {
			return true // such as a proxy whose database does not run
		}
	}
	return false
}
