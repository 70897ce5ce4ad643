package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/authgraph/authgraph/bench/process"
	"github.com/authgraph/authgraph/internal/secret"
)

// server is authgraph with a database of its own. It may be stopped and started
// again.
type server struct {
	*process.Process
	b        *bench
	name     string // of the database
	dir      string
	database string
	secret   string
	settings []string
	people   []*person
}

const (
	onSQLite   = "SQLite"
	onPostgres = "PostgreSQL"
)

// databases are those that most is measured on.
var databases = []string{onSQLite, onPostgres}

// found makes a database, and what else a server needs.
func (b *bench) found(database string, settings ...string) (s *server, err error) {
	s = &server{b: b, name: database, secret: secret.Generate(), settings: settings}
	if s.dir, err = os.MkdirTemp(b.dir, "server-"); err != nil {
		return nil, err
	}
	s.database = "sqlite:" + filepath.Join(s.dir, "authgraph.db")
	if database == onPostgres {
		s.database, err = b.meter.Database()
	}
	return s, err
}

// serve is a server on a new database, with people who have signed up.
func (b *bench) serve(ctx context.Context, database string, settings ...string) (*server, error) {
	s, err := b.found(database, settings...)
	if err != nil {
		return nil, err
	}
	if err := s.start(ctx); err != nil {
		return nil, err
	}
	for i := range people {
		if err := s.signUp(ctx, fmt.Sprintf("person%d", i)); err != nil {
			stop(s)
			return nil, err
		}
	}
	return s, nil
}

// launch starts the process as in production, with settings beside its own.
func (s *server) launch(ctx context.Context, settings ...string) error {
	address, err := process.FreeAddress()
	if err != nil {
		return err
	}
	var env []string
	for _, setting := range append([]string{
		"MODE=production", "LISTEN=" + address, "ADMIN_LISTEN=off", "PUBLIC_URL=https://auth.example.org", "SERVICE_NAME=Example",
		"SECRET=" + s.secret, "DATABASE_URL=" + s.database, "ACCESS_TTL=1h", "LIMIT_SIGN_UP=off",
		"SMTP_URL=smtp+insecure://127.0.0.1:9", "MAIL_FROM=Example <no-reply@example.org>", // no letter is sent
	}, append(s.settings, settings...)...) {
		env = append(env, "AUTHGRAPH_"+setting)
	}
	p, err := process.Start(ctx, s.dir, address, s.b.binary, nil, env)
	if err == nil {
		s.Process = p // the one before has ended
	}
	return err
}

// start is launch, and waits until the server is ready.
func (s *server) start(ctx context.Context, settings ...string) error {
	if err := s.launch(ctx, settings...); err != nil {
		return err
	}
	err := s.Await(ctx, "/readyz")
	if err != nil {
		stop(s)
	}
	return err
}

// cpu is what the server and its database have used.
func (s *server) cpu() (time.Duration, error) {
	used, err := process.CPU(s.PID())
	if err != nil || s.name != onPostgres {
		return used, err
	}
	database, err := s.b.meter.CPU()
	return used + database, err
}

// yardstick is the least server there can be.
type yardstick struct{ *process.Process }

func (y yardstick) cpu() (time.Duration, error) { return process.CPU(y.PID()) }

func (b *bench) startYardstick(ctx context.Context) (y yardstick, err error) {
	address, err := process.FreeAddress()
	if err != nil {
		return y, err
	}
	if y.Process, err = process.Start(ctx, b.dir, address, b.yardstick, []string{address}, nil); err != nil {
		return y, err
	}
	if _, err = y.FirstAnswer(ctx, meBody); err != nil {
		stop(y)
	}
	return y, err
}

// stopper is what runs.
type stopper interface{ Stop() error }

// stop ends what a row has started. That something does not end is seen by the
// next row.
func stop(all ...stopper) {
	for _, one := range all {
		_ = one.Stop()
	}
}
