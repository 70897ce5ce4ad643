package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
)

const (
	// changedChannel carries ids of changed users.
	changedChannel = "authgraph_changed"
	beatEvery      = 50 * time.Millisecond
	beatTrust      = 200 * time.Millisecond
	// silence is after what time without a heartbeat the connection is given up.
	silence = 3 * time.Second
)

// announce tells other processes of changed users when tx commits.
func (tx *Tx) announce(ctx context.Context) error {
	if !tx.postgres {
		return nil // another process sees the file change
	}
	for _, id := range tx.changed {
		if _, err := tx.ExecContext(ctx, "SELECT pg_notify($1, $2)", changedChannel, id.String()); err != nil {
			return fmt.Errorf("announce a change: %w", err)
		}
	}
	return nil
}

// runPostgres listens on a connection of its own. PostgreSQL delivers in the
// order of commits, so a heartbeat that comes back proves that all that was
// committed before it was sent has been heard. What was notified while the
// connection was down is lost: then everything is dropped, and only heartbeats
// sent since are believed.
func (w *Watch) runPostgres(ctx context.Context) {
	for ctx.Err() == nil {
		if err := w.listen(ctx); err != nil && ctx.Err() == nil {
			w.log.WarnContext(ctx, "changes by other processes are not heard; every request asks the database", "err", err)
		}
		w.distrust()
		timer := time.NewTimer(silence / 10)
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
		timer.Stop()
	}
}

func (w *Watch) listen(ctx context.Context) error {
	dsn, err := postgresDSN(Options{URL: w.url})
	if err != nil {
		return err
	}
	listener := pq.NewListener(dsn, 100*time.Millisecond, time.Second, nil)
	var all sync.WaitGroup
	defer all.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	// Closing ends Listen, which knows no context.
	stop := context.AfterFunc(ctx, func() { _ = listener.Close() })
	defer func() {
		if stop() {
			_ = listener.Close() // closed twice is closed
		}
	}()
	channel := "authgraph_beat_" + strings.ToLower(rand.Text())
	connected := make(chan error, 1)
	all.Go(func() {
		connected <- errors.Join(listener.Listen(changedChannel), listener.Listen(channel))
	})
	select {
	case err := <-connected:
		if err != nil {
			return fmt.Errorf("listen: %w", err)
		}
	case <-time.After(2 * silence):
		return errors.New("listen: no connection")
	case <-ctx.Done():
		return nil
	}
	all.Go(func() { w.beat(ctx, channel) })
	return w.hear(ctx, listener, channel)
}

// beat sends heartbeats through the pool that requests use: when that is
// stuck, so is the trust.
func (w *Watch) beat(ctx context.Context, channel string) {
	ticker := time.NewTicker(beatEvery)
	defer ticker.Stop()
	for ctx.Err() == nil {
		sent := strconv.FormatInt(int64(w.elapsed()), 10)
		try, cancel := context.WithTimeout(ctx, beatTrust)
		_, _ = w.store.writer.ExecContext(try, "SELECT pg_notify($1, $2)", channel, sent) // silence tells
		cancel()
		select {
		case <-ctx.Done():
		case <-ticker.C:
		}
	}
}

func (w *Watch) hear(ctx context.Context, listener *pq.Listener, channel string) error {
	since := w.elapsed() // of the LISTEN
	w.drop()
	quiet := time.NewTimer(silence)
	defer quiet.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-quiet.C:
			return errors.New("no heartbeat came back")
		case n, open := <-listener.Notify:
			switch {
			case !open:
				return errors.New("the listener was closed")
			case n == nil: // it has reconnected
				w.distrust()
				since = w.elapsed()
			case n.Channel == channel:
				if sent, err := strconv.ParseInt(n.Extra, 10, 64); err == nil && time.Duration(sent) >= since {
					w.trust(time.Duration(sent), beatTrust)
					quiet.Reset(silence)
				}
			default:
				if id, err := uuid.Parse(n.Extra); err == nil {
					w.drop(id)
				} else {
					w.drop()
				}
			}
		}
	}
}
