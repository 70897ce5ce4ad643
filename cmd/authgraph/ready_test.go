package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/store"
)

// TestReadiness: a reason is logged once, however often it is asked, and so is
// its end; whoever asks and goes away says nothing of the database.
func TestReadiness(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	var answer, keys error
	r := &readiness{keys: func() error { return keys }, database: func(context.Context) error { return answer }, log: slog.New(slog.NewTextHandler(&log, nil))}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for _, step := range []struct {
		ctx    context.Context
		answer error
		logged string
	}{
		{t.Context(), nil, ""},
		{gone, errors.New("gone"), ""},
		{t.Context(), fmt.Errorf("%w: it is full", store.ErrNoWrites), `level=WARN msg="not ready: the database takes no writes"`},
		{t.Context(), errors.New("no route"), ""},
		{t.Context(), nil, `level=INFO msg="ready again"`},
		{t.Context(), errors.New("no route"), `level=WARN msg="not ready: the database does not answer" err="no route"`},
	} {
		log.Reset()
		answer = step.answer
		if err := r.ask(step.ctx); (err == nil) != (step.answer == nil) {
			t.Errorf("ask() = %v, want %v", err, step.answer)
		}
		if got := log.String(); !strings.Contains(got, step.logged) || (got == "") != (step.logged == "") {
			t.Errorf("after %v the log has %q, want %q", step.answer, got, step.logged)
		}
	}
	keys = auth.ErrKeysDiscarded
	if err := r.ask(t.Context()); why(err) != "the signing keys were discarded" {
		t.Errorf("ask() after the keys were discarded = %v", err)
	}
	r.draining.Store(true)
	if err := r.ask(t.Context()); why(err) != "shutting down" {
		t.Errorf("ask() while the program ends = %v", err)
	}
}

// TestAnswers: a driver that does not heed the context keeps nobody waiting.
func TestAnswers(t *testing.T) {
	t.Parallel()
	hangs := make(chan struct{})
	defer close(hangs)
	ctx, cancel := context.WithCancel(t.Context())
	err := answers(ctx, func(context.Context) error { cancel(); <-hangs; return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("answers() of a database that hangs = %v", err)
	}
	gone := errors.New("gone")
	for _, want := range []error{nil, gone} {
		if err := answers(t.Context(), func(context.Context) error { return want }); !errors.Is(err, want) {
			t.Errorf("answers() = %v, want %v", err, want)
		}
	}
}
