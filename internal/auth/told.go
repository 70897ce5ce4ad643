package auth

import (
	"context"
	"errors"
	"log/slog"

	"github.com/authgraph/authgraph/internal/store"
)

// Told returns what a client may know of an error. That is the Error in it, or
// OVERLOADED if the server ran out of time and did nothing, or nil for a fault.
// The cause of the last two goes to the log, with the values in about.
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
		level = slog.LevelInfo // the client has disconnected
	}
	log.Log(ctx, level, what, append(about, "err", err)...)
	return told
}
