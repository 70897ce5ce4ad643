package meter

import (
	"context"
	"database/sql"
	"fmt"
	"testing"

	"github.com/authgraph/authgraph/internal/pgtest"
)

// life is what happens between two readings: so many updates, each in a transaction,
// and as many lone queries.
func life(t *testing.T, database string, updates int) {
	t.Helper()
	db, err := sql.Open("postgres", database)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for range updates {
		tx, err := db.Begin()
		if err != nil {
			t.Fatal(err)
		}
		for _, statement := range []string{`SELECT 1`, `UPDATE user_tokens SET generation = generation + 1`} {
			if _, err := tx.Exec(statement); err != nil {
				t.Fatal(err)
			}
		}
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec(`SELECT 2`); err != nil {
			t.Fatal(err)
		}
	}
}

func TestRead(t *testing.T) {
	if ok, why := pgtest.Available(); !ok {
		t.Skip(why)
	}
	ctx := t.Context()
	m, stop, err := Start(context.WithoutCancel(ctx))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	database, err := m.Database()
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("postgres", database)
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{`CREATE TABLE user_tokens (generation int)`, `INSERT INTO user_tokens VALUES (1)`} {
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	db.Close()

	var read [3]Counts
	for i := range read {
		life(t, database, 5*i*i) // 0, 5, 20
		if read[i], err = m.Read(ctx, database); err != nil {
			t.Fatal(err)
		}
	}
	few, many := read[1].Minus(read[0]), read[2].Minus(read[1])
	each := many.Minus(few).Per(15)
	if m.Statements && each.Statements != 5 {
		t.Errorf("%v statements, want 5: BEGIN, two, COMMIT, and the lone one", each.Statements)
	}
	if each.Commits != 1 || each.Updates != 1 || each.HOT != 1 {
		t.Errorf("%+v, want one of each", each)
	}
	if each.WAL < 50 || each.WAL > 500 {
		t.Errorf("%v bytes of WAL", each.WAL)
	}
	if cpu, err := m.CPU(); err != nil || cpu == 0 {
		t.Errorf("CPU %v, %v", cpu, err)
	}
	if _, err := name("://"); err == nil || fmt.Sprint(err) != "the database's URL is none" {
		t.Errorf("of a bad URL: %v", err)
	}
}
