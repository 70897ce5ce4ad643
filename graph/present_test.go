package graph

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/authgraph/authgraph/internal/auth"
)

func TestPresent(t *testing.T) {
	tests := []struct {
		name string
		err  error
		want map[string]any
	}{
		{"a missing credential", auth.NotAuthenticated(auth.Caller{}), map[string]any{"code": "UNAUTHENTICATED", "reason": "MISSING"}},
		{"an expired credential", auth.NotAuthenticated(auth.Caller{Refused: auth.ReasonExpired}), map[string]any{"code": "UNAUTHENTICATED", "reason": "EXPIRED"}},
		{"a scope that lacks", &auth.Error{Code: auth.Forbidden, Scope: "account:read"}, map[string]any{"code": "FORBIDDEN", "scope": "account:read"}},
		{"seconds to wait are rounded up", &auth.Error{Code: auth.RateLimited, RetryAfter: 1200 * time.Millisecond}, map[string]any{"code": "RATE_LIMITED", "retryAfter": 2}},
		{"what is wrapped is found", fmt.Errorf("resolve: %w", &auth.Error{Code: auth.Overloaded}), map[string]any{"code": "OVERLOADED"}},
		{"all else is a fault", errors.New(`pq: duplicate key "users_email_key" (ann@example.org)`), map[string]any{"code": "INTERNAL_SERVER_ERROR", "requestId": "request-1"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := presenter{log: slog.New(slog.DiscardHandler)}
			ctx := auth.WithCaller(t.Context(), auth.Caller{RequestID: "request-1"})
			got := p.present(ctx, test.err)
			if diff := cmp.Diff(test.want, got.Extensions); diff != "" {
				t.Errorf("extensions (-want +got):\n%s", diff)
			}
			if got.Message == "" || strings.Contains(got.Message, "pq") || strings.Contains(got.Message, "resolve") {
				t.Errorf("message = %q", got.Message)
			}
		})
	}
}

func TestPresentLogsFaults(t *testing.T) {
	for _, test := range []struct{ name, level string }{{"a fault", "ERROR"}, {"a client that has gone away", "INFO"}} {
		t.Run(test.name, func(t *testing.T) {
			var log bytes.Buffer
			ctx, cancel := context.WithCancel(auth.WithCaller(t.Context(), auth.Caller{RequestID: "request-1"}))
			defer cancel()
			if test.level == "INFO" {
				cancel()
			}
			presenter{log: slog.New(slog.NewTextHandler(&log, nil))}.present(ctx, errors.New("the cause"))
			for _, want := range []string{"level=" + test.level, "request-1", "the cause"} {
				if !strings.Contains(log.String(), want) {
					t.Errorf("log %q lacks %q", log.String(), want)
				}
			}
		})
	}
}

func TestFixable(t *testing.T) {
	required, limited := &auth.Error{Code: auth.Required, Field: []string{"password"}}, &auth.Error{Code: auth.Overloaded}
	broken := errors.New("broken")
	tests := []struct {
		name    string
		err     error
		payload []auth.Error
		top     error
	}{
		{"success is an empty list, not null", nil, []auth.Error{}, nil},
		{"one", required, []auth.Error{*required}, nil},
		{"one that is wrapped", fmt.Errorf("sign up: %w", required), []auth.Error{*required}, nil},
		{"several", auth.Errors{required, required}, []auth.Error{*required, *required}, nil},
		{"the client's goes to the top", limited, nil, limited},
		{"the client's wins over the person's", auth.Errors{required, limited}, nil, limited},
		{"a fault stays one", broken, nil, broken},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			payload, top := fixable(test.err)
			if diff := cmp.Diff(test.payload, payload); diff != "" || top != test.top {
				t.Errorf("fixable() = %v, %v; want %v, %v", payload, top, test.payload, test.top)
			}
		})
	}
}
