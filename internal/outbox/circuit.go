package outbox

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

// suspicious is how many letters in a row the server may put off before that
// counts as an outage.
const suspicious = 3

// circuit is what a worker knows of the way out as a whole. If each letter had
// only a wait of its own, an outage would push all of them minutes ahead, one
// connection each, and they would still be waiting when the server is back.
// Instead a single letter probes, ever less often, and the others stay due.
type circuit struct {
	outages  int // failed probes in a row; 0 when letters get through
	deferred int // letters in a row that were put off
}

// note keeps account of a handler's result, and reports an outage.
func (w *Worker) note(ctx context.Context, err error) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := &w.circuit
	switch {
	case err == nil || isPermanent(err): // the server answers about letters
		if c.outages > 0 {
			w.log.InfoContext(ctx, "outbox: letters get through again")
		}
		*c = circuit{}
		w.counts.down.Store(false)
		return false
	case isOutage(err):
	default:
		if c.deferred++; c.deferred < suspicious && c.outages == 0 {
			return false
		}
	}
	if c.outages++; c.outages == 1 { // loud, but once
		w.log.ErrorContext(ctx, "outbox: letters do not get through", "error", err)
	}
	w.counts.down.Store(true)
	return true
}

// batchSize is how many letters to lease.
func (w *Worker) batchSize() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.circuit.outages > 0 {
		return 1
	}
	return w.settings.Batch
}

// waitAfterOutage is how long to leave the server alone; 0 when letters get
// through.
func (w *Worker) waitAfterOutage() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.circuit.outages == 0 {
		return 0
	}
	return doubled(w.settings.Probe, w.circuit.outages-1, w.settings.MaxProbe)
}

// grown is the wait after so many tries before: doubled each time, between
// half and the whole of it by chance, so that letters that failed together do
// not come back together.
func grown(first time.Duration, before int, limit time.Duration) time.Duration {
	d := doubled(first, before, limit)
	return d/2 + rand.N(d/2+1)
}

// doubled is d doubled so many times, at most limit.
func doubled(d time.Duration, times int, limit time.Duration) time.Duration {
	for ; times > 0 && d < limit; times-- {
		d *= 2
	}
	return min(d, limit)
}

// isPermanent reports an error that says so of itself.
func isPermanent(err error) bool {
	var e interface{ Permanent() bool }
	return errors.As(err, &e) && e.Permanent()
}

// isOutage reports an error that says so of itself.
func isOutage(err error) bool {
	var e interface{ Outage() bool }
	return errors.As(err, &e) && e.Outage()
}
