package store_test

import (
	"database/sql/driver"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/internal/store"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

// polledSince waits until a poll that began after now has returned.
func (w *watched) polledSince() {
	w.t.Helper()
	begun := w.Elapsed() + 100*time.Millisecond // of sqliteTrust
	w.await("a poll", func() bool { return w.TrustedUntil() > begun })
}

func TestWatchSQLite(t *testing.T) {
	t.Parallel()
	url := storetest.SQLiteURL(t)
	here, there := storetest.Open(t, url), storetest.Open(t, url)
	w := watch(t, here, "")
	w.awaitTrust("at first")
	w.polledSince()

	t.Run("one's own writes drop nobody", func(t *testing.T) {
		w.forget()
		for range 10 {
			change(t, here, uuid.New())
		}
		w.polledSince()
		if n := w.everybody(); n != 0 {
			t.Errorf("everybody was dropped %d times", n)
		}
	})
	t.Run("a busy writer is not trusted, and costs nothing that is known", func(t *testing.T) {
		w.forget()
		err := here.InTx(t.Context(), func(*store.Tx) error {
			w.awaitDistrust("while the writer is busy")
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		w.awaitTrust("after the writer is free")
		if n := w.everybody(); n != 0 {
			t.Errorf("everybody was dropped %d times", n)
		}
	})
	t.Run("what another process wrote while the writer was busy is heard of", func(t *testing.T) {
		w.forget()
		held, err := here.Writer().Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		w.awaitDistrust("while the writer is busy")
		ann := uuid.New()
		change(t, there, ann)
		held.Close()
		w.awaitTrust("after the writer is free")
		if !w.knows(ann) {
			t.Error("trusted without knowing of the change")
		}
	})
	t.Run("another process that holds the write lock does not matter", func(t *testing.T) {
		w.forget()
		ann := uuid.New()
		err := there.InTx(t.Context(), func(tx *store.Tx) error {
			w.polledSince()
			w.polledSince()
			tx.Changed(ann)
			return writeThrottle(t.Context(), tx, "held")
		})
		if err != nil {
			t.Fatal(err)
		}
		w.keeps(ann, time.Now(), 100*time.Millisecond, 300*time.Millisecond)
	})
}

// TestWatchSQLiteTellsConnectionsApart: the numbers of two connections may be
// equal although another process has written in between.
func TestWatchSQLiteTellsConnectionsApart(t *testing.T) {
	t.Parallel()
	url := storetest.SQLiteURL(t)
	here, there := storetest.Open(t, url), storetest.Open(t, url)
	w := newWatched(t, here, "")
	poll := w.Poller()
	poll(t.Context())
	w.forget()
	poll(t.Context())
	if w.everybody() != 0 {
		t.Fatal("a poll that finds nothing new drops everybody")
	}
	ann := uuid.New()
	change(t, there, ann)
	conn, err := here.Writer().Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.Raw(func(any) error { return driver.ErrBadConn }) // as after a statement that was interrupted
	poll(t.Context())
	if !w.knows(ann) {
		t.Error("a change was not heard of because the writer's connection was replaced")
	}
}
