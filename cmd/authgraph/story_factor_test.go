package main

import (
	"encoding/base32"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/authgraph/authgraph/internal/totp"
)

// app TOKEN VAR adds an authenticator app to the account of a session, as people
// do, and keeps its key in the variable. The latest answer is then that of
// confirmTotp.
func (s *story) app(ts *testscript.TestScript, args []string) {
	usage(ts, len(args) == 2, "app TOKEN VAR")
	s.gql(ts, []string{"addTotp", "as=" + args[0]})
	s.get(ts, []string{"secret", args[1]})
	s.get(ts, []string{"id", "APP"})
	s.code(ts, []string{ts.Getenv(args[1]), "CODE"})
	s.gql(ts, []string{"confirmTotp", "id=" + ts.Getenv("APP"), "code=" + ts.Getenv("CODE"), "as=" + args[0]})
}

// code SECRET VAR turns the clock to the next step, and keeps what an authenticator
// app with that key shows then.
func (s *story) code(ts *testscript.TestScript, args []string) {
	usage(ts, len(args) == 2, "code SECRET VAR")
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(args[0])
	ts.Check(err)
	s.pass(ts, []string{"30s"})
	now := time.Now().Add(ahead(ts.Getenv(clockVariable)))
	ts.Setenv(args[1], totp.Code(key, totp.Step(now)))
}
