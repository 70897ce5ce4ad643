package store

import (
	"context"
	"database/sql/driver"
	"errors"
)

const isReadOnlySQL = "SELECT pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on'"

// postgresTakesWrites asks the server. A read-only connection may be an old
// one, for example to a server that was replaced. Then it tries others.
func (s *Store) postgresTakesWrites(ctx context.Context) error {
	var readOnly bool
	if err := s.writer.QueryRowContext(ctx, isReadOnlySQL).Scan(&readOnly); err != nil || !readOnly {
		return err
	}
	s.era.end()
	for range 3 {
		switch readOnly, err := s.discardReadOnly(ctx); {
		case errors.Is(err, driver.ErrBadConn): // that connection is closed
		case err != nil || !readOnly:
			return err
		}
	}
	return ErrNoWrites
}

// discardReadOnly asks on one connection and closes it if it is read-only.
func (s *Store) discardReadOnly(ctx context.Context) (readOnly bool, err error) {
	conn, err := s.writer.Conn(ctx)
	if err != nil {
		return false, err
	}
	defer conn.Close() //nolint:errcheck // it goes back to the pool, or was closed
	if err := conn.QueryRowContext(ctx, isReadOnlySQL).Scan(&readOnly); err != nil || !readOnly {
		return false, err
	}
	_ = conn.Raw(func(any) error { return driver.ErrBadConn }) // closes it
	return true, nil
}
