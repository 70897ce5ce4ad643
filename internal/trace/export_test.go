package trace

import "context"

// Flush sends what has ended, until ctx ends.
func (t *Tracer) Flush(ctx context.Context) { _ = t.provider.ForceFlush(ctx) }
