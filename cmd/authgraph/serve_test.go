package main

import (
	"strings"
	"testing"

	"github.com/authgraph/authgraph/internal/config"
)

// TestAnnounce: a developer is not sent to what is off.
func TestAnnounce(t *testing.T) {
	tests := []struct {
		name   string
		config config.Config
		want   string
	}{
		{"a fresh checkout", config.Config{Playground: true, Mailbox: true}, "authgraph serves URL\n  GraphiQL  URL/\n  GraphQL   URL/graphql\n  mailbox   URL/dev/mailbox\n"},
		{"with a mail server and no playground", config.Config{}, "authgraph serves URL\n  GraphQL   URL/graphql\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.config.PublicURL = "URL"
			var out strings.Builder
			announce(&out, &test.config)
			if got := out.String(); got != test.want {
				t.Errorf("announce() = %q, want %q", got, test.want)
			}
		})
	}
}
