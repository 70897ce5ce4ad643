package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/authgraph/authgraph/ent/throttle"
	"github.com/authgraph/authgraph/internal/store"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

func TestSQLiteSettings(t *testing.T) {
	s := storetest.OpenWith(t, store.Options{URL: storetest.SQLiteURL(t)})
	for pragma, want := range map[string]string{
		"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "5000",
	} {
		if got := text(t, s, "PRAGMA "+pragma); got != want {
			t.Errorf("%s = %s, want %s", pragma, got, want)
		}
	}
	if _, err := s.Reader().ExecContext(t.Context(), "DELETE FROM users"); err == nil {
		t.Error("a reading connection writes")
	}
}

// TestSQLiteIsForItsOwnerAlone: a person who can read the file can read every
// account, and a person who can write it can become any user. A file that was
// copied there may be open to all.
func TestSQLiteIsForItsOwnerAlone(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("files have no such rights")
	}
	url := storetest.SQLiteURL(t)
	path := strings.TrimPrefix(url, "sqlite:")
	ours := func(t *testing.T, s *store.Store) {
		t.Helper()
		for _, suffix := range []string{"", "-wal", "-shm"} {
			info, err := os.Stat(path + suffix)
			if err != nil {
				t.Fatal(err)
			}
			if mode := info.Mode().Perm(); mode != 0o600 {
				t.Errorf("the mode of *%s is %o", suffix, mode)
			}
		}
		if exposed := s.Exposed(); len(exposed) != 0 {
			t.Errorf("Exposed() = %v", exposed)
		}
	}
	open := func(t *testing.T, url string, mode os.FileMode) {
		t.Helper()
		for _, suffix := range []string{"", "-wal", "-shm"} {
			if err := os.Chmod(path+suffix, mode); err != nil && (suffix == "" || !os.IsNotExist(err)) {
				t.Fatal(err)
			}
		}
		ours(t, storetest.Open(t, url))
	}
	ours(t, storetest.Open(t, url))
	t.Run("a file that all may write becomes so", func(t *testing.T) { open(t, url, 0o666) })
	t.Run("while another process has it open as well", func(t *testing.T) {
		storetest.Open(t, url)
		open(t, url, 0o640)
	})
	t.Run("behind a link, in whose place SQLite writes beside the file", func(t *testing.T) {
		link := filepath.Join(t.TempDir(), "link.db")
		if err := os.Symlink(path, link); err != nil {
			t.Fatal(err)
		}
		open(t, "sqlite:"+link, 0o606)
	})
	t.Run("what is no database is left as it is", func(t *testing.T) {
		other, dir := filepath.Join(t.TempDir(), "passwd"), t.TempDir()
		if err := os.WriteFile(other, []byte(strings.Repeat("root:x:0:0:root:/root:/bin/sh\n", 100)), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(os.Chmod(other, 0o644), os.Chmod(dir, 0o755)); err != nil {
			t.Fatal(err)
		}
		for path, want := range map[string]os.FileMode{other: 0o644, dir: 0o755} {
			if s, err := store.Open(t.Context(), store.Options{URL: "sqlite:" + path}); err == nil {
				t.Error("opened", s.Close())
			}
			if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
				t.Errorf("the mode became %v, %v", info.Mode(), err)
			}
		}
	})
	t.Run("a file of another user is left as it is, and told", func(t *testing.T) {
		if os.Geteuid() != 0 {
			t.Skip("needs root to give a file away")
		}
		theirs := filepath.Join(t.TempDir(), "theirs.db")
		if err := errors.Join(os.WriteFile(theirs, nil, 0o600), os.Chmod(theirs, 0o660), os.Chown(theirs, 12345, 12345)); err != nil {
			t.Fatal(err)
		}
		s := storetest.Open(t, "sqlite:"+theirs)
		if info, err := os.Stat(theirs); err != nil || info.Mode().Perm() != 0o660 || !slices.Contains(s.Exposed(), theirs) {
			t.Errorf("mode %v, %v, Exposed() = %v", info.Mode(), err, s.Exposed())
		}
	})
}

