package main

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/authgraph/authgraph/internal/authtest"
)

// makes KEY VAR [trait]… has an authenticator answer the options to make a passkey
// that are in the latest answer, and keeps its answer. A KEY that is new is a new
// authenticator.
func (s *story) makes(ts *testscript.TestScript, args []string) {
	usage(ts, len(args) > 1, "makes KEY VAR [trait]…")
	if s.passkeys == nil {
		s.passkeys = map[string]*authtest.Passkey{}
	}
	if s.passkeys[args[0]] == nil {
		key := authtest.NewPasskey()
		key.Origin = "https://auth.example.org"
		key.RPID = "auth.example.org"
		s.passkeys[args[0]] = key
	}
	key := s.passkey(ts, args[0], args[2:])
	ts.Setenv(args[1], string(key.Create(s.optionsOf(ts))))
	s.passkeys[args[0]].Handle = key.Handle
}

// twenty TOKEN fills an account up with passkeys named spare.
func (s *story) twenty(ts *testscript.TestScript, args []string) {
	usage(ts, len(args) == 1, "twenty TOKEN")
	for s.last = nil; ; {
		s.ask(ts, "addPasskey", s.operation(ts, []string{"addPasskey", "as=" + args[0]}))
		if len(s.last.codes()) > 0 {
			return
		}
		delete(s.passkeys, "spare")
		s.makes(ts, []string{"spare", "SPARE"})
		s.gql(ts, []string{"confirmPasskey", "passkey:=" + ts.Getenv("SPARE"), "name=spare", "as=" + args[0]})
	}
}

// signs KEY VAR [trait]… has a passkey answer the options to use one that are in the
// latest answer, and keeps its answer.
func (s *story) signs(ts *testscript.TestScript, args []string) {
	usage(ts, len(args) > 1, "signs KEY VAR [trait]…")
	ts.Setenv(args[1], string(s.passkey(ts, args[0], args[2:]).Get(s.optionsOf(ts))))
}

// passkey is an authenticator, or one like it that misbehaves.
func (s *story) passkey(ts *testscript.TestScript, name string, traits []string) *authtest.Passkey {
	key := s.passkeys[name]
	if key == nil {
		ts.Fatalf("there is no passkey %s", name)
	}
	if len(traits) == 0 {
		return key
	}
	key = key.Clone()
	for _, trait := range traits {
		what, value, _ := strings.Cut(trait, "=")
		switch what {
		case "absent":
			key.Flags &^= authtest.UserPresent
		case "unverified":
			key.Flags &^= authtest.UserVerified
		case "copied":
			key.Flags |= authtest.Eligible | authtest.BackedUp
		case "forged":
			key.Rekey()
		case "framed":
			key.Client = func(c map[string]any) { c["crossOrigin"] = true }
		case "count":
			n, err := strconv.ParseUint(value, 10, 32)
			ts.Check(err)
			key.Count = uint32(n)
		case "origin":
			key.Origin = value
		case "rp":
			key.RPID = value
		case "as":
			key.Handle = s.passkeys[value].Handle
		default:
			ts.Fatalf("a passkey cannot be %s", trait)
		}
	}
	return key
}

// optionsOf are the options in the latest answer.
func (s *story) optionsOf(ts *testscript.TestScript) json.RawMessage {
	payload, _ := s.last.payload().(map[string]any)
	if challenge, ok := payload["challenge"].(map[string]any); ok {
		payload = challenge
	}
	for _, name := range []string{"options", "passkeyOptions"} {
		if options := payload[name]; options != nil {
			text, err := json.Marshal(options)
			ts.Check(err)
			return text
		}
	}
	ts.Fatalf("the latest answer has no options: %s", s.last.body)
	return nil
}
