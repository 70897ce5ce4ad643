package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"github.com/lib/pq"

	"github.com/authgraph/authgraph/ent"
)

// sessionParameters are set on each connection unless the URL says otherwise.
// No statement, lock or forgotten transaction may hold up a request for long.
func sessionParameters(patience time.Duration) map[string]string {
	milliseconds := func(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }
	return map[string]string{
		"application_name":                    "authgraph",
		"statement_timeout":                   milliseconds(patience),
		"lock_timeout":                        milliseconds(lockPatience(patience)),
		"idle_in_transaction_session_timeout": milliseconds(2 * patience),
		"timezone":                            "UTC",
	}
}

func openPostgres(ctx context.Context, o Options) (*Store, error) {
	dsn, err := postgresDSN(o)
	if err != nil {
		return nil, err
	}
	era := newEra(newWrites())
	db, err := postgresPool(dsn, o, era)
	if err != nil {
		return nil, err
	}
	client := ent.NewClient(ent.Driver(entsql.OpenDB(dialect.Postgres, db)))
	s, err := newStore(ctx, o, dialect.Postgres, db, db, client)
	if err != nil {
		return nil, explainConnect(err, o)
	}
	if err := s.checkEncoding(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.url, s.era, s.writes = o.URL, era, era.writes
	return s, nil
}

// postgresDSN adds what every connection needs. Behind a transaction pooler,
// session parameters are the pooler's task. A query must then be one message,
// and binary_parameters achieves that.
func postgresDSN(o Options) (string, error) {
	u, err := url.Parse(o.URL)
	if err != nil {
		return "", errors.New("database URL: not a URL") // the cause quotes the password
	}
	q := u.Query()
	if o.Unprepared {
		q.Set("binary_parameters", "yes")
	} else {
		for name, value := range sessionParameters(o.patience()) {
			if !q.Has(name) {
				q.Set(name, value)
			}
		}
	}
	patience := "5" // the driver's default, also with a pooler
	if severalHosts(u, q) {
		patience = "2" // for each host: a request that waits for the first one still reaches the next
		if attrs := q.Get("target_session_attrs"); attrs == "" || attrs == "any" {
			q.Set("target_session_attrs", "read-write") // a standby is of no use
		}
	}
	if !q.Has("connect_timeout") {
		q.Set("connect_timeout", patience)
	}
	if !q.Has("sslmode") {
		q.Set("sslmode", "require")
	}
	u.RawQuery = q.Encode()
	return u.String(), nil
}

// severalHosts reports that the driver can choose between hosts.
func severalHosts(u *url.URL, q url.Values) bool {
	return strings.Contains(u.Host+q.Get("host")+q.Get("hostaddr"), ",")
}

func postgresPool(dsn string, o Options, era *era) (*sql.DB, error) {
	config, err := pq.NewConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("database URL: %w", explainConfig(err))
	}
	var connector driver.Connector = postgresConnector{config, era, lockPatience(o.patience())}
	if !o.Unprepared {
		connector = cachingConnector{driver: connector.Driver(), open: connector.Connect}
	}
	db := sql.OpenDB(connector)
	conns := max(o.MaxConns, 2)
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	db.SetConnMaxLifetime(30 * time.Minute)
	return db, nil
}
