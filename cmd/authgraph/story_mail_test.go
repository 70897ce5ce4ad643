package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/authgraph/authgraph/internal/mail"
	"github.com/authgraph/authgraph/internal/mailtest"
)

// letter is `mail ADDRESS [VAR]`: it awaits the next letter with a token, and
// keeps that.
func (s *story) letter(ts *testscript.TestScript, args []string) {
	usage(ts, len(args) == 1 || len(args) == 2, "mail ADDRESS [VAR]")
	m := s.next(ts, args[0], func(m mailtest.Received) bool { return m.Token != "" })
	s.secrets.add(m.Token)
	if len(args) == 2 {
		ts.Setenv(args[1], m.Token)
	}
}

// notice ADDRESS PATTERN awaits a letter without a token by its subject: letters
// that wait at the same time come in any order.
func (s *story) notice(ts *testscript.TestScript, args []string) {
	usage(ts, len(args) == 2, "notice ADDRESS PATTERN")
	pattern, err := regexp.Compile(args[1])
	ts.Check(err)
	s.next(ts, args[0], func(m mailtest.Received) bool { return m.Token == "" && pattern.MatchString(m.Subject) })
}

// next awaits a letter to an address that was not read yet, and prints its text
// to stdout and its HTML to stderr.
func (s *story) next(ts *testscript.TestScript, address string, fits func(mailtest.Received) bool) (m mailtest.Received) {
	s.eventually(ts, "the awaited letter did not come", func() bool {
		for i, letter := range s.mail.Messages() {
			if !s.read[i] && slices.Equal(letter.To, []string{address}) && fits(letter) {
				s.read[i], m = true, letter
				return true
			}
		}
		return false
	})
	ts.Check(m.Err)
	fmt.Fprintf(ts.Stdout(), "From: %s\nTo: %s\nSubject: %s\n\n%s", m.Header.Get("From"), m.Header.Get("To"), m.Subject, m.Text)
	fmt.Fprint(ts.Stderr(), m.HTML)
	for name := range m.Header {
		if name == "Cc" || name == "Bcc" || len(m.Header[name]) > 1 {
			ts.Fatalf("the letter has headers %s: %q", name, m.Header[name])
		}
	}
	return m
}

// received are the letters that an address got so far.
func (s *story) received(address string) []mailtest.Received {
	return slices.DeleteFunc(s.mail.Messages(), func(m mailtest.Received) bool { return !slices.Equal(m.To, []string{address}) })
}

func keepToken(ts *testscript.TestScript, variable, token string) {
	if token == "" {
		ts.Fatalf("the letter holds no token")
	}
	ts.Setenv(variable, token)
}

// letters ADDRESS N waits until no letter waits any more, and counts those that
// an address ever got.
func (s *story) letters(ts *testscript.TestScript, args []string) {
	usage(ts, len(args) == 2, "letters ADDRESS N")
	s.eventually(ts, "letters still wait", func() bool {
		return s.scalar(ts, `SELECT count(*) FROM outbox_messages WHERE state = 'waiting'`) == "0"
	})
	if got := strconv.Itoa(len(s.received(args[0]))); got != args[1] {
		ts.Fatalf("%s got %s letters, want %s", args[0], got, args[1])
	}
}

// caught ADDRESS [VAR] awaits a letter to an address in the development
// mailbox, the latest, prints it and keeps its token.
func (s *story) caught(ts *testscript.TestScript, args []string) {
	usage(ts, len(args) == 1 || len(args) == 2, "caught ADDRESS [VAR]")
	var found mail.Caught
	s.eventually(ts, "no such letter was caught", func() bool {
		a := s.send(ts, message{method: http.MethodGet, path: "/dev/mailbox.json"})
		var all []mail.Caught
		ts.Check(json.Unmarshal(a.body, &all))
		i := slices.IndexFunc(all, func(c mail.Caught) bool { return c.To == args[0] })
		if i >= 0 {
			found = all[i]
		}
		return i >= 0
	})
	s.secrets.add(found.Token)
	fmt.Fprintf(ts.Stdout(), "%s: %s\n\n%s\n%s", found.Letter, found.Subject, found.Link, found.Text)
	if len(args) == 2 {
		keepToken(ts, args[1], found.Token)
	}
}

// smtp down|up takes the mail server away and brings it back. smtp CODE SUFFIX has
// it answer so to recipients that end so.
func (s *story) smtp(ts *testscript.TestScript, args []string) {
	s.faults = true // the server says so in its log
	if len(args) == 2 {
		code, err := strconv.Atoi(args[0])
		ts.Check(err)
		s.mail.Switch(mailtest.Fault{Rcpt: code, Only: args[1]})
		return
	}
	usage(ts, len(args) == 1 && (args[0] == "up" || args[0] == "down"), "smtp up|down, or smtp CODE SUFFIX")
	s.mail.Set(mailtest.Fault{Refuse: args[0] == "down"})
}

// account ADDRESS opens an account with $PASSWORD as people do, by sign-up and
// letter. The latest answer is then that of confirm.
func (s *story) account(ts *testscript.TestScript, args []string) {
	usage(ts, len(args) == 1, "account ADDRESS")
	s.gql(ts, []string{"signUp", "email=" + args[0], "password=" + ts.Getenv("PASSWORD")})
	s.letter(ts, []string{args[0], "TOKEN"})
	s.gql(ts, []string{"confirm", "token=" + ts.Getenv("TOKEN"), "password=" + ts.Getenv("PASSWORD")})
}

// eventually asks until it is so, less and less often. It is for what the server
// does by itself.
func (s *story) eventually(ts *testscript.TestScript, otherwise string, so func() bool) {
	pause := time.Millisecond
	for began := time.Now(); !so(); time.Sleep(pause) {
		if time.Since(began) > patience {
			ts.Fatalf("%s", otherwise)
		}
		pause = min(2*pause, 200*time.Millisecond)
	}
}
