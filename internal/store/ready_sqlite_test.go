package store_test

import (
	"errors"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/store"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

// proofs is how often the row without meaning was written, 0 or 1.
func proofs(t *testing.T, s *store.Store) int {
	t.Helper()
	return number(t, s, "SELECT count(*) FROM throttles WHERE id = $1", "ready")
}

// TestReadyOnAFullDisk uses SQLite's own limit on pages in place of a full
// disk.
func TestReadyOnAFullDisk(t *testing.T) {
	s := storetest.SQLite(t)
	s.Doubt(math.MaxUint64, 0)
	if err := s.Ready(t.Context()); err != nil || proofs(t, s) != 0 {
		t.Fatalf("Ready() = %v, and wrote %d rows", err, proofs(t, s))
	}
	bound := func(pages int) {
		t.Helper()
		if _, err := s.Writer().ExecContext(t.Context(), fmt.Sprintf("PRAGMA max_page_count = %d", pages)); err != nil {
			t.Fatal(err)
		}
	}
	bound(1) // as many pages as there are
	var err error
	for n := 0; err == nil; n++ {
		err = s.InTx(t.Context(), func(tx *store.Tx) error { return writeThrottle(t.Context(), tx, fmt.Sprintf("%04d", n)) })
	}
	if got := s.Ready(t.Context()); !errors.Is(got, store.ErrNoWrites) {
		t.Errorf("Ready() after %v = %v", err, got)
	}
	bound(math.MaxInt32)
	if err := s.Ready(t.Context()); err != nil {
		t.Errorf("Ready() with room again = %v", err)
	}
}

// TestReadyTriesRarely: an almost full disk does not prove that writing is
// impossible, and each test is a write.
func TestReadyTriesRarely(t *testing.T) {
	s := storetest.SQLite(t)
	forget := func() {
		t.Helper()
		if _, err := s.Writer().ExecContext(t.Context(), "DELETE FROM throttles"); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []struct {
		every time.Duration
		want  int
	}{{time.Hour, 1}, {time.Hour, 0}, {0, 1}, {time.Hour, 0}} {
		s.Doubt(0, step.every)
		if err := s.Ready(t.Context()); err != nil {
			t.Errorf("Ready() = %v", err)
		}
		if got := proofs(t, s); got != step.want {
			t.Errorf("it wrote %d rows with %v between two, want %d", got, step.every, step.want)
		}
		forget()
	}
}

// TestReadyWithoutTheFile: SQLite would continue to write to a deleted file
// that nobody can find.
func TestReadyWithoutTheFile(t *testing.T) {
	url := storetest.SQLiteURL(t)
	s := storetest.Open(t, url)
	if err := os.Remove(strings.TrimPrefix(url, "sqlite:")); err != nil {
		t.Fatal(err)
	}
	if err := s.Ready(t.Context()); !errors.Is(err, store.ErrNoWrites) {
		t.Errorf("Ready() = %v", err)
	}
}
