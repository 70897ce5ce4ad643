package outbox

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

// several is how many domains the server must put letters off for, and take
// none in between, before that counts as an outage. Letters to one domain say
// something about that domain, and whoever signs up chooses it.
const several = 3

// trouble is what is wrong with the way out as a whole.
type trouble int

const (
	none trouble = iota
	// away: the server takes no letter at all.
	away
	// broken: the way was lost over a letter, which may be that letter's fault.
	broken
	// deferring: the server answers, but puts letters to several domains off.
	deferring
)

// circuit is what a worker knows of the way out as a whole. If each letter had
// only a wait of its own, an outage would push all of them minutes ahead, one
// connection each, and they would still be waiting when the server is back.
// Instead a few letters probe, ever less often, and the others stay due.
//
// A letter that nobody has tried is the best probe, and must not wait because
// of others that fail for reasons of their own: unless the server is away, such
// letters are tried at a steady pace.
type circuit struct {
	trouble trouble
	outages int                 // failed probes in a row
	putOff  map[string]struct{} // domains of letters put off since the last one that got through
	avoided avoided
}

// note keeps account of a handler's result, and reports what it says of the
// others.
func (w *Worker) note(ctx context.Context, l letter, err error) trouble {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := &w.circuit
	before := c.trouble
	switch {
	case err == nil:
		c.avoided.forget(domain(l))
		*c = circuit{avoided: c.avoided}
	case isPermanent(err):
		if c.trouble != deferring { // the server answers about letters
			c.trouble, c.outages = none, 0
		}
	case isOutage(err) && isUnderway(err):
		c.avoided.add(domain(l), w.now())
		c.fail(broken)
	case isOutage(err):
		c.fail(away)
	default:
		c.avoided.add(domain(l), w.now())
		c.postpone(l)
	}
	w.tell(ctx, before, err)
	return c.trouble
}

// fail counts a failed probe.
func (c *circuit) fail(t trouble) {
	if c.trouble != t {
		c.trouble, c.outages = t, 0
	}
	c.outages++
}

// postpone counts a letter that the server put off.
func (c *circuit) postpone(l letter) {
	if c.putOff == nil {
		c.putOff = map[string]struct{}{}
	}
	if len(c.putOff) < several {
		c.putOff[domain(l)] = struct{}{}
	}
	if len(c.putOff) < several {
		c.trouble, c.outages = none, 0 // the server answers about letters
		return
	}
	c.fail(deferring)
}

// tell logs the beginning and the end of an outage: loud, but once.
func (w *Worker) tell(ctx context.Context, before trouble, err error) {
	now := w.circuit.trouble
	w.counts.down.Store(now != none)
	switch {
	case before == none && now != none:
		w.log.ErrorContext(ctx, "outbox: e-mails cannot be sent", "error", err)
	case before != none && now == none:
		w.log.InfoContext(ctx, "outbox: e-mails can be sent again")
	}
}

// share is how many letters to lease, and how many of them may have been tried
// before.
type share struct{ letters, again int }

// share is small while letters do not get through.
func (w *Worker) share() share {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch w.circuit.trouble {
	case none:
		return share{w.settings.Batch, w.settings.Batch}
	case deferring:
		return share{w.settings.Batch, 1}
	default:
		return share{1, 1}
	}
}

// pause is how long to wait after a round: for least whatever happens, then up
// to most unless somebody enqueues a letter.
func (w *Worker) pause(r result) (least, most time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.circuit
	wait := doubled(w.settings.Probe, c.outages-1, w.settings.MaxProbe)
	switch {
	case r.found == 0:
		return 0, w.settings.Poll
	case c.trouble == none, !r.handed:
		return 0, 0
	case c.trouble == away: // whoever enqueues does not make the server come back
		return wait, wait
	case r.fresh: // there may be more that were never tried
		return w.settings.Probe, w.settings.Probe
	}
	return w.settings.Probe, wait
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

// isUnderway reports an error that says so of itself.
func isUnderway(err error) bool {
	var e interface{ Underway() bool }
	return errors.As(err, &e) && e.Underway()
}
