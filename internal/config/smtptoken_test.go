package config

import (
	"strings"
	"testing"
)

// mailByToken is a mail server that takes tokens.
var mailByToken = []string{"AUTHGRAPH_SMTP_URL=smtps://u@mx", "AUTHGRAPH_SMTP_TOKEN_URL=https://l.example/t", "AUTHGRAPH_SMTP_CLIENT_ID=c"}

// TestMailByToken: a password, or a token, or neither.
func TestMailByToken(t *testing.T) {
	without := func(name string) (rest []string) {
		for _, setting := range mailByToken {
			if !strings.HasPrefix(setting, "AUTHGRAPH_"+name+"=") {
				rest = append(rest, setting)
			}
		}
		return rest
	}
	for want, environ := range map[string][]string{
		"AUTHGRAPH_SMTP_URL: has a user without a password":    {"AUTHGRAPH_SMTP_URL=smtp://u@mx"},
		"AUTHGRAPH_SMTP_URL: must have a user and no password": append(without("SMTP_URL"), "AUTHGRAPH_SMTP_URL=smtp://u:hidden@mx"),
		"AUTHGRAPH_SMTP_TOKEN_URL: needs SMTP_CLIENT_ID":       without("SMTP_CLIENT_ID"),
		"AUTHGRAPH_SMTP_CLIENT_ID: needs SMTP_TOKEN_URL":       {"AUTHGRAPH_SMTP_CLIENT_ID=c"},
		"AUTHGRAPH_SMTP_CLIENT_SECRET: needs SMTP_TOKEN_URL":   {"AUTHGRAPH_SMTP_CLIENT_SECRET=hidden"},
		"AUTHGRAPH_SMTP_REFRESH_TOKEN: needs SMTP_TOKEN_URL":   {"AUTHGRAPH_SMTP_REFRESH_TOKEN=hidden"},
	} {
		_, _, err := Load(nil, environ)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hidden") {
			t.Errorf("%v: %v, want %s", environ, err, want)
		}
	}
}
