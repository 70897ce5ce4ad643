package edge_test

import (
	"maps"
	"syscall"
	"testing"
	"time"

	"github.com/authgraph/authgraph/graph/edge"
)

// TestCPU runs every hostile document, and every one that is just allowed, on a
// handler that has not seen it. It checks the CPU time of one request. The real
// figures are far lower: BenchmarkHostile and BenchmarkCostly show them.
func TestCPU(t *testing.T) {
	const most = 50 * time.Millisecond
	docs := hostile()
	maps.Copy(docs, costly())
	for name, doc := range docs {
		body := bodyOf(doc, "")
		least := time.Hour
		for range 3 {
			h := newHandler(t, func(o *edge.Options) { o.Suggestions = true })
			before := cpu(t)
			post(t, h, body)
			least = min(least, cpu(t)-before)
		}
		if least > most {
			t.Errorf("%s: %v of CPU, want at most %v", name, least, most)
		}
	}
}

// cpu is the CPU time of the process.
func cpu(t *testing.T) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
