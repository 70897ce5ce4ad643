package metrics

import (
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

// handles keeps the counter of each combination of labels: to find one by its labels
// takes three times as long, for each request. There are few, since each label has a
// closed set of values.
type handles[K comparable] struct {
	mu    sync.RWMutex
	found map[K]prometheus.Counter
	find  func(K) prometheus.Counter
}

func newHandles[K comparable](find func(K) prometheus.Counter) *handles[K] {
	return &handles[K]{found: map[K]prometheus.Counter{}, find: find}
}

func (h *handles[K]) inc(k K) {
	h.mu.RLock()
	counter, ok := h.found[k]
	h.mu.RUnlock()
	if !ok {
		counter = h.find(k)
		h.mu.Lock()
		h.found[k] = counter
		h.mu.Unlock()
	}
	counter.Inc()
}
