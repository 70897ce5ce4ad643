package mail

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"
)

func TestCourier(t *testing.T) {
	var box Mailbox
	courier := NewCourier(newRenderer(t, settings()), &box)
	content, err := json.Marshal(letter())
	if err != nil {
		t.Fatal(err)
	}
	d := Delivery{ID: uuid.New(), Letter: Confirm, Recipient: "ann@example.org", Content: content, Token: "tok"}
	if err := courier.Deliver(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	got := box.Messages()
	if len(got) != 1 || got[0].ID != d.ID || got[0].To != d.Recipient || got[0].Token != "tok" || !got[0].At.Equal(at) || got[0].Letter != Confirm {
		t.Errorf("caught %+v", got)
	}
	shown, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"id", "to", "subject", "letter", "at", "token", "link", "text", "html"} {
		if !strings.Contains(string(shown), `"`+key+`":`) {
			t.Errorf("the JSON lacks %q", key)
		}
	}
	for name, bad := range map[string]Delivery{
		"unknown letter": {Letter: "nonsense", Recipient: "ann@example.org", Content: content},
		"no JSON":        {Letter: PasswordChanged, Recipient: "ann@example.org", Content: []byte(`{"at":"hunter2"}`)},
		"no content":     {Letter: PasswordChanged, Recipient: "ann@example.org", Content: []byte(`{}`)},
		"no address":     {Letter: PasswordChanged, Recipient: "ann@example.org, eve@evil.test", Content: content},
	} {
		err := courier.Deliver(t.Context(), bad)
		var e *Error
		if !errors.As(err, &e) || !e.Permanent() || e.Outage() {
			t.Errorf("%s: %v, want a permanent failure", name, err)
		} else if strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "ann@") {
			t.Errorf("%s: the error quotes the content: %v", name, err)
		}
	}
}

func TestMailboxKeepsTheLatest(t *testing.T) {
	var box Mailbox
	if got := box.Messages(); got == nil || len(got) != 0 {
		t.Errorf("an empty mailbox shows %#v", got)
	}
	for i := range mailboxSize + 5 {
		if err := box.Send(t.Context(), message(fmt.Sprintf("user%d@example.org", i))); err != nil {
			t.Fatal(err)
		}
	}
	got := box.Messages()
	if len(got) != mailboxSize || got[0].To != "user204@example.org" || got[mailboxSize-1].To != "user5@example.org" {
		t.Errorf("%d messages, first %s, last %s", len(got), got[0].To, got[len(got)-1].To)
	}
}
