package main

import (
	"bytes"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/authgraph/authgraph/internal/pgtest"
)

// emptyDatabase gives the script a database without any table.
func (s *story) emptyDatabase(ts *testscript.TestScript, _ []string) {
	if s.database == "postgres" {
		s.url = pgtest.Server(s.tb).CreateDatabase(s.tb)
	} else {
		s.url = "sqlite:" + filepath.Join(s.tb.TempDir(), "empty.db")
	}
	ts.Setenv("AUTHGRAPH_DATABASE_URL", s.url)
}

func (s *story) open() (*sql.DB, error) {
	if path, ok := strings.CutPrefix(s.url, "sqlite:"); ok {
		return sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(5000)")
	}
	return sql.Open("postgres", s.url)
}

// count N QUERY checks what a query of one number answers.
func (s *story) count(ts *testscript.TestScript, args []string) {
	usage(ts, len(args) == 2, "count N QUERY")
	if got := s.scalar(ts, args[1]); got != args[0] {
		ts.Fatalf("%s, want %s", got, args[0])
	}
}

// sql STATEMENT changes the database behind the server's back, to break it.
func (s *story) sql(ts *testscript.TestScript, args []string) {
	usage(ts, len(args) == 1, "sql STATEMENT")
	db, err := s.open()
	ts.Check(err)
	defer db.Close()
	_, err = db.ExecContext(s.tb.Context(), args[0])
	ts.Check(err)
}

func (s *story) scalar(ts *testscript.TestScript, query string) string {
	db, err := s.open()
	ts.Check(err)
	defer db.Close()
	var value string
	ts.Check(db.QueryRowContext(s.tb.Context(), query).Scan(&value))
	return value
}

// secrets are all that a story sent or got and that nobody else may ever read.
type secrets struct {
	mu   sync.Mutex
	list []string
}

func (s *secrets) add(values ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, value := range values {
		if len(value) >= 8 && !slices.Contains(s.list, value) {
			s.list = append(s.list, value)
		}
	}
}

// collect takes the secrets out of what was sent or answered, by their names.
// A password that is an address or a username too, as some stories have it, is
// no secret.
func (s *secrets) collect(value any) {
	switch v := value.(type) {
	case map[string]any:
		for name, below := range v {
			text, isText := below.(string)
			name = strings.ToLower(name)
			if isText && (strings.HasSuffix(name, "token") || strings.HasSuffix(name, "password") && strings.Contains(text, " ")) {
				s.add(text)
			}
			s.collect(below)
		}
	case []any:
		for _, below := range v {
			s.collect(below)
		}
	}
}

// checkLeaks looks for every secret of the story in the log and in all that the
// database holds.
func (s *story) checkLeaks() {
	dump, err := s.dump()
	if err != nil {
		s.tb.Errorf("read the database: %v", err)
		return
	}
	for _, secret := range s.secrets.list {
		for _, form := range []string{secret, hex.EncodeToString([]byte(secret)), base64.StdEncoding.EncodeToString([]byte(secret))} {
			if strings.Contains(s.logs.String(), form) {
				s.tb.Errorf("the log tells the secret %q", secret)
			}
			if bytes.Contains(dump, []byte(form)) {
				s.tb.Errorf("the database holds the secret %q", secret)
			}
		}
	}
}

// dump is everything in the database: SQLite's files as they are, or
// PostgreSQL's tables as text.
func (s *story) dump() ([]byte, error) {
	if path, ok := strings.CutPrefix(s.url, "sqlite:"); ok {
		var all []byte
		files, _ := filepath.Glob(path + "*") // the path has no pattern
		for _, file := range files {
			content, err := os.ReadFile(file)
			if err != nil {
				return nil, err
			}
			all = append(all, content...)
		}
		return all, nil
	}
	db, err := s.open()
	if err != nil {
		return nil, err
	}
	defer db.Close()
	tables, err := texts(db, `SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'`)
	if err != nil {
		return nil, err
	}
	var all []string
	for _, table := range tables {
		rows, err := texts(db, `SELECT t::text FROM `+table+` t`) //nolint:gosec // the server quoted it
		if err != nil {
			return nil, err
		}
		all = append(all, rows...)
	}
	return []byte(strings.Join(all, "\n")), nil
}

func texts(db *sql.DB, query string) ([]string, error) {
	rows, err := db.Query(query) //nolint:noctx // a test's own database
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		all = append(all, text)
	}
	return all, rows.Err()
}
