package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// check holds for every answer of the server, whatever was asked.
func (a *answer) check(ts *testscript.TestScript) {
	for name, pattern := range map[string]string{
		"X-Content-Type-Options":       `^nosniff$`,
		"Referrer-Policy":              `^no-referrer$`,
		"Content-Security-Policy":      `default-src 'none'.*frame-ancestors 'none'`,
		"Cross-Origin-Opener-Policy":   `^same-origin$`,
		"Cross-Origin-Resource-Policy": `^(same|cross)-origin$`,
		"Cache-Control":                `no-store|^public|^private|immutable`,
		"X-Request-Id":                 `^[0-9a-z-]{8,}$`,
	} {
		if values := a.header.Values(name); len(values) != 1 || !regexp.MustCompile(pattern).MatchString(values[0]) {
			ts.Fatalf("the answer has %s %q", name, values)
		}
	}
	if ts.Getenv("AUTHGRAPH_MODE") == "production" && a.header.Get("Strict-Transport-Security") == "" {
		ts.Fatalf("the answer has no Strict-Transport-Security")
	}
}

// payload is what the one root field of an answer holds.
func (a *answer) payload() any {
	for _, value := range a.json.Data {
		return value
	}
	return nil
}

// codes are those of the answer's errors, top-level ones and those in the
// payload, each as `refuses` writes it.
func (a *answer) codes() []string {
	var codes []string
	for _, e := range a.json.Errors {
		code := fmt.Sprint(e.Extensions["code"])
		for _, name := range []string{"reason", "scope"} {
			if detail, ok := e.Extensions[name]; ok {
				code += "/" + fmt.Sprint(detail)
			}
		}
		codes = append(codes, code)
	}
	payload, _ := a.payload().(map[string]any)
	errs, _ := payload["errors"].([]any)
	for _, one := range errs {
		e := one.(map[string]any) // the schema says so
		code := e["code"].(string)
		if field, ok := e["field"].([]any); ok {
			code += "@" + strings.ReplaceAll(strings.Trim(fmt.Sprint(field), "[]"), " ", ".")
		}
		codes = append(codes, code)
	}
	return codes
}

// checkNothingDone refuses an answer that refuses and yet hands something out.
func (a *answer) checkNothingDone(ts *testscript.TestScript) {
	payload, ok := a.payload().(map[string]any)
	if !ok {
		return // null
	}
	for name, value := range payload {
		list, isList := value.([]any)
		if name != "errors" && value != nil && value != false && value != "REFUSED" && (!isList || len(list) > 0) {
			ts.Fatalf("refused, and yet there is %s", name)
		}
	}
}

// look finds a value of the payload by its path: names, and numbers in lists;
// `length` is a list's, and a dot alone the payload itself. A path that begins
// with a slash is one in a body that is no GraphQL.
func (a *answer) look(path string) (string, error) {
	value := a.payload()
	if below, ok := strings.CutPrefix(path, "/"); ok {
		path = below
		if err := json.Unmarshal(a.body, &value); err != nil {
			return "", err
		}
	}
	for step := range strings.SplitSeq(strings.TrimPrefix(path, "."), ".") {
		switch v := value.(type) {
		case map[string]any:
			found, ok := v[step]
			if !ok {
				return "", fmt.Errorf("there is no %s at %s", step, path)
			}
			value = found
		case []any:
			if step == "length" {
				return strconv.Itoa(len(v)), nil
			}
			i, err := strconv.Atoi(step)
			if err != nil || i >= len(v) {
				return "", fmt.Errorf("there is no %s among %d at %s", step, len(v), path)
			}
			value = v[i]
		default:
			if step != "" {
				return "", fmt.Errorf("there is nothing below %v at %s", v, path)
			}
		}
	}
	if value == nil {
		return "null", nil
	}
	return fmt.Sprint(value), nil
}

// want PATH VALUE checks a value of the latest answer's payload.
func (s *story) want(ts *testscript.TestScript, args []string) {
	usage(ts, len(args) == 2 && s.last != nil, "want PATH VALUE, after an answer")
	got, err := s.last.look(args[0])
	ts.Check(err)
	if got != args[1] {
		ts.Fatalf("%s is %q, want %q", args[0], got, args[1])
	}
}

// get PATH VAR keeps a value of the latest answer's payload.
func (s *story) get(ts *testscript.TestScript, args []string) {
	usage(ts, len(args) == 2 && s.last != nil, "get PATH VAR, after an answer")
	value, err := s.last.look(args[0])
	ts.Check(err)
	if value == "" || value == "null" {
		ts.Fatalf("%s is empty", args[0])
	}
	ts.Setenv(args[1], value)
}

// status CODE checks the status of the latest answer.
func (s *story) status(ts *testscript.TestScript, args []string) {
	usage(ts, len(args) == 1 && s.last != nil, "status CODE, after an answer")
	if got := strconv.Itoa(s.last.status); got != args[0] {
		ts.Fatalf("status %s, want %s: %s", got, args[0], s.last.body)
	}
}

// header NAME [PATTERN] checks a header of the latest answer; ! header NAME
// that there is none, and ! header NAME PATTERN that none matches.
func (s *story) header(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, len(args) > 0 && len(args) < 3 && s.last != nil, "[!] header NAME [PATTERN], after an answer")
	pattern, err := regexp.Compile(strings.Join(args[1:], ""))
	ts.Check(err)
	values := s.last.header.Values(args[0])
	if slices.ContainsFunc(values, pattern.MatchString) == neg {
		ts.Fatalf("the answer has %s %q", args[0], values)
	}
}

// cookie NAME VAR keeps a cookie that the latest answer sets.
func (s *story) cookie(ts *testscript.TestScript, args []string) {
	usage(ts, len(args) == 2 && s.last != nil, "cookie NAME VAR, after an answer")
	for _, c := range (&http.Response{Header: s.last.header}).Cookies() {
		if c.Name == args[0] && c.Value != "" {
			s.secrets.add(c.Value)
			ts.Setenv(args[1], c.Value)
			return
		}
	}
	ts.Fatalf("the answer sets no cookie %s: %q", args[0], s.last.header.Values("Set-Cookie"))
}

// keep FILE writes down the latest answer, status, headers and body, without
// what differs in all answers: the request id and the date. Two answers that a
// stranger must not tell apart are then compared by cmp.
func (s *story) keep(ts *testscript.TestScript, args []string) {
	usage(ts, len(args) == 1 && s.last != nil, "keep FILE, after an answer")
	var b bytes.Buffer
	fmt.Fprintln(&b, s.last.status)
	id := s.last.header.Get("X-Request-Id")
	for _, name := range slices.Sorted(maps.Keys(s.last.header)) {
		if name != "Date" && name != "X-Request-Id" {
			fmt.Fprintf(&b, "%s: %q\n", name, s.last.header[name])
		}
	}
	body := bytes.ReplaceAll(s.last.body, []byte(id), nil)
	for _, secret := range s.secrets.list { // each is another; that there is one, and how long, may tell
		body = bytes.ReplaceAll(body, []byte(secret), fmt.Appendf(nil, "secret of %d", len(secret)))
	}
	fmt.Fprintf(&b, "\n%s\n", body)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), b.Bytes(), 0o600))
}
