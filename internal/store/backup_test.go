package store_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/authgraph/authgraph/ent/throttle"
	"github.com/authgraph/authgraph/internal/store"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

// TestABackupIsOfOneMoment: each transaction writes two rows, and a backup made
// meanwhile has both or neither. Writers wait for none.
func TestABackupIsOfOneMoment(t *testing.T) {
	url := storetest.SQLiteURL(t)
	s := storetest.OpenWith(t, store.Options{URL: url})
	dir := t.TempDir()
	stop := make(chan struct{})
	var writer sync.WaitGroup
	writer.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			err := s.InTx(context.Background(), func(tx *store.Tx) error {
				for _, name := range []string{"left", "right"} {
					id := name + time.Now().String()
					if err := tx.Throttle.Create().SetID(id).SetAttempts(i).SetForgottenAt(time.Now()).Exec(context.Background()); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				t.Error(err)
				return
			}
		}
	})
	var copies []string
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		to := filepath.Join(dir, name)
		if err := store.Backup(t.Context(), url, to); err != nil {
			t.Fatal(err)
		}
		copies = append(copies, to)
	}
	close(stop)
	writer.Wait()
	last := 0
	for _, path := range copies {
		c := storetest.OpenWith(t, store.Options{URL: "sqlite:" + path})
		left := c.Throttle.Query().Where(throttle.IDGTE("left"), throttle.IDLT("lefu")).CountX(t.Context())
		right := c.Throttle.Query().Where(throttle.IDGTE("right"), throttle.IDLT("righu")).CountX(t.Context())
		if left != right || left < last {
			t.Errorf("%s has %d and %d rows, the one before had %d", path, left, right, last)
		}
		last = left
	}
	if last == 0 {
		t.Error("nothing was written meanwhile")
	}
}

// TestAnInterruptedBackupLeavesNothing, nor does one that leads through a link.
func TestAnInterruptedBackupLeavesNothing(t *testing.T) {
	url := storetest.SQLiteURL(t)
	storetest.OpenWith(t, store.Options{URL: url})
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := store.Backup(ctx, url, filepath.Join(dir, "copy")); !errors.Is(err, context.Canceled) {
		t.Errorf("Backup() = %v", err)
	}
	if err := store.Backup(t.Context(), "postgres://localhost/x", filepath.Join(dir, "copy")); !errors.Is(err, store.ErrNotSQLite) {
		t.Errorf("Backup() of PostgreSQL = %v", err)
	}
	if err := store.Backup(t.Context(), "sqlite:"+filepath.Join(dir, "none"), filepath.Join(dir, "copy")); err == nil {
		t.Error("what is not there was backed up")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left: %v, %v", left, err)
	}
	if err := os.Symlink(filepath.Join(dir, "elsewhere"), filepath.Join(dir, "link")); err != nil {
		t.Skip(err)
	}
	if err := store.Backup(t.Context(), url, filepath.Join(dir, "link")); err == nil {
		t.Error("a link was overwritten")
	}
}

// TestARestoreThatFailsLeavesNothing, whatever was prepared by then.
func TestARestoreThatFailsLeavesNothing(t *testing.T) {
	url := storetest.SQLiteURL(t)
	storetest.OpenWith(t, store.Options{URL: url})
	dir := t.TempDir()
	backup, to := filepath.Join(dir, "backup"), filepath.Join(dir, "to", "authgraph.db")
	if err := errors.Join(store.Backup(t.Context(), url, backup), os.Mkdir(filepath.Dir(to), 0o700)); err != nil {
		t.Fatal(err)
	}
	failure := errors.New("no")
	err := store.Restore(t.Context(), "sqlite:"+to, backup, func(url string) error {
		s, err := store.Open(t.Context(), store.Options{URL: url})
		if err != nil {
			return err
		}
		if _, err := os.Stat(to); err == nil {
			t.Error("the database is there before it is ready")
		}
		return errors.Join(failure, s.Close())
	})
	if !errors.Is(err, failure) {
		t.Errorf("Restore() = %v", err)
	}
	if left, err := os.ReadDir(filepath.Dir(to)); err != nil || len(left) != 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}
