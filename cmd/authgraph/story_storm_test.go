package main

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"
)

// numbered are arguments whose {n} is a number.
func numbered(args []string, n int) []string {
	args = slices.Clone(args)
	for i := range args {
		args[i] = strings.ReplaceAll(args[i], "{n}", fmt.Sprint(n))
	}
	return args
}

// atOnce sends the same operation n times at the same moment, and calls done
// with each answer, one after the other, or with nil where there was none.
func (s *story) atOnce(ts *testscript.TestScript, times string, args []string, done func(n int, a *answer, err error)) {
	var n int
	_, err := fmt.Sscan(times, &n)
	ts.Check(err)
	s.mustRun(ts)
	begin := make(chan struct{})
	var all sync.WaitGroup
	var mu sync.Mutex
	for i := range n {
		m := s.operation(ts, numbered(args, i))
		if m.at == "" {
			m.at = ts.Getenv("URL")
		}
		all.Go(func() {
			<-begin
			a, err := m.exchange()
			if err == nil {
				err = a.decode()
			}
			mu.Lock()
			defer mu.Unlock()
			done(i, a, err)
		})
	}
	close(begin)
	all.Wait()
}

// storm N OPERATION … sends the same operation N times at once; {n} in an
// argument is the number of the request. It prints what came of them, as in
// "19 INVALID_TOKEN@token" and "1 done".
func (s *story) storm(ts *testscript.TestScript, args []string) {
	usage(ts, len(args) > 1, "storm N OPERATION …")
	var answers []*answer
	var failed error
	s.atOnce(ts, args[0], args[1:], func(_ int, a *answer, err error) {
		if err != nil {
			failed = err
		}
		answers = append(answers, a)
	})
	ts.Check(failed)
	tally := map[string]int{}
	for _, a := range answers {
		a.operation = args[1]
		s.met.note(ts, a)
		s.secrets.collect(a.json.Data)
		outcome := strings.Join(a.codes(), ",")
		if outcome == "" {
			outcome, s.last = "done", a
		}
		tally[outcome]++
	}
	for outcome, times := range tally {
		fmt.Fprintf(ts.Stdout(), "%d %s\n", times, outcome)
	}
}

// crash N OPERATION … sends the same operation N times at once, and ends the
// server as a power cut does when half of them are acknowledged.
func (s *story) crash(ts *testscript.TestScript, args []string) {
	usage(ts, len(args) > 1, "crash N OPERATION …")
	var half int
	_, err := fmt.Sscan(args[0], &half)
	ts.Check(err)
	half /= 2
	s.acknowledged = nil
	s.atOnce(ts, args[0], args[1:], func(n int, a *answer, err error) {
		if err != nil || len(a.codes()) > 0 {
			return
		}
		s.secrets.collect(a.json.Data)
		s.acknowledged = append(s.acknowledged, n)
		if len(s.acknowledged) == half {
			_ = s.server.cmd.Process.Kill() // its end is awaited below
		}
	})
	if len(s.acknowledged) < half {
		ts.Fatalf("only %d of %s were acknowledged", len(s.acknowledged), args[0])
	}
	s.kill(&s.server)
}

// each WORD … runs one of our words for each request that the latest crash left
// acknowledged; {n} is its number.
func (s *story) each(ts *testscript.TestScript, args []string) {
	usage(ts, len(args) > 1 && len(s.acknowledged) > 0, "each WORD …, after crash")
	for _, n := range s.acknowledged {
		commands()[args[0]](ts, false, numbered(args[1:], n))
	}
}
