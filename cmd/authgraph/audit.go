package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/config"
)

// auditCommand reads what was recorded.
type auditCommand struct {
	Account string `help:"Only events about this account: its id, address or username. A deleted account is named by its id."`
	Event   string `help:"Only events of this name, e.g. login."`
	Outcome string `help:"Only events of this outcome: ok, or a code such as INVALID_CREDENTIALS."`
	Since   string `help:"Only events since then: a time in RFC 3339, or how long ago, e.g. 24h or 7d."`
	Until   string `help:"Only events before then, in the same form."`
	Limit   int    `help:"The largest number of events. The latest ones are printed." default:"100"`
	JSON    bool   `name:"json" help:"Print a JSON object per line."`
}

// Run prints the latest events, the latest first.
func (cmd auditCommand) Run(p *program) error {
	return withDomain(p, func(s *auth.Service) error {
		filter, err := cmd.filter(p, s)
		if err != nil {
			return err
		}
		events, err := s.Events(p.ctx, filter)
		if err != nil {
			return err
		}
		if cmd.JSON {
			return printEvents(p, events)
		}
		rows := [][]string{{"AT", "EVENT", "OUTCOME", "ACTOR", "ACCOUNT", "SESSION", "FROM", "DETAIL"}}
		for _, e := range events {
			rows = append(rows, []string{moment(&e.At), e.Event, e.Outcome, e.Actor, id(e.UserID), id(e.SessionID), text(e.IPAddress), text(e.Detail)})
		}
		return table(p.out, rows)
	})
}

func (cmd auditCommand) filter(p *program, s *auth.Service) (f auth.EventFilter, err error) {
	f = auth.EventFilter{Event: cmd.Event, Outcome: cmd.Outcome, Limit: cmd.Limit}
	if cmd.Limit < 1 {
		return f, errors.New("--limit must be at least 1")
	}
	if err := known("--event", "event", cmd.Event, auth.EventNames()); err != nil {
		return f, err
	}
	if err := known("--outcome", "outcome", cmd.Outcome, auth.Outcomes()); err != nil {
		return f, err
	}
	if f.Since, err = instant(cmd.Since); err != nil {
		return f, fmt.Errorf("--since: %w", err)
	}
	if f.Until, err = instant(cmd.Until); err != nil {
		return f, fmt.Errorf("--until: %w", err)
	}
	if cmd.Account == "" {
		return f, nil
	}
	if f.User, err = uuid.Parse(cmd.Account); err == nil && strings.Contains(cmd.Account, "-") {
		return f, nil // also of an account that is gone
	}
	u, err := s.Account(p.ctx, operator, cmd.Account)
	if errors.Is(err, auth.ErrNotFound) {
		return f, errNoAccount
	}
	if err != nil {
		return f, err
	}
	f.User = u.ID
	return f, nil
}

// known refuses a word that no event can have, and lists those there are.
func known(flag, what, word string, words []string) error {
	if word == "" || slices.Contains(words, word) {
		return nil
	}
	return fmt.Errorf("%s: there is no such %s; it is one of %s", flag, what, strings.Join(words, ", "))
}

// instant reads a time, or how long ago it was.
func instant(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, nil
	}
	ago, err := config.ParseDuration(s)
	if err != nil || ago < 0 {
		return time.Time{}, errors.New("is not a time in RFC 3339 or a duration such as 24h")
	}
	return time.Now().Add(-ago), nil
}

// eventLine is an event as JSON.
type eventLine struct {
	At        time.Time  `json:"at"`
	Event     string     `json:"event"`
	Outcome   string     `json:"outcome"`
	Actor     string     `json:"actor"`
	Account   *uuid.UUID `json:"account,omitempty"`
	Session   *uuid.UUID `json:"session,omitempty"`
	Token     *uuid.UUID `json:"token,omitempty"`
	IPAddress *string    `json:"ipAddress,omitempty"`
	UserAgent *string    `json:"userAgent,omitempty"`
	RequestID *string    `json:"requestId,omitempty"`
	Detail    *string    `json:"detail,omitempty"`
}

func printEvents(p *program, events []*ent.AuditEvent) error {
	lines := json.NewEncoder(p.out)
	for _, e := range events {
		line := eventLine{e.At.UTC(), e.Event, e.Outcome, e.Actor, e.UserID, e.SessionID, e.TokenID, e.IPAddress, e.UserAgent, e.RequestID, e.Detail}
		if err := lines.Encode(line); err != nil {
			return err
		}
	}
	return nil
}

func id(u *uuid.UUID) string {
	if u == nil {
		return "-"
	}
	return u.String()
}
