package load

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// echo answers each body twice: in one piece, in chunks, or on a connection that
// then ends.
func echo(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	switch n := len(body); {
	case r.Header.Get("Authorization") != "Bearer key":
		http.Error(w, "who are you?", http.StatusUnauthorized)
		return
	case n%3 == 0:
		w.Header().Set("Connection", "close")
	case n%3 == 1:
		fmt.Fprintf(w, "%s", body)
		w.(http.Flusher).Flush()
		fmt.Fprintf(w, "%s", body)
		return
	}
	w.Header().Set("Content-Length", fmt.Sprint(2*len(body)))
	fmt.Fprintf(w, "%s%s", body, body)
}

func TestRun(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(echo))
	defer s.Close()
	const connections = 3
	asked, last := make([]int, connections), make([]string, connections)
	p := Plan{
		Address: s.Listener.Addr().String(), Connections: connections, For: time.Minute, Times: 120,
		Ask: func(i int) Question {
			asked[i]++
			last[i] = strings.Repeat("x", asked[i]%100)
			return Question{Body: last[i], Bearer: "key"}
		},
		Heed: func(i int, answer []byte) error {
			if string(answer) != last[i]+last[i] {
				return fmt.Errorf("%q is answered with %q", last[i], answer)
			}
			return nil
		},
	}
	r := Run(t.Context(), p)
	if want := asked[0] + asked[1] + asked[2]; r.Answers != want || want != 120 || r.Failures != 0 {
		t.Errorf("%d answers to %d questions, %d failures (%v)", r.Answers, want, r.Failures, r.Complaint)
	}

	p.Ask = func(int) Question { return Question{Body: "xx"} }
	if r := Run(t.Context(), p); r.Answers != 0 || r.Failures == 0 || !strings.Contains(r.Complaint.Error(), "status 401: who are you?") {
		t.Errorf("with no bearer: %d answers, %d failures, %v", r.Answers, r.Failures, r.Complaint)
	}

	p.Times = 7
	p.Ask = func(int) Question { return Question{Body: "xx", Bearer: "key"} }
	p.Heed = func(int, []byte) error { return nil }
	if r := Run(t.Context(), p); r.Answers != 7 {
		t.Errorf("%d answers to 7 questions (%v)", r.Answers, r.Complaint)
	}

	s.Close()
	if r := Run(t.Context(), p); r.Answers != 0 || r.Failures == 0 {
		t.Errorf("of a server that is gone: %d answers, %d failures", r.Answers, r.Failures)
	}
}

func TestRate(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(echo))
	defer s.Close()
	var asked atomic.Int64
	p := Plan{
		Address: s.Listener.Addr().String(), Connections: 4, For: 100 * time.Millisecond, Rate: 200,
		Ask:  func(int) Question { asked.Add(1); return Question{Body: "xx", Bearer: "key"} },
		Heed: func(int, []byte) error { return nil },
	}
	if r := Run(t.Context(), p); r.Answers != 20 || asked.Load() != 20 {
		t.Errorf("%d questions, %d answers (%v), want 20 in a tenth of a second at 200/s", asked.Load(), r.Answers, r.Complaint)
	}
}

func TestPercentile(t *testing.T) {
	failed := errors.New("failed")
	r := gather([]Result{{Waits: []time.Duration{3, 1}}, {Failures: 2, Complaint: failed}, {Waits: []time.Duration{2, 4}}}, time.Second)
	for p, want := range map[float64]time.Duration{0: 1, 50: 3, 99: 4, 100: 4} {
		if got := r.Percentile(p); got != want {
			t.Errorf("Percentile(%v) = %v, want %v", p, got, want)
		}
	}
	if r.Answers != 4 || r.Failures != 2 || !errors.Is(r.Complaint, failed) || r.PerSecond() != 4 {
		t.Errorf("%+v", r)
	}
	if got := (Result{}).Percentile(99); got != 0 {
		t.Errorf("of nothing: %v", got)
	}
}
