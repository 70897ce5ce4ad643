package accesstoken

import (
	"fmt"
	"strings"
	"testing"
)

// TestClaims signs, with the right key, tokens whose claims are not right.
func TestClaims(t *testing.T) {
	c := newClock()
	a, k := authority(t, EdDSA, c)
	now := c.t.Unix()
	const other = "0192f0c4-7a3e-7cc2-8a5e-3f1d9b6a7c09"
	fromClaims := func(changes map[string]any) string { return signed(t, k, goodHeader(k), payload(t, c, changes)) }

	t.Run("accepted", func(t *testing.T) {
		for name, changes := range map[string]map[string]any{
			"as issued":                     nil,
			"aud a list of us":              {"aud": []any{audience}},
			"aud a list with us":            {"aud": []any{"https://other.example.org", audience}},
			"no scope granted":              {"scope": ""},
			"several scopes":                {"scope": "account:read sessions:read x!#[]~"},
			"made from an API token":        {"sid": absent{}, "tid": other, "auth_time": absent{}},
			"a claim we do not know":        {"act": map[string]any{"sub": "x"}, "roles": []any{"a", 1, nil}},
			"without amr and acr":           {"amr": absent{}, "acr": absent{}},
			"two factors":                   {"amr": []any{"pwd", "otp", "mfa"}, "acr": "aal2"},
			"exp a second ahead":            {"iat": now - 899, "nbf": now - 899, "auth_time": now - 899, "exp": now + 1},
			"iat 30 s ahead":                {"iat": now + 30},
			"nbf 30 s ahead":                {"nbf": now + 30},
			"auth_time 30 s ahead":          {"auth_time": now + 30},
			"authenticated when time began": {"auth_time": 0},
			"the longest life":              {"exp": now + 3600},
		} {
			wantAccepted(t, a, name, fromClaims(changes))
		}
	})

	t.Run("each claim is required, of its type and with its value", func(t *testing.T) {
		wrong := map[string][]any{
			"iss":       {"", "https://evil.test", strings.ToUpper(issuer), issuer + "/", " " + issuer, issuer + "\x00", []any{issuer}},
			"aud":       {"", "https://other.example.org", strings.ToUpper(audience), audience + "/", []any{}, []any{"https://other.example.org"}, []any{audience, 1}, []any{audience, nil}, []any{[]any{audience}}, map[string]any{audience: true}},
			"sub":       {"", "ann", strings.ToUpper(other), "{" + other + "}", "urn:uuid:" + other, strings.ReplaceAll(other, "-", ""), "00000000-0000-0000-0000-000000000000", " " + other, []any{other}},
			"sid":       {"", "x", strings.ToUpper(other), "00000000-0000-0000-0000-000000000000", []any{other}},
			"jti":       {"", "x", strings.ToUpper(other), "00000000-0000-0000-0000-000000000000"},
			"scope":     {" ", "a  b", " a", "a ", "a\tb", "a\nb", "a\"b", `a\b`, "ä", "a\x00", []any{"session"}},
			"amr":       {"", "pwd", []any{""}, []any{"a b"}, []any{"pwd", "pwd"}, []any{1}, []any{nil}, []any{[]any{"pwd"}}},
			"acr":       {"", " ", "a b", "ä", []any{"aal2"}},
			"iat":       {now + 31, now + 300, now + 900, now + 901},
			"nbf":       {now + 31, now + 300, now + 900, now + 901},
			"auth_time": {now + 31, now + 300},
			"exp":       {now, now - 1, now - 61, now + 3601, now + 365*24*3600, int64(253402300799), int64(253402300800)},
		}
		for claim := range wrong {
			wrong[claim] = append(wrong[claim], nil, true, map[string]any{}, []any{}, 0.5)
			if claim != "amr" && claim != "acr" { // which may be left out
				wrong[claim] = append(wrong[claim], absent{})
			}
			switch claim {
			case "iat", "nbf", "exp", "auth_time":
				wrong[claim] = append(wrong[claim], -1, 1.5, float64(now)+0.5, 1e300, fmt.Sprint(now), "", int64(1)<<62)
			default:
				wrong[claim] = append(wrong[claim], 0, now)
			}
		}
		n := 0
		for claim, values := range wrong {
			for _, v := range values {
				wantRefused(t, a, fmt.Sprintf("%s = %#v", claim, v), fromClaims(map[string]any{claim: v}))
				n++
			}
		}
		t.Logf("%d claims refused", n)
	})

	t.Run("a life that was lengthened at its other end is refused", func(t *testing.T) {
		wantRefused(t, a, "nbf an hour ago", fromClaims(map[string]any{"nbf": now - 3600, "exp": now + 1}))
		wantRefused(t, a, "iat an hour ago", fromClaims(map[string]any{"iat": now - 3600, "exp": now + 1}))
	})
	t.Run("a token that ends before it begins is refused, within the leeway too", func(t *testing.T) {
		wantAccepted(t, a, "begins at once", fromClaims(map[string]any{"exp": now + 10}))
		wantRefused(t, a, "issued after its end", fromClaims(map[string]any{"iat": now + 20, "exp": now + 10}))
		wantRefused(t, a, "issued at its end", fromClaims(map[string]any{"iat": now + 10, "exp": now + 10}))
		wantRefused(t, a, "good after its end", fromClaims(map[string]any{"nbf": now + 20, "exp": now + 10}))
		wantRefused(t, a, "good from its end", fromClaims(map[string]any{"nbf": now + 10, "exp": now + 10}))
	})

	t.Run("expired is told apart, 31 s after the end", func(t *testing.T) {
		for _, ago := range []int64{31, 61, 800} {
			raw := fromClaims(map[string]any{"exp": now - ago, "iat": now - 900, "nbf": now - 900, "auth_time": now - 900})
			wantError(t, a, fmt.Sprintf("exp %d s ago", ago), raw, ErrExpired)
		}
	})

	t.Run("sessions and API tokens are not mixed", func(t *testing.T) {
		for name, changes := range map[string]map[string]any{
			"neither":                         {"sid": absent{}, "auth_time": absent{}},
			"neither, authenticated":          {"sid": absent{}},
			"both":                            {"tid": other},
			"both, no auth_time":              {"tid": other, "auth_time": absent{}},
			"an API token with auth_time":     {"sid": absent{}, "tid": other},
			"an API token of no id":           {"sid": absent{}, "tid": "", "auth_time": absent{}},
			"an API token with sid null":      {"sid": nil, "tid": other, "auth_time": absent{}},
			"an API token with auth_time nil": {"sid": absent{}, "tid": other, "auth_time": nil},
			"a session with tid null":         {"tid": nil},
			"a session with tid empty":        {"tid": ""},
		} {
			wantRefused(t, a, name, fromClaims(changes))
		}
	})

	t.Run("a payload with two readings is refused", func(t *testing.T) {
		p := payload(t, c, nil)
		insert := func(member string) string { return strings.Replace(p, "{", "{"+member+",", 1) }
		for name, text := range map[string]string{
			"exp twice":               insert(`"exp":99999999999`),
			"sub twice":               insert(`"sub":"` + other + `"`),
			"sub twice, once escaped": insert(`"\u0073ub":"` + other + `"`),
			"aud twice":               insert(`"aud":"x"`),
			"unknown twice":           insert(`"x":1,"x":1`),
			"twice, deep down":        insert(`"x":{"y":[{"z":1,"z":2}]}`),
			"broken UTF-8":            insert("\"x\":\"\xff\""),
			"half a character":        insert(`"x":"\ud800"`),
			"unknown, nested deeply":  insert(`"x":` + strings.Repeat("[", 32) + strings.Repeat("]", 32)),
			"an object behind":        p + p,
			"a brace behind":          p + "}",
			"a comma before the end":  strings.TrimSuffix(p, "}") + ",}",
			"a comment":               insert("/* */"),
			"single quotes":           strings.ReplaceAll(p, `"`, `'`),
			"a byte order mark":       "\ufeff" + p,
			"a NUL behind":            p + "\x00",
			"SUB":                     strings.Replace(p, `"sub"`, `"SUB"`, 1),
			"a list":                  "[" + p + "]",
			"a string":                `"x"`,
			"null":                    "null",
			"true":                    "true",
			"a number":                "1",
			"nothing":                 "",
			"cut":                     p[:len(p)-1],
			"deep":                    strings.Repeat(`{"a":`, 400) + "1" + strings.Repeat("}", 400),
		} {
			wantRefused(t, a, name, signed(t, k, goodHeader(k), text))
		}
		wantAccepted(t, a, "white space", signed(t, k, goodHeader(k), " \n"+p+"\t "))
	})

	t.Run("a number is written in digits", func(t *testing.T) {
		p := payload(t, c, nil)
		for _, spelling := range []string{"%d.0", "%de0", "%dE0", "-%d", "\"%d\"", "%d0000000000", "[%d]"} {
			exp := fmt.Sprintf(`"exp":%d`, now+900)
			text := strings.Replace(p, exp, `"exp":`+fmt.Sprintf(spelling, now+900), 1)
			if text == p {
				t.Fatal("exp not found")
			}
			wantRefused(t, a, spelling, signed(t, k, goodHeader(k), text))
		}
	})
}
