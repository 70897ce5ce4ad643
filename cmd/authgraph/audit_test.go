package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/internal/auth"
)

func TestInstant(t *testing.T) {
	for text, want := range map[string]time.Time{
		"":                          {},
		"2026-11-21T18:06:56Z":      time.Date(2026, 11, 21, 18, 6, 56, 0, time.UTC),
		"2026-11-21T18:06:56.5Z":    time.Date(2026, 11, 21, 18, 6, 56, 5e8, time.UTC),
		"2026-11-21T19:06:56+01:00": time.Date(2026, 11, 21, 18, 6, 56, 0, time.UTC),
	} {
		if got, err := instant(text); err != nil || !got.Equal(want) {
			t.Errorf("instant(%q) = %v, %v, want %v", text, got, err, want)
		}
	}
	for text, ago := range map[string]time.Duration{"24h": 24 * time.Hour, "7d": 7 * 24 * time.Hour, "1d12h": 36 * time.Hour, "90s": 90 * time.Second, "0s": 0} {
		got, err := instant(text)
		if passed := time.Since(got); err != nil || passed < ago || passed > ago+time.Minute {
			t.Errorf("instant(%q) = %v ago, %v, want %v", text, passed, err, ago)
		}
	}
	for _, text := range []string{"yesterday", "7", "-1h", "-7d", "2026-11-21", "2026-11-21 18:06:56", "24h ", "1e9h"} {
		if got, err := instant(text); err == nil {
			t.Errorf("instant(%q) = %v, want a refusal", text, got)
		} else if strings.Contains(err.Error(), text) {
			t.Errorf("instant(%q) = %v, which quotes what was given", text, err)
		}
	}
}

func TestAuditFilter(t *testing.T) {
	account := uuid.New()
	command := auditCommand{
		Account: account.String(), Event: "login", Outcome: "ok",
		Since: "2026-11-21T18:00:00Z", Until: "2026-11-21T19:00:00Z", Limit: 7,
	}
	got, err := command.filter(nil, nil) // an id needs no look into the database
	want := auth.EventFilter{
		User: account, Event: "login", Outcome: "ok", Limit: 7,
		Since: time.Date(2026, 11, 21, 18, 0, 0, 0, time.UTC), Until: time.Date(2026, 11, 21, 19, 0, 0, 0, time.UTC),
	}
	if err != nil || !cmp.Equal(got, want) {
		t.Errorf("filter() = %+v, %v, want %+v", got, err, want)
	}
	if got, err := (auditCommand{Limit: 100}).filter(nil, nil); err != nil || !cmp.Equal(got, auth.EventFilter{Limit: 100}) {
		t.Errorf("filter() of nothing = %+v, %v", got, err)
	}
	for flag, command := range map[string]auditCommand{
		"--event": {Event: "bogus", Limit: 1}, "--outcome": {Outcome: "bogus", Limit: 1}, "--limit": {Limit: 0}, "--since": {Since: "soon", Limit: 1}, "--until": {Until: "soon", Limit: 1},
	} {
		if _, err := command.filter(nil, nil); err == nil || !strings.HasPrefix(err.Error(), flag) {
			t.Errorf("filter() = %v, want a refusal of %s", err, flag)
		}
	}
}

func TestPrintEvents(t *testing.T) {
	var out bytes.Buffer
	account, session, token := uuid.New(), uuid.New(), uuid.New()
	hostile := "a\nb\x1b[31m\u2028<script>"
	from, request := "192.0.2.1", "r-1"
	at := time.Date(2026, 11, 21, 19, 6, 56, 123456000, time.FixedZone("", 3600))
	err := printEvents(&program{out: &out}, []*ent.AuditEvent{
		{At: at, Event: "login", Outcome: "ok", Actor: "anonymous", UserID: &account, SessionID: &session, TokenID: &token, IPAddress: &from, UserAgent: &hostile, RequestID: &request},
		{At: at, Event: "key_create", Outcome: "ok", Actor: "system"},
	})
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if len(lines) != 2 {
		t.Fatalf("two events are %d lines: %q", len(lines), lines)
	}
	want := []map[string]any{
		{
			"at": "2026-11-21T18:06:56.123456Z", "event": "login", "outcome": "ok", "actor": "anonymous", "account": account.String(),
			"session": session.String(), "token": token.String(), "ipAddress": from, "userAgent": hostile, "requestId": request,
		},
		{"at": "2026-11-21T18:06:56.123456Z", "event": "key_create", "outcome": "ok", "actor": "system"},
	}
	for i, line := range lines {
		var got map[string]any
		if err := json.Unmarshal([]byte(line), &got); err != nil {
			t.Fatalf("line %d is not JSON: %v", i, err)
		}
		if diff := cmp.Diff(want[i], got); diff != "" {
			t.Errorf("line %d (-want +got):\n%s", i, diff)
		}
		if strings.ContainsFunc(line, func(r rune) bool { return r < ' ' || r == '\u2028' }) {
			t.Errorf("line %d has control characters: %q", i, line)
		}
	}
}

func TestTable(t *testing.T) {
	var out bytes.Buffer
	account := uuid.MustParse("01a20012-77b3-783c-ac17-d7521a2d3a8c")
	at := time.Date(2026, 11, 21, 19, 6, 56, 0, time.FixedZone("", 3600))
	name := "ann"
	err := table(&out, [][]string{
		{"AT", "ACCOUNT", "NAME"}, {moment(&at), id(&account), text(&name)}, {moment(nil), id(nil), text(nil)},
	})
	want := "AT                    ACCOUNT                               NAME\n" +
		"2026-11-21T18:06:56Z  01a20012-77b3-783c-ac17-d7521a2d3a8c  ann\n" +
		"-                     -                                     -\n"
	if err != nil || out.String() != want {
		t.Errorf("table() = %v\n%s\nwant\n%s", err, out.String(), want)
	}
}
