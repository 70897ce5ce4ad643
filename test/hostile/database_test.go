package hostile

import (
	"bytes"
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/lib/pq"  // PostgreSQL's driver
	_ "modernc.org/sqlite" // SQLite's driver
)

// open opens the site's database beside the program.
func (s *site) open() *sql.DB {
	s.t.Helper()
	driver, dsn := "postgres", s.database
	if path, ok := s.file(); ok {
		driver, dsn = "sqlite", "file:"+path+"?_pragma=busy_timeout(5000)"
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { db.Close() })
	return db
}

// file is the path of an SQLite database.
func (s *site) file() (string, bool) { return strings.CutPrefix(s.database, "sqlite:") }

// count asks a query for one number.
func (s *site) count(query string) (n int) {
	s.t.Helper()
	db := s.open()
	defer db.Close()
	if err := db.QueryRowContext(context.Background(), query).Scan(&n); err != nil {
		s.t.Fatalf("%s: %v", query, err)
	}
	return n
}

// settle waits until no letter waits any more.
func (s *site) settle(p *program) {
	s.t.Helper()
	p.await(patience, "letters still wait", func() bool {
		return s.count(`SELECT count(*) FROM outbox_messages WHERE state = 'waiting'`) == 0
	})
}

// dump is everything in the database: every row of every table as text, and of
// SQLite the files as they are.
func (s *site) dump() []byte {
	s.t.Helper()
	db := s.open()
	defer db.Close()
	var all bytes.Buffer
	if path, ok := s.file(); ok {
		files, _ := filepath.Glob(path + "*") // the path has no pattern
		for _, file := range files {
			content, err := os.ReadFile(file)
			if err != nil {
				s.t.Fatal(err)
			}
			all.Write(content)
		}
		return all.Bytes()
	}
	for _, table := range texts(s.t, db, `SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'`) {
		for _, row := range texts(s.t, db, `SELECT t::text FROM `+table+` t`) {
			all.WriteString(row + "\n")
		}
	}
	return all.Bytes()
}

func texts(t testing.TB, db *sql.DB, query string) (all []string) {
	t.Helper()
	rows, err := db.QueryContext(context.Background(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		all = append(all, text)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}
