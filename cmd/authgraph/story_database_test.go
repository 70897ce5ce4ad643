package main

import (
	"database/sql"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/authgraph/authgraph/internal/pgtest"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

// emptyDatabase gives the script a database without any table.
func (s *story) emptyDatabase(ts *testscript.TestScript, _ []string) {
	if s.database == "postgres" {
		s.url = pgtest.Server(s.tb).CreateDatabase(s.tb)
	} else {
		s.url = storetest.EmptySQLiteURL(s.tb)
	}
	ts.Setenv("AUTHGRAPH_DATABASE_URL", s.url)
}

// openSQL opens a database past the store.
func openSQL(url string) (*sql.DB, error) {
	if path, ok := strings.CutPrefix(url, "sqlite:"); ok {
		return sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(60000)")
	}
	return sql.Open("postgres", url+"&default_transaction_read_only=off") // it breaks and mends
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
	db, err := openSQL(s.url)
	ts.Check(err)
	defer db.Close()
	_, err = db.ExecContext(s.tb.Context(), args[0])
	ts.Check(err)
}

func (s *story) scalar(ts *testscript.TestScript, query string) string {
	db, err := openSQL(s.url)
	ts.Check(err)
	defer db.Close()
	var value string
	ts.Check(db.QueryRowContext(s.tb.Context(), query).Scan(&value))
	return value
}
