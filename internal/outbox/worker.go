package outbox

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/internal/mail"
)

// Handler sends a letter. It returns nil once the letter is out of our hands,
// and must return soon after its context ends.
//
// An error may have a method Permanent() bool: true means that this letter
// will never be taken; it fails at once. One with Outage() bool true means
// that no letter can be sent now: the others are not tried until one gets
// through. With Underway() bool true as well it may be this letter that broke
// the connection: others that were never tried soon are. Any other error
// concerns this letter now, and it is tried again.
// The error's text is logged and stored: it must tell no secret and nothing a
// client sent.
type Handler func(ctx context.Context, d mail.Delivery) error

// Settings are how a Worker works; what is zero takes its default.
type Settings struct {
	// Poll is how often to look for letters nobody woke the worker for; 1 s.
	Poll time.Duration
	// Batch is how many letters are leased at a time; 10.
	Batch int
	// Lanes is how many letters are sent at once; 2, and never more: at the
	// beginning of an outage each makes a connection of its own.
	Lanes int
	// Lease is after what time the letters of a worker that died are sent by
	// another; 40 s.
	Lease time.Duration
	// Send bounds sending one letter; 20 s, and at most half of Lease.
	Send time.Duration
	// Grace is how long letters on their way may take when the worker is told
	// to stop; 5 s.
	Grace time.Duration
	// Backoff is the wait before the second try of a letter; it doubles up to
	// MaxBackoff. 5 s, 5 min.
	Backoff, MaxBackoff time.Duration
	// Probe is the wait before the next try of any letter in an outage; it
	// doubles up to MaxProbe. 1 s, 15 s.
	Probe, MaxProbe time.Duration
	// GiveUp is the age after which a letter that cannot be sent fails; 24 h.
	GiveUp time.Duration
}

// defaults fills in what is zero.
func (s Settings) defaults() Settings {
	or := func(d *time.Duration, value time.Duration) {
		if *d <= 0 {
			*d = value
		}
	}
	or(&s.Poll, time.Second)
	or(&s.Lease, 40*time.Second)
	or(&s.Send, 20*time.Second)
	or(&s.Grace, 5*time.Second)
	or(&s.Backoff, 5*time.Second)
	or(&s.MaxBackoff, 5*time.Minute)
	or(&s.Probe, time.Second)
	or(&s.MaxProbe, 15*time.Second)
	or(&s.GiveUp, 24*time.Hour)
	if s.Batch <= 0 {
		s.Batch = 10
	}
	if s.Lanes <= 0 || s.Lanes > 2 {
		s.Lanes = 2
	}
	s.Send = min(s.Send, s.Lease/2)
	return s
}

// Worker sends the letters of an outbox. Any number may work on one database.
type Worker struct {
	*Outbox
	handler  Handler
	settings Settings
	log      *slog.Logger
	counts   counters

	mu      sync.Mutex
	circuit circuit
}

// Worker returns a worker that sends by handler.
func (o *Outbox) Worker(handler Handler, s Settings, log *slog.Logger) *Worker {
	return &Worker{Outbox: o, handler: handler, settings: s.defaults(), log: log}
}

// Run sends letters as they fall due, until ctx ends. It then lets the letters
// on their way finish within Settings.Grace, gives back those it has not
// begun, so that another worker has them at once, and returns. It survives
// whatever the database and the mail server do.
func (w *Worker) Run(ctx context.Context) {
	for ctx.Err() == nil {
		r, err := w.round(ctx)
		if err != nil {
			if ctx.Err() == nil { // else told to stop while asking
				w.log.ErrorContext(ctx, "outbox: the queue cannot be worked on", "error", err)
			}
			w.sleep(ctx, w.settings.Poll, nil)
			continue
		}
		least, most := w.pause(r)
		w.sleep(ctx, least, nil)
		w.sleep(ctx, most-least, w.wake)
	}
}

// sleep waits for d and up to a quarter more, so that replicas spread out, or
// until wake.
func (w *Worker) sleep(ctx context.Context, d time.Duration, wake <-chan struct{}) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d + rand.N(d/4+1))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-wake:
	case <-ctx.Done():
	}
}

// result is what a round came to.
type result struct {
	found  int  // letters that were due
	handed bool // whether the handler was given any
	fresh  bool // whether that was one that had never been tried
}

// round leases a batch and sends it.
func (w *Worker) round(ctx context.Context) (result, error) {
	// Counted from before the lease begins: a letter begun after this could
	// still be on its way when the lease ends.
	begin, stop := context.WithTimeout(ctx, w.settings.Lease-w.settings.Send-w.settings.Lease/8)
	defer stop()
	b, err := w.claim(ctx, w.share())
	if err != nil || len(b.letters) == 0 {
		return result{}, err
	}
	r, rest := w.send(ctx, begin, stop, b)
	return r, w.release(ctx, b, rest)
}

// send sends the letters of a batch in lanes, and returns those it did not
// begin because begin had ended: when an outage shows, when the worker is to
// stop, or when the lease may not last.
func (w *Worker) send(ctx, begin context.Context, stop func(), b *batch) (r result, rest []uuid.UUID) {
	r.found = len(b.letters)
	next := make(chan letter, len(b.letters))
	for _, l := range b.letters {
		next <- l
	}
	close(next)
	var lanes sync.WaitGroup
	var mu sync.Mutex
	for range w.settings.Lanes {
		lanes.Go(func() {
			for l := range next {
				outcome := interrupted
				if begin.Err() == nil {
					outcome = w.deliver(ctx, b, l)
				}
				if outcome == blocked {
					stop()
				}
				mu.Lock()
				if outcome == handed || outcome == blocked {
					r.handed, r.fresh = true, r.fresh || l.Attempts == 0
				}
				if outcome == interrupted {
					rest = append(rest, l.ID)
				}
				mu.Unlock()
			}
		})
	}
	lanes.Wait()
	return r, rest
}
