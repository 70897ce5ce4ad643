package server

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// Of each kind of notice, so many different ones are logged in so long a time,
// and each once: strangers decide how often there is cause.
const (
	maxNotices  = 20
	noticesTime = time.Hour
)

// notices are lines for the operator about requests that were refused.
type notices struct {
	log   *slog.Logger
	mu    sync.Mutex
	told  map[string]bool
	until time.Time
}

func newNotices(log *slog.Logger) *notices { return &notices{log: log} }

// tell logs what was not told lately.
func (n *notices) tell(ctx context.Context, what, message string, attrs ...slog.Attr) {
	if n.due(what) {
		n.log.LogAttrs(ctx, slog.LevelWarn, message, attrs...)
	}
}

func (n *notices) due(what string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if now := time.Now(); !now.Before(n.until) {
		n.told, n.until = map[string]bool{}, now.Add(noticesTime)
	}
	if n.told[what] || len(n.told) >= maxNotices {
		return false
	}
	n.told[what] = true
	return true
}
