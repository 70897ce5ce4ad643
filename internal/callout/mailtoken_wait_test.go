package callout_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/callout"
	"github.com/authgraph/authgraph/internal/mailtest"
)

// TestMailTokenEndsWithItsContext: an endpoint that hangs holds up neither who asks it
// nor who waits for the answer to another one, and is asked once.
func TestMailTokenEndsWithItsContext(t *testing.T) {
	asked := make(chan struct{}, 10)
	open := make(chan struct{})
	hanging := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked <- struct{}{}
		<-open
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"access_token": "late", "token_type": "Bearer"}`))
	}))
	t.Cleanup(hanging.Close)
	tokens := callout.NewMailToken(callout.MailTokenOptions{URL: hanging.URL, ClientID: "client"})

	got := make(chan string, 2)
	ask := func() {
		token, _ := tokens.Token(t.Context())
		got <- token
	}
	go ask()
	<-asked
	go ask() // gets what the first one got
	waiting, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := tokens.Token(waiting); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("who waits for another one's answer: %v", err)
	}
	tokens.Forget("late") // waits for nobody, and does not concern what comes
	close(open)
	for range 2 {
		if token := <-got; token != "late" {
			t.Errorf("one got %q", token)
		}
	}
	if token, err := tokens.Token(t.Context()); token != "late" || err != nil || len(asked) != 0 {
		t.Errorf("the next got %q, %v, after %d more questions", token, err, len(asked))
	}
}

// TestMailEndsThoughTheTokenHangs: Send ends with its context while a token is got.
func TestMailEndsThoughTheTokenHangs(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	hanging := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm() // the server hears that the client left only when the body is read
		cancel()
		<-r.Context().Done()
	}))
	t.Cleanup(hanging.Close)
	tokens := callout.NewMailToken(callout.MailTokenOptions{URL: hanging.URL, ClientID: "client"})
	if err := transport(t, mailtest.New(t), tokens).Send(ctx, message()); !errors.Is(err, context.Canceled) {
		t.Errorf("Send: %v", err)
	}
}

// TestMailTokenForgetsTheRefusedOne: a refusal of an older token leaves the new one.
func TestMailTokenForgetsTheRefusedOne(t *testing.T) {
	e := newEndpoint(t, "first", "second", "third")
	tokens := callout.NewMailToken(e.options())
	for _, step := range []struct{ forget, want string }{{"", "first"}, {"first", "second"}, {"first", "second"}, {"second", "third"}} {
		tokens.Forget(step.forget)
		if token, err := tokens.Token(t.Context()); token != step.want || err != nil {
			t.Errorf("after %q was refused: %q, %v, want %q", step.forget, token, err, step.want)
		}
	}
}

// TestMailTokenTurnsOver: an endpoint may give a new refresh token each time. The newest
// is used, also after the mail server refused an access token.
func TestMailTokenTurnsOver(t *testing.T) {
	e := newEndpoint(t, "a", "b", "c", "d")
	e.refresh = []string{"second", "", "third", ""}
	o := e.options()
	o.RefreshToken, o.Scope = "granted", nil
	tokens := callout.NewMailToken(o)
	for range 4 {
		token, err := tokens.Token(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		tokens.Forget(token)
	}
	if want := []string{"refresh_token granted", "refresh_token second", "refresh_token second", "refresh_token third"}; !slices.Equal(e.asked, want) {
		t.Errorf("asked %q, want %q", e.asked, want)
	}
}
