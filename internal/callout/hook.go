package callout

import (
	"bytes"
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/internal/trace"
)

// HookOptions say where a hook is, and how long it may take.
type HookOptions struct {
	URL string
	// Secrets sign each message, see ParseSecrets.
	Secrets [][]byte
	// Timeout is for everything, a second try included.
	Timeout time.Duration
}

// Hook is an address of the operator's application. It is safe for use by many
// goroutines.
type Hook struct {
	o      HookOptions
	client *client
}

// NewHook makes a Hook. It asks nothing yet.
func NewHook(o HookOptions) *Hook { return &Hook{o, newClient(o.Timeout)} }

// Ask sends a message and returns the answer, which is JSON of at most 16 KiB.
// Everything else is an error.
func (h *Hook) Ask(ctx context.Context, body []byte) ([]byte, error) {
	id := "msg_" + uuid.NewString()
	return h.client.post(ctx, func(ctx context.Context) (*http.Request, error) {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, h.o.URL, bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		now := time.Now().Unix() // the receiver compares it with its own clock
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Accept", "application/json")
		r.Header.Set("User-Agent", "authgraph")
		r.Header.Set("webhook-id", id)
		r.Header.Set("webhook-timestamp", strconv.FormatInt(now, 10))
		r.Header.Set("webhook-signature", signature(h.o.Secrets, id, now, body))
		trace.Inject(ctx, r.Header)
		return r, nil
	})
}
