package auth

import (
	"context"
	"errors"
	"log/slog"

	"github.com/authgraph/authgraph/internal/store"
)

// Told is what a client may know of an error: the Error in it; OVERLOADED for what
// the server did not get to in time, and so did not do; nil for a fault. What the
// client does not learn of the last two goes to the log, together with what it is
// about.
func Told(ctx context.Context, log *slog.Logger, err error, about ...any) *Error {
	var told *Error
	if errors.As(err, &told) {
		return told
	}
	level, what := slog.LevelError, "fault"
	if store.Late(err) {
		level, what = slog.LevelWarn, "overloaded"
		told = &Error{Code: Overloaded, RetryAfter: retryAfterFault}
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		level = slog.LevelInfo // the client has gone away
	}
	log.Log(ctx, level, what, append(about, "err", err)...)
	return told
}
