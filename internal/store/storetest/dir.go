package storetest

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/pgtest"
)

// dirPrefix is the beginning of the name of every directory of SQLite files.
const dirPrefix = "authgraph-sqlite-"

// Dir is a directory for SQLite files until the test ends. It is in memory if
// there is room. SQLite waits for the disk at each commit, and on a busy disk
// that takes longer than everything else in a test.
func Dir(t testing.TB) string {
	t.Helper()
	memory := pgtest.Memory()
	if memory == "" {
		return t.TempDir()
	}
	sweepOnce(memory)
	dir, err := os.MkdirTemp(memory, dirPrefix)
	if err != nil {
		t.Fatalf("make a directory for SQLite: %v", err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Errorf("remove the directory of SQLite: %v", err)
		}
	})
	return dir
}

var swept sync.Once

func sweepOnce(base string) {
	swept.Do(func() { sweep(base, time.Now()) })
}

// sweep removes what killed tests left, after a time when no test that made it
// can still run.
func sweep(base string, now time.Time) {
	dirs, _ := filepath.Glob(filepath.Join(base, dirPrefix+"*")) // its only error is a bad pattern
	for _, dir := range dirs {
		if info, err := os.Stat(dir); err == nil && now.Sub(info.ModTime()) > 24*time.Hour {
			_ = os.RemoveAll(dir) // another user's stays
		}
	}
}
