package main

import (
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// token JWT prints what an access token says, as JSON.
func (s *story) token(ts *testscript.TestScript, args []string) {
	usage(ts, len(args) == 1 && strings.Count(args[0], ".") == 2, "token JWT")
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(args[0], ".")[1])
	ts.Check(err)
	fmt.Fprintf(ts.Stdout(), "%s\n", payload)
}
