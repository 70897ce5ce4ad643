package auth

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"time"
	"unicode"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/internal/profile"
	"github.com/authgraph/authgraph/internal/strictjson"
)

// Hook asks the operator's application and returns the body of its answer. It
// is HTTP, which this package does not see. It is bounded in time and size.
type Hook interface {
	Ask(ctx context.Context, body []byte) ([]byte, error)
}

// AskedHook is a hook, and what happens if it fails.
type AskedHook struct {
	Hook
	// Lenient goes on without the answer. Otherwise nothing is done, and the
	// client is asked to wait.
	Lenient bool

	failures atomic.Uint64
}

// Hooks are those of the application. A nil one is not asked.
type Hooks struct{ Validate, Claims *AskedHook }

// HookFailures counts how often each hook has failed since the start.
func (s *Service) HookFailures() map[string]uint64 {
	counts := map[string]uint64{}
	for name, hook := range map[string]*AskedHook{"validate": s.hooks.Validate, "claims": s.hooks.Claims} {
		if hook != nil {
			counts[name] = hook.failures.Load()
		}
	}
	return counts
}

const (
	// hookPause is how long a client waits after a hook has failed.
	hookPause = 5 * time.Second
	// maxRefusals is how many refusals a hook may give at once, and maxMessage
	// how long the message of one may be, in characters.
	maxRefusals, maxMessage = 20, 200
	hookDepth               = 8
)

// errAnswer says that a hook's answer has another form. It quotes nothing.
var errAnswer = errors.New("the answer has another form")

// failed logs that a hook failed, and says what comes of it: nil if everything
// goes on. Nothing goes on if there are too many questions, which people could cause to
// get in unasked.
func (h *AskedHook) failed(ctx context.Context, k *core, c Caller, name string, err error) error {
	if errors.Is(ctx.Err(), context.Canceled) { // who asked is gone: no failure of the hook
		return wrap("ask the application", err)
	}
	h.failures.Add(1)
	busy := interface{ Busy() bool }(nil)
	goesOn := h.Lenient && !errors.As(err, &busy)
	k.log.WarnContext(ctx, "a hook failed", "hook", name, "request", c.RequestID, "goesOn", goesOn, "err", err)
	if goesOn {
		return nil
	}
	return &Error{Code: Overloaded, RetryAfter: hookPause}
}

// validation asks the application whether it wants what a person typed. It is
// asked after every check and limit of ours, and before anything is looked up
// that must not be told, or hashed, or written.
type validation struct {
	*core
	hook  *AskedHook // nil: everything is wanted
	turns *placeTurns
}

// question is what the application is asked about.
type question struct {
	Type      string       `json:"type"`
	Operation string       `json:"operation"`
	Input     askedInput   `json:"input"`
	User      *askedUser   `json:"user"`
	Request   askedRequest `json:"request"`
}

// askedInput is what a person typed. It never holds a password or a token.
type askedInput struct {
	Email    *string          `json:"email,omitempty"`
	Username *string          `json:"username,omitempty"`
	Profile  profile.Document `json:"profile,omitempty"`
	Locale   *string          `json:"locale,omitempty"`
}

type askedUser struct {
	ID uuid.UUID `json:"id"`
}

// askedRequest is from where.
type askedRequest struct {
	ID        string  `json:"id"`
	IP        *string `json:"ip"`
	UserAgent string  `json:"userAgent"`
}

// asks reports that there is somebody to ask.
func (v *validation) asks() bool { return v.hook != nil }

// check asks about an operation. A refusal has the words of the application, at
// the field that it names.
func (v *validation) check(ctx context.Context, c Caller, operation string, in askedInput) error {
	if !v.asks() {
		return nil
	}
	q := question{Type: "validate", Operation: operation, Input: in, Request: askedRequest{c.RequestID, c.ipText(), c.UserAgent}}
	if c.User != nil {
		q.User = &askedUser{c.User.ID}
	}
	pass, err := v.turns.take(ctx, c)
	if err != nil {
		return err
	}
	defer pass()
	answer, err := v.hook.Ask(ctx, mustEncode(q))
	var refusals problems
	if err == nil {
		refusals, err = readRefusals(answer, in)
	}
	if err != nil {
		return v.hook.failed(ctx, v.core, c, "validate", err)
	}
	return refusals.err()
}

// readRefusals reads {} or {"errors": [{"field": […], "message": "…"}]}.
func readRefusals(answer []byte, in askedInput) (problems, error) {
	members, err := strictjson.ParseObject(answer, hookDepth)
	if err != nil {
		return nil, err
	}
	list, ok := members["errors"].([]any)
	switch {
	case len(members) == 0:
		return nil, nil
	case !ok || len(members) > 1 || len(list) > maxRefusals:
		return nil, errAnswer
	}
	var refusals problems
	for _, item := range list {
		one, ok := item.(map[string]any)
		message, isText := one["message"].(string)
		if !ok || !isText {
			return nil, errAnswer
		}
		field, ok := readPath(one["field"], in)
		if !ok {
			return nil, errAnswer
		}
		text := cleanMessage(message)
		if text == "" { // a person could not know what to do
			return nil, errAnswer
		}
		refusals = append(refusals, &Error{Code: Rejected, Field: field, Text: text})
	}
	return refusals, nil
}

// readPath takes the path of a field that was asked about, or null.
func readPath(value any, in askedInput) ([]string, bool) {
	if value == nil {
		return nil, true
	}
	list, ok := value.([]any)
	if !ok {
		return nil, false
	}
	path := make([]string, len(list))
	for i := range list {
		if path[i], ok = list[i].(string); !ok {
			return nil, false
		}
	}
	switch strings.Join(path, ".") {
	case "email":
		return path, in.Email != nil
	case "username":
		return path, in.Username != nil
	case "locale":
		return path, in.Locale != nil
	case "profile":
		return path, true
	}
	if len(path) != 2 || path[0] != "profile" {
		return nil, false
	}
	_, given := in.Profile[path[1]]
	return path, given
}

// cleanMessage is a message of the application, fit for a form. It is empty if
// nothing in it can be seen.
func cleanMessage(text string) string {
	if !strings.ContainsFunc(text, func(r rune) bool { return unicode.IsGraphic(r) && !unicode.IsSpace(r) && r != unicode.ReplacementChar }) {
		return ""
	}
	text = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == unicode.ReplacementChar {
			return ' '
		}
		return r
	}, text))
	if runes := []rune(text); len(runes) > maxMessage {
		text = string(runes[:maxMessage])
	}
	return text
}
