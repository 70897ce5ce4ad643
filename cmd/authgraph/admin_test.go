package main

import (
	"context"
	"errors"
	"testing"
)

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
