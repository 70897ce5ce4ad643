package hostile

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/mailtest"
)

// stopsWithin is how soon the program ends after SIGTERM, whatever goes on.
const stopsWithin = 15 * time.Second

// With logins and letters under way, SIGTERM loses neither: every answer comes
// whole, and the next process sends what waits.
func TestDrain(t *testing.T) {
	besides(t, func(t *testing.T, s *site) {
		const logins, letters = 100, 20
		s.unlimited()
		p := s.start()
		p.users(4, "user")
		for round := range 3 {
			s.mail.Set(mailtest.Fault{Trickle: 50 * time.Millisecond}) // letters are on their way for long
			var addresses []string
			for i := range letters {
				addresses = append(addresses, fmt.Sprintf("round%d_%d@example.org", round, i))
				p.must(signUp, input{"email": addresses[i], "password": password})
			}
			y, answered := p.underWay(logins, 4)
			if took := p.stop(); took > within(stopsWithin) {
				t.Errorf("the program ends %v after SIGTERM", took)
			}
			answered.Wait()
			y.check(t, "logins under way", "done", "OVERLOADED")
			if y.codes["done"] == 0 {
				t.Error("no login under way was answered")
			}
			s.mail.Heal()
			p = s.start()
			for _, address := range addresses {
				s.mail.Token(t, address)
			}
		}
	})
}

// underWay sends logins of so many users, and returns when the program has begun
// with each: it says 100 Continue when it wants to read the body.
func (p *program) underWay(logins, users int) (*tally, *sync.WaitGroup) {
	var y tally
	var begun, answered sync.WaitGroup
	begun.Add(logins)
	for i := range logins {
		line := &client{p.t, p.address, &http.Client{Timeout: patience, Transport: &http.Transport{MaxConnsPerHost: 1, ExpectContinueTimeout: patience}}}
		ctx := httptrace.WithClientTrace(context.Background(), &httptrace.ClientTrace{Got100Continue: begun.Done})
		answered.Go(func() {
			began := time.Now()
			a, err := line.ask(ctx, login, input{"username": fmt.Sprintf("user%d", i%users), "password": password}, "Expect", "100-continue")
			y.note(began, a, err)
		})
	}
	begun.Wait()
	return &y, &answered
}

// halfRequest leaves a request on a connection that has not come whole, and
// returns when the program has begun with it: when it wants to read the body.
func (p *program) halfRequest(t *testing.T) {
	t.Helper()
	c, err := p.dial(0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	const half = "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n"
	if _, err := io.WriteString(c, half); err != nil {
		t.Fatal(err)
	}
	_ = c.SetReadDeadline(time.Now().Add(patience)) // it cannot fail on an open connection
	if line, err := bufio.NewReader(c).ReadString('\n'); err != nil || line != "HTTP/1.1 100 Continue\r\n" {
		t.Fatalf("the program does not begin: %q, %v", line, err)
	}
	if _, err := io.WriteString(c, "{"); err != nil {
		t.Fatal(err)
	}
}

// A stranger who never ends a request can neither hold the program up nor make
// its end a failure.
func TestDrainPastASlowClient(t *testing.T) {
	long(t)
	t.Parallel()
	s := newSite(t, databases["sqlite"](t))
	p := s.start()
	p.halfRequest(t)
	if took := p.stop(); took > within(stopsWithin) {
		t.Errorf("the program ends %v after SIGTERM", took)
	}
	for _, line := range p.errors() {
		t.Errorf("the log says %s", line)
	}
}

func TestSecondSignal(t *testing.T) {
	long(t)
	t.Parallel()
	s := newSite(t, databases["sqlite"](t))
	p := s.start()
	p.halfRequest(t)
	p.signal(syscall.SIGTERM)
	p.await(patience, "the program still listens", func() bool { return p.word("/healthz") == "" })
	select {
	case <-p.exited:
		t.Fatal("the program does not wait for the request")
	default:
	}
	began := time.Now()
	p.signal(syscall.SIGTERM)
	p.wait()
	if took := time.Since(began); took > within(time.Second) {
		t.Errorf("the program ends %v after the second SIGTERM", took)
	}
}
