package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
)

const (
	// changedChannel carries the ids of changed users, or "everybody".
	changedChannel = "authgraph_changed"
	everybody      = "everybody"

	beatEvery = 50 * time.Millisecond
	beatTrust = 200 * time.Millisecond
	// beatPatience is how long a heartbeat may take. A later one is of no use,
	// but closing connections would not help a busy server.
	beatPatience = time.Second
	// silence is the time without a heartbeat after which the connection is
	// given up.
	silence = 3 * time.Second
	// relisten is the pause before another try.
	relisten = 300 * time.Millisecond
)

// announce tells other processes of changed users when tx commits.
func (tx *Tx) announce(ctx context.Context) error {
	if !tx.postgres {
		return nil // other processes see that the file changed
	}
	var payloads []string
	for _, id := range tx.changed {
		payloads = append(payloads, id.String())
	}
	if tx.changedAll {
		payloads = []string{everybody}
	}
	for _, payload := range payloads {
		if _, err := tx.ExecContext(ctx, "SELECT pg_notify($1, $2)", changedChannel, payload); err != nil {
			return fmt.Errorf("announce a change: %w", err)
		}
	}
	return nil
}

// runPostgres listens on its own connection. PostgreSQL delivers notifications
// in the order of commits. So a heartbeat that comes back proves that we have
// heard of everything that was committed before it was sent. Notifications are
// lost while the connection is down. Then everything is dropped, and only
// heartbeats sent after that count. An outage is logged once.
func (w *Watch) runPostgres(ctx context.Context) {
	for told := false; ctx.Err() == nil; {
		err := w.listen(ctx)
		if w.distrust() {
			told = false
		}
		if ctx.Err() != nil {
			return
		}
		if !told {
			w.log.WarnContext(ctx, "changes by other processes are not heard; every request asks the database", "err", err)
			told = true
		}
		pause := time.NewTimer(relisten)
		select {
		case <-ctx.Done():
		case <-pause.C:
		}
		pause.Stop()
	}
}

// listen opens a connection and listens on it until it is lost.
//
// It does not use pq.Listener, which dials, listens and closes under one lock:
// a network that falls silent meanwhile would block us for ever.
func (w *Watch) listen(ctx context.Context) error {
	heard := make(chan *pq.Notification, 64)
	conn, err := w.connect(ctx, heard)
	if err != nil {
		return fmt.Errorf("connect: %w", explainConnect(err, Options{}))
	}
	var all sync.WaitGroup
	defer all.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer func() {
		_ = conn.Close() // it may be broken already
		for range heard {
			// The driver may be waiting for us to take one more.
		}
	}()
	channel := "authgraph_beat_" + strings.ToLower(rand.Text())
	listening := make(chan error, 1)
	all.Go(func() {
		_, err := conn.Listen(changedChannel)
		if err == nil {
			_, err = conn.Listen(channel)
		}
		listening <- err
	})
	all.Go(func() { w.beat(ctx, channel) })
	return w.hear(ctx, heard, listening, channel)
}

// connect opens the connection. The driver does it without a context.
func (w *Watch) connect(ctx context.Context, heard chan *pq.Notification) (*pq.ListenerConn, error) {
	dsn, err := postgresDSN(Options{URL: w.url, Patience: w.store.patience})
	if err != nil {
		return nil, err
	}
	type opened struct {
		conn *pq.ListenerConn
		err  error
	}
	done := make(chan opened)
	go func() {
		conn, err := pq.NewListenerConn(dsn, heard)
		select {
		case done <- opened{conn, err}:
		case <-ctx.Done():
			if err == nil {
				_ = conn.Close() // nobody waits for it now
			}
		}
	}()
	select {
	case o := <-done:
		return o.conn, o.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// beat sends heartbeats through the pool that requests use. If the pool is
// stuck, the trust ends too.
func (w *Watch) beat(ctx context.Context, channel string) {
	ticker := time.NewTicker(beatEvery)
	defer ticker.Stop()
	for ctx.Err() == nil {
		_ = w.sendBeat(ctx, channel) // silence shows a failure
		select {
		case <-ctx.Done():
		case <-ticker.C:
		}
	}
}

func (w *Watch) sendBeat(ctx context.Context, channel string) error {
	ctx, cancel := context.WithTimeout(ctx, beatPatience)
	defer cancel()
	conn, err := w.store.writer.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close() //nolint:errcheck // it goes back to the pool
	sent := strconv.FormatInt(int64(w.elapsed()), 10)
	_, err = conn.ExecContext(ctx, "SELECT pg_notify($1, $2)", channel, sent)
	return err
}

// hear reads notifications until the connection is lost. A heartbeat counts
// only if it was sent after the server said that it is listening.
func (w *Watch) hear(ctx context.Context, heard <-chan *pq.Notification, listening <-chan error, channel string) error {
	since := time.Duration(math.MaxInt64)
	quiet := time.NewTimer(silence)
	defer quiet.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-quiet.C:
			return errors.New("no heartbeat came back")
		case err := <-listening:
			if err != nil {
				return fmt.Errorf("listen: %w", err)
			}
			since = w.elapsed()
			w.drop()
		case n, open := <-heard:
			if !open {
				return errors.New("the connection was lost")
			}
			if n.Channel != channel {
				w.heardOf(n.Extra)
			} else if sent, err := strconv.ParseInt(n.Extra, 10, 64); err == nil && time.Duration(sent) >= since {
				w.trust(time.Duration(sent), beatTrust)
				quiet.Reset(silence)
			}
		}
	}
}

// heardOf drops the user that a notification names. If it cannot be read, it
// drops all: it may be about anybody.
func (w *Watch) heardOf(payload string) {
	if id, err := uuid.Parse(payload); err == nil {
		w.drop(id)
	} else {
		w.drop()
	}
}
