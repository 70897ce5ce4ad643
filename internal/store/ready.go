package store

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"

	"modernc.org/sqlite"
)

// ErrNoWrites says that the database answers but takes no writes.
var ErrNoWrites = errors.New("the database takes no writes")

const (
	// proofEvery is the shortest time between two writes that only test whether
	// writing works.
	proofEvery = 2 * time.Second
	// leastRoom is how many bytes must be free, so that we trust a file to take
	// writes without a test.
	leastRoom = 1 << 20
	// slowCommit is how long a commit may take before it is a reason for doubt:
	// a server whose synchronous standby is gone answers everything else.
	slowCommit = time.Second
)

// writes is what is known about whether the database takes writes.
type writes struct {
	mu     sync.Mutex
	failed error     // why the last proof or a write since then failed
	proved time.Time // when the last proof was tried

	commits map[uint64]time.Time // those under way: when they began
	last    uint64               // the number of the latest

	proving sync.Mutex // held during a test
	every   time.Duration
	room    func() uint64 // how many bytes are free
}

// newWrites assumes unlimited room.
func newWrites() *writes {
	return &writes{every: proofEvery, room: func() uint64 { return math.MaxUint64 }, commits: map[uint64]time.Time{}}
}

// committing notes that a commit begins, until the function that it returns is
// called.
func (w *writes) committing() (ended func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.last++
	number := w.last
	w.commits[number] = time.Now()
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.commits, number)
	}
}

// doubted reports that something speaks against writes.
func (w *writes) doubted() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, began := range w.commits {
		if time.Since(began) > slowCommit {
			return true
		}
	}
	return w.failed != nil
}

// Ready reports whether the database answers and takes writes. If not, the
// error is ErrNoWrites or says why it does not answer. Usually it only reads.
// It writes only while there is a reason for doubt, at most every two seconds.
func (s *Store) Ready(ctx context.Context) error {
	if err := s.takesWrites(ctx); err != nil {
		return err
	}
	if !s.writes.doubted() && s.writes.room() >= leastRoom {
		return nil
	}
	return s.proof(ctx)
}

// takesWrites finds out what it can without writing.
func (s *Store) takesWrites(ctx context.Context) error {
	if s.Postgres() {
		return s.postgresTakesWrites(ctx)
	}
	if err := s.reader.PingContext(ctx); err != nil {
		return err
	}
	if err := writable(sqlitePath(s.url)); err != nil {
		return fmt.Errorf("%w: its file: %w", ErrNoWrites, err)
	}
	return nil
}

// note remembers a write that failed because the database takes none. Only a
// test shows that writing works again, because not every transaction writes
// something.
func (w *writes) note(err error) {
	if !isNoWrites(err) {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.failed = err
}

// proof tests whether writing works, unless that was tested a moment ago.
func (s *Store) proof(ctx context.Context) error {
	if s.writes.proving.TryLock() {
		defer s.writes.proving.Unlock()
		if s.proofDue() {
			err := s.InTx(ctx, prove(ctx))
			s.writes.mu.Lock()
			s.writes.failed = err
			s.writes.mu.Unlock()
		}
	}
	s.writes.mu.Lock()
	defer s.writes.mu.Unlock()
	if s.writes.failed != nil {
		return fmt.Errorf("%w: %w", ErrNoWrites, s.writes.failed)
	}
	return nil
}

func (s *Store) proofDue() bool {
	s.writes.mu.Lock()
	defer s.writes.mu.Unlock()
	if time.Since(s.writes.proved) < s.writes.every {
		return false
	}
	s.writes.proved = time.Now()
	return true
}

// prove writes a row without meaning, which is soon deleted.
func prove(ctx context.Context) func(tx *Tx) error {
	return func(tx *Tx) error {
		return tx.Throttle.Create().SetID("ready").SetAttempts(0).SetForgottenAt(time.Now().UTC()).
			OnConflictColumns("id").UpdateNewValues().Exec(ctx)
	}
}

// isNoWrites reports an error that means that nothing can be written: the disk
// is full or broken, or the file is gone. It does not look for a read-only
// PostgreSQL: takesWrites asks for that.
func isNoWrites(err error) bool {
	if refused(err, "53100") || refused(err, "58030") { // disk_full, io_error
		return true
	}
	var failed *sqlite.Error
	if errors.As(err, &failed) {
		switch failed.Code() & 0xff {
		case 8, 10, 11, 13, 14, 26: // READONLY, IOERR, CORRUPT, FULL, CANTOPEN, NOTADB
			return true
		}
	}
	return false
}
