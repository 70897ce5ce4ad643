package hostile

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"
)

// What was acknowledged outlives kill -9: each sign-up gets its letter, once or
// nearly so, and can be finished.
func TestCrash(t *testing.T) {
	besides(t, func(t *testing.T, s *site) {
		const crashes, people = 5, 50
		s.unlimited()
		acknowledged := map[string]bool{}
		p := s.start()
		for crash := range crashes {
			ctx, stop := context.WithCancel(t.Context())
			var mu sync.Mutex
			var all sync.WaitGroup
			all.Go(func() {
				atOnce(people, people, func(person int) {
					for i := 0; ctx.Err() == nil; i++ {
						address := fmt.Sprintf("crash%d_%d_%d@example.org", crash, person, i)
						a, err := p.ask(context.Background(), signUp, input{"email": address, "password": password})
						if err == nil && a.code() == "" && a.payload().Status == "CONFIRMATION_SENT" {
							mu.Lock()
							acknowledged[address] = true
							mu.Unlock()
						}
					}
				})
			})
			p.await(patience, "sign-ups are not acknowledged", func() bool {
				mu.Lock()
				defer mu.Unlock()
				return len(acknowledged) >= 10*(crash+1)
			})
			time.Sleep(rand.N(time.Second)) // at any moment
			p.kill()
			stop()
			all.Wait()
			p = s.launch()
			p.awaitReady(within(5 * time.Second))
		}
		s.settle(p)
		s.checkCrashed(p, acknowledged, crashes)
	})
}

// checkCrashed finishes what was acknowledged.
func (s *site) checkCrashed(p *program, acknowledged map[string]bool, crashes int) {
	s.t.Helper()
	letters := map[string]int{}
	for _, m := range s.mail.Messages() {
		letters[m.To[0]]++
	}
	twice := 0
	for address := range acknowledged {
		if letters[address] == 0 {
			s.t.Errorf("%s was acknowledged and got no letter", address)
		}
		twice += max(0, letters[address]-1)
	}
	const underWay = 10 // of one process: a batch
	if twice > crashes*underWay {
		s.t.Errorf("%d letters came twice after %d crashes", twice, crashes)
	}
	s.t.Logf("%d sign-ups acknowledged, %d letters came twice", len(acknowledged), twice)
	finished := 0
	for address := range acknowledged {
		token := s.mail.Token(s.t, address)
		p.must(confirm, input{"token": token, "password": password})
		p.must(login, input{"email": address, "password": password})
		if finished++; finished == 30 {
			break
		}
	}
	if finished < 30 {
		s.t.Errorf("only %d sign-ups were acknowledged", finished)
	}
	if n := s.count(`SELECT count(*) FROM users`); n != finished {
		s.t.Errorf("%d accounts, %d were confirmed", n, finished)
	}
	if _, ok := s.file(); ok {
		s.sound()
	}
}
