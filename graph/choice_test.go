package graph_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/authgraph/authgraph/internal/authtest"
)

// TestExactlyOneOf: login and signUp name an account by exactly one of email
// and username; null counts as missing. A mistake is an error for the person at
// the form, in every way to send the values.
func TestExactlyOneOf(t *testing.T) {
	const (
		none = `[{"code":"REQUIRED","field":["email"]}]`
		both = `[{"code":"INVALID","field":["username"]}]`
		one  = ``

		literal = `mutation { x: OP(input: { %password: "plum wagon orbit seven" }) { errors { code field } } }`
		whole   = `mutation ($in: INPUT!) { x: OP(input: $in) { errors { code field } } }`
		parts   = `mutation ($e: String, $u: String = null) { x: OP(input: { email: $e, username: $u, password: "plum wagon orbit seven" }) { errors { code field } } }`
	)
	api := newAPI(t)
	for _, c := range []struct{ document, variables, want string }{
		{strings.ReplaceAll(literal, "%", ``), `{}`, none},
		{strings.ReplaceAll(literal, "%", `email: null, `), `{}`, none},
		{strings.ReplaceAll(literal, "%", `username: "zoe", email: null, `), `{}`, one},
		{strings.ReplaceAll(literal, "%", `email: "zoe@example.org", username: "zoe", `), `{}`, both},
		{whole, `{"in":{"password":"plum wagon orbit seven"}}`, none},
		{whole, `{"in":{"email":null,"username":null,"password":"plum wagon orbit seven"}}`, none},
		{whole, `{"in":{"email":"zoe@example.org","username":null,"password":"plum wagon orbit seven"}}`, one},
		{whole, `{"in":{"email":"zoe@example.org","username":"zoe","password":"plum wagon orbit seven"}}`, both},
		{parts, `{}`, none},
		{parts, `{"e":null}`, none},
		{parts, `{"e":"zoe@example.org"}`, one},
		{parts, `{"e":"zoe@example.org","u":"zoe"}`, both},
	} {
		for _, operation := range [][2]string{{"login", "LoginInput"}, {"signUp", "SignUpInput"}} {
			document := strings.NewReplacer("OP", operation[0], "INPUT", operation[1]).Replace(c.document)
			raw := api.post(t, authtest.Anyone(), document, c.variables).raw
			var got struct {
				Data struct {
					X struct{ Errors json.RawMessage }
				}
			}
			if err := json.Unmarshal([]byte(raw), &got); err != nil {
				t.Fatal(err)
			}
			errors := string(got.Data.X.Errors)
			if c.want == one && (errors == "" || strings.Contains(errors, "email") || strings.Contains(errors, "REQUIRED") || strings.Contains(errors, `"INVALID"`)) ||
				c.want != one && errors != c.want {
				t.Errorf("%s with %s: %s, want the errors %s", document, c.variables, raw, c.want)
			}
		}
	}
}
