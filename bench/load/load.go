// Package load asks a server on this machine as fast as it answers, or at a fixed
// rate. It writes and reads HTTP by hand, because it shares the cores with what it
// measures.
package load

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Question is a GraphQL request.
type Question struct {
	Body   string
	Bearer string
}

// Plan says what to ask. Connections are numbered from 0.
type Plan struct {
	Address     string
	Connections int
	For         time.Duration
	// Rate is how many questions a second begin, on all connections together. With
	// 0 each connection asks again as soon as it has its answer.
	Rate float64
	// Times, if it is not 0, is how many questions there are.
	Times int
	// Ask makes the next question of a connection.
	Ask func(connection int) Question
	// Heed looks at the answer; an error counts it as a failure.
	Heed func(connection int, answer []byte) error
}

// Result is what came of a Plan.
type Result struct {
	Answers, Failures int
	Took              time.Duration
	// Waits are how long the good answers took, the shortest first; with a Rate,
	// from when the question was due.
	Waits []time.Duration
	// Complaint is the first failure.
	Complaint error
}

// PerSecond is how many good answers there were in a second.
func (r Result) PerSecond() float64 { return float64(r.Answers) / r.Took.Seconds() }

// Percentile is the wait that so many percent of the answers did not exceed.
func (r Result) Percentile(p float64) time.Duration {
	if len(r.Waits) == 0 {
		return 0
	}
	return r.Waits[min(len(r.Waits)-1, int(p/100*float64(len(r.Waits))))]
}

// patience is how long after its end a run waits for answers.
const patience = 30 * time.Second

// Run asks until the time is up or ctx ends, and waits for the last answers.
func Run(ctx context.Context, p Plan) Result {
	began := time.Now()
	results := make([]Result, p.Connections)
	var asked atomic.Int64
	var all sync.WaitGroup
	for i := range p.Connections {
		all.Go(func() {
			c := &conn{address: p.Address, until: began.Add(p.For + patience)}
			defer c.close()
			results[i] = p.ask(ctx, i, c, began, &asked)
		})
	}
	all.Wait()
	return gather(results, time.Since(began))
}

// ask is what one connection does.
func (p Plan) ask(ctx context.Context, i int, c *conn, began time.Time, asked *atomic.Int64) (r Result) {
	end := began.Add(p.For)
	for ctx.Err() == nil {
		n, at := asked.Add(1)-1, time.Now()
		if p.Rate > 0 {
			at = began.Add(time.Duration(float64(n) / p.Rate * float64(time.Second)))
		}
		if !at.Before(end) || p.Times > 0 && n >= int64(p.Times) {
			break
		}
		time.Sleep(time.Until(at))
		answer, err := c.ask(p.Ask(i))
		wait := time.Since(at)
		if err == nil {
			err = p.Heed(i, answer)
		}
		if err != nil {
			r.Failures++
			r.Complaint = fmt.Errorf("connection %d: %w", i, err)
			continue
		}
		r.Waits = append(r.Waits, wait)
	}
	return r
}

// gather puts together what the connections saw.
func gather(results []Result, took time.Duration) Result {
	all := Result{Took: took}
	for _, r := range results {
		all.Failures += r.Failures
		all.Waits = append(all.Waits, r.Waits...)
		if all.Complaint == nil {
			all.Complaint = r.Complaint
		}
	}
	all.Answers = len(all.Waits)
	slices.Sort(all.Waits)
	return all
}