// TestTimesCompareWhateverZoneTheyWereWrittenIn: SQLite stores times as text,
// and text with another zone would compare wrongly.
func TestTimesCompareWhateverZoneTheyWereWrittenIn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		instant := time.Date(2026, 3, 29, 0, 30, 0, 123456000, time.UTC)
		zones := []*time.Location{time.UTC, time.FixedZone("east", 14*3600), time.FixedZone("west", -11*3600-1800)}
		for i, zone := range zones {
			err := s.InTx(t.Context(), func(tx *store.Tx) error {
				return tx.Throttle.Create().SetID(fmt.Sprint(i)).SetAttempts(1).SetForgottenAt(instant.In(zone)).Exec(t.Context())
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		for _, zone := range zones {
			for _, c := range []struct {
				what string
				rows int
				n    int
			}{
				{"are equal", len(zones), s.Throttle.Query().Where(throttle.ForgottenAt(instant.In(zone))).CountX(t.Context())},
				{"are after the microsecond before", len(zones), s.Throttle.Query().Where(throttle.ForgottenAtGT(instant.In(zone).Add(-time.Microsecond))).CountX(t.Context())},
				{"are before the microsecond after", len(zones), s.Throttle.Query().Where(throttle.ForgottenAtLT(instant.In(zone).Add(time.Microsecond))).CountX(t.Context())},
				{"are after themselves", 0, s.Throttle.Query().Where(throttle.ForgottenAtGT(instant.In(zone))).CountX(t.Context())},
			} {
				if c.n != c.rows {
					t.Errorf("%d times %s, asked from %v, want %d", c.n, c.what, zone, c.rows)
				}
			}
			// The same without ent, as the limits are written.
			if n := number(t, s, "SELECT count(*) FROM throttles WHERE forgotten_at <= $1", instant.In(zone)); n != len(zones) {
				t.Errorf("%d times are not later than themselves, asked from %v past ent", n, zone)
			}
		}
		for _, row := range s.Throttle.Query().AllX(t.Context()) {
			if !row.ForgottenAt.Equal(instant) {
				t.Errorf("read %v, want %v", row.ForgottenAt, instant)
			}
		}
	})
}

// TestSQLiteIsNeverLocked: fifty writers and some readers in one process, and
// another process that writes too.
func TestSQLiteIsNeverLocked(t *testing.T) {
	url := storetest.SQLiteURL(t)
	here, there := storetest.Open(t, url), storetest.Open(t, url)
	writers, each := 50, 50
	if underRace() {
		each = 10 // it makes SQLite much slower, because it is written in Go here
	}
	var writing, reading sync.WaitGroup
	ctx, stop := context.WithCancel(t.Context())
	var reads atomic.Int64
	for range 4 {
		reading.Go(func() {
			pace := time.NewTicker(time.Millisecond)
			defer pace.Stop()
			for ; ctx.Err() == nil; <-pace.C {
				if _, err := here.Throttle.Query().Where(throttle.AttemptsGT(0)).Count(t.Context()); err != nil {
					t.Errorf("read: %v", err)
					return
				}
				reads.Add(1)
			}
		})
	}
	for w := range writers {
		writing.Go(func() {
			s := here
			if w%10 == 0 {
				s = there
			}
			for i := range each {
				err := mixed(t.Context(), s, fmt.Sprintf("%d-%d", w, i), i)
				for errors.Is(err, context.DeadlineExceeded) { // a slow machine: nothing was done
					err = mixed(t.Context(), s, fmt.Sprintf("%d-%d", w, i), i)
				}
				if err != nil {
					t.Errorf("writer %d: %v", w, err)
					return
				}
			}
		})
	}
	writing.Wait()
	stop()
	reading.Wait()
	if got := attempts(t, here, "all"); got != writers*each {
		t.Errorf("the shared counter is %d, want %d", got, writers*each)
	}
	// One row of every five was deleted again.
	if got, want := number(t, here, "SELECT count(*) FROM throttles"), 1+writers*each*4/5; got != want {
		t.Errorf("there are %d rows, want %d", got, want)
	}
	t.Logf("%d reads beside %d transactions", reads.Load(), writers*each)
}

// underRace reports that the race detector is on.
func underRace() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

// mixed reads, inserts and sometimes deletes in one transaction. It increments
// a counter there or in a statement of its own.
func mixed(ctx context.Context, s *store.Store, id string, i int) error {
	const count = `INSERT INTO throttles (id, attempts, forgotten_at) VALUES ('all', 1, $1)
		ON CONFLICT (id) DO UPDATE SET attempts = throttles.attempts + 1`
	alone := i%2 == 0
	err := s.InTx(ctx, func(tx *store.Tx) error {
		if _, err := tx.Throttle.Query().Where(throttle.ID("all")).Exist(ctx); err != nil {
			return err
		}
		if !alone {
			if _, err := tx.ExecContext(ctx, count, time.Now()); err != nil {
				return err
			}
		}
		if err := tx.Throttle.Create().SetID(id).SetAttempts(1).SetForgottenAt(time.Now()).Exec(ctx); err != nil {
			return err
		}
		if i%5 != 0 {
			return nil
		}
		return tx.Throttle.DeleteOneID(id).Exec(ctx)
	})
	if err != nil || !alone {
		return err
	}
	_, err = s.Writer().ExecContext(ctx, count, time.Now())
	return err
}
