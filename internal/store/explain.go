package store

import (
	"context"
	"crypto/tls"
	"database/sql/driver"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/lib/pq"
)

// CheckPostgres says what is wrong with a URL of PostgreSQL, or with the
// environment variables that the driver reads too. It does not connect. Its
// errors quote no value.
func CheckPostgres(url string) error {
	dsn, err := postgresDSN(Options{URL: url})
	if err != nil {
		return err
	}
	if _, err := pq.NewConfig(dsn); err != nil {
		return explainConfig(err)
	}
	return nil
}

var (
	wrongValue = regexp.MustCompile(`wrong value for "?(\$?[A-Za-z_]+)`)
	noVariable = regexp.MustCompile(`environment variable (\$[A-Z]+) is not supported`)
)

// explainConfig says which part the driver refuses. The driver's own message
// may quote any part.
func explainConfig(err error) error {
	text := err.Error()
	if found := noVariable.FindStringSubmatch(text); found != nil {
		return errors.New("PostgreSQL's driver does not support " + found[1] + "; remove it from the environment")
	}
	if found := wrongValue.FindStringSubmatch(text); found != nil {
		return errors.New("PostgreSQL's driver refuses the value of " + found[1])
	}
	for part, why := range map[string]string{
		"could not match":    "has another number of ports than of hosts",
		"client_encoding":    "has a client_encoding; leave it out, it is always UTF8",
		"datestyle":          "has a datestyle; leave it out, it is always ISO",
		"sslnegotiation=":    "sslnegotiation=direct needs sslmode=verify-full",
		"sslrootcert=system": "sslrootcert=system needs sslmode=verify-full",
		"service":            "names a service that cannot be read",
	} {
		if strings.Contains(text, part) {
			return errors.New(why)
		}
	}
	return errors.New("PostgreSQL's driver refuses this URL")
}

// refusedByPooler is what poolers in transaction mode answer to session
// parameters.
var refusedByPooler = regexp.MustCompile(`(?i)unsupported startup parameter|RDS Proxy currently doesn.t support`)

// explainConnect adds advice to errors that a person can only understand if
// they know what we send.
func explainConnect(err error, o Options) error {
	var pqErr *pq.Error
	var proof *tls.CertificateVerificationError
	switch {
	case errors.As(err, &proof):
		return fmt.Errorf("%w; if your provider has an authority of its own, name the file of its certificate as sslrootcert=…; sslmode=require asks for no proof of who answers", err)
	case errors.Is(err, pq.ErrSSLNotSupported):
		return fmt.Errorf("%w; where nobody else can be on the line, write sslmode=disable", err)
	case !errors.As(err, &pqErr):
		return err
	case refusedByPooler.MatchString(pqErr.Message) && !o.Unprepared:
		return fmt.Errorf("%w; behind a pooler set AUTHGRAPH_DATABASE_PREPARE=false, and AUTHGRAPH_LISTEN_URL to a direct connection", err)
	case refusedByPooler.MatchString(pqErr.Message), pqErr.Code == "42704": // undefined_object
		return fmt.Errorf("%w; this parameter is in the URL, remove it", err)
	}
	return err
}

// checkEncoding refuses a database whose encoding cannot hold every text, or
// that does not know its encoding.
func (s *Store) checkEncoding(ctx context.Context) error {
	ctx, cancel := s.Bound(ctx)
	defer cancel()
	conn, err := s.reader.Conn(ctx)
	if err != nil {
		return fmt.Errorf("ask for the database's encoding: %w", err)
	}
	defer conn.Close() //nolint:errcheck // it goes back to the pool
	var encoding string
	if err := conn.Raw(func(raw any) (err error) { encoding, err = show(ctx, raw, "server_encoding"); return err }); err != nil {
		return fmt.Errorf("ask for the database's encoding: %w", err)
	}
	if encoding != "UTF8" {
		return fmt.Errorf("the database is encoded in %s and must be in UTF8: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0", encoding)
	}
	return nil
}

// show reads a setting of the server without a prepared statement: it is read
// only once.
func show(ctx context.Context, raw any, setting string) (value string, err error) {
	if c, keeps := raw.(*cachingConn); keeps {
		raw = c.fullConn
	}
	conn, ok := raw.(driver.QueryerContext)
	if !ok {
		return "", errContextSupport
	}
	rows, err := conn.QueryContext(ctx, "SHOW "+setting, nil)
	if err != nil {
		return "", err
	}
	defer rows.Close() //nolint:errcheck // the one row was read
	row := make([]driver.Value, 1)
	if err := rows.Next(row); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s", row[0]), nil
}
