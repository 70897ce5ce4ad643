package mail

import (
	"fmt"
	"strings"
	"testing"
)

func TestParseURL(t *testing.T) {
	for in, want := range map[string]Server{
		"smtp://mail.example":                  {Host: "mail.example", Port: 587},
		"smtp://u:p%40ss%3A@mail.example:2525": {Host: "mail.example", Port: 2525, Username: "u", Password: "p@ss:"},
		"smtps://ann%40x.org:pw@mail.example/": {Host: "mail.example", Port: 465, Username: "ann@x.org", Password: "pw", Security: ImplicitTLS},
		"smtp+insecure://127.0.0.1:1025":       {Host: "127.0.0.1", Port: 1025, Security: Insecure},
		"smtp+insecure://u:p@mx":               {Host: "mx", Port: 25, Username: "u", Password: "p", Security: Insecure},
		"smtp://u@h":                           {Host: "h", Port: 587, Username: "u"}, // and a token
		"smtp+insecure://[::1]":                {Host: "::1", Port: 25, Security: Insecure},
	} {
		if got, err := ParseURL(in); err != nil || got != want {
			t.Errorf("ParseURL(%q) = %#v, %v", in, got, err)
		}
	}
	for _, in := range []string{
		"", "mail.example:587", "http://u:hunter2@mail.example", "smtp://", "smtp://:587", "smtp://u:hunter2@", "smtp://u:hunter2@h:0",
		"smtp://u:hunter2@h:65536", "smtp://u:hunter2@h:port", "smtp://u:hun/ter2@h", "smtp://u:hunter2@h/path", "smtp://u:hunter2@h?x=1",
		"smtp://u:hunter2@h#x", "smtp://:hunter2@h", "smtp:u:hunter2@h", "smtp://u:%zzhunter2@h",
	} {
		_, err := ParseURL(in)
		if err == nil {
			t.Errorf("ParseURL(%q) was taken", in)
		} else if strings.Contains(err.Error(), "hun") || strings.Contains(err.Error(), "ter2") {
			t.Errorf("ParseURL(%q): the error quotes the URL: %v", in, err)
		}
	}
}

func TestServerPrintsNoPassword(t *testing.T) {
	s, err := ParseURL("smtps://ann:hunter2@mail.example")
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprintf("%v %+v %#v %s", s, s, s, s); strings.Contains(got, "hunter2") || !strings.Contains(got, "smtps://mail.example:465") {
		t.Error(got)
	}
	m := message("ann@example.org")
	m.Token = "hunter2"
	if got := fmt.Sprintf("%v %+v %#v", m, m, m); strings.Contains(got, "hunter2") {
		t.Error(got)
	}
}

func TestParseSender(t *testing.T) {
	for in, want := range map[string]Sender{
		"no-reply@example.org":                        {Address: "no-reply@example.org"},
		"Example <no-reply@example.org>":              {Name: "Example", Address: "no-reply@example.org"},
		`"Example, Inc." <no-reply@mail.example.org>`: {Name: "Example, Inc.", Address: "no-reply@mail.example.org"},
		"Grüße <no-reply@localhost>":                  {Name: "Grüße", Address: "no-reply@localhost"},
	} {
		if got, err := ParseSender(in); err != nil || got != want {
			t.Errorf("ParseSender(%q) = %#v, %v", in, got, err)
		}
	}
	for _, in := range []string{
		"", "Example", "a@", "@b", "a@b, c@d", "x\r\nBcc: y@z <a@b.c>", `"a b"@example.org`, "ü@example.org", "a@exämple.org", "a@[127.0.0.1]",
		"a@exa_mple.org <", "Example <a@b@c>", "=?utf-8?q?a=0D=0Ab?= <a@b.org>", "a@-.org",
	} {
		if got, err := ParseSender(in); err == nil {
			t.Errorf("ParseSender(%q) = %#v", in, got)
		}
	}
}
