package hostile

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"strings"
	"testing"
)

// said is an answer without what differs in every answer: the request's id and
// the date.
func said(a *answer) string {
	var b bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(a.header)) {
		if name != "Date" && name != "X-Request-Id" {
			b.WriteString(name + ": " + strings.Join(a.header[name], " | ") + "\n")
		}
	}
	b.Write(bytes.ReplaceAll(a.body, []byte(a.header.Get("X-Request-Id")), nil))
	return b.String()
}

// The answers about an account, and about none, are the same byte for byte.
func TestAlike(t *testing.T) {
	onEach(t, func(t *testing.T, s *site) {
		s.unlimited()
		p := s.start()
		for _, address := range []string{"known@example.org", "disabled@example.org"} {
			s.account(p, address)
		}
		s.command("user", "disable", "disabled@example.org")
		p.must(signUp, input{"email": "pending@example.org", "password": password})
		asker := bearer(p.signUp("asker").AccessToken)
		for name, test := range map[string]struct {
			document string
			rest     input
			headers  []string
			whom     []string
		}{
			"login with a wrong password": {login, wrong, nil, []string{"unknown@example.org", "known@example.org", "pending@example.org", "disabled@example.org"}},
			"login with the right one":    {login, right, nil, []string{"unknown@example.org", "pending@example.org"}},
			"login with one too long":     {login, input{"password": strings.Repeat("x", 60_000)}, nil, []string{"unknown@example.org", "known@example.org", "disabled@example.org"}},
			"signUp":                      {signUp, right, nil, []string{"free@example.org", "known@example.org", "disabled@example.org", "pending@example.org"}},
			"requestPasswordReset":        {askReset, nil, nil, []string{"unknown@example.org", "known@example.org", "disabled@example.org", "pending@example.org"}},
		} {
			t.Run(name, func(t *testing.T) {
				first := ""
				for i, address := range test.whom {
					in := input{"email": address}
					maps.Copy(in, test.rest)
					a, err := p.ask(context.Background(), test.document, in, test.headers...)
					if err != nil {
						t.Fatal(err)
					}
					if i == 0 {
						first = said(a)
					}
					if got := said(a); got != first {
						t.Errorf("of %s is said\n%s\nof %s\n%s", address, got, test.whom[0], first)
					}
				}
			})
		}
		t.Run("updateAccount", func(t *testing.T) {
			for _, address := range []string{"free2@example.org", "known@example.org", "disabled@example.org", "pending@example.org"} {
				a := p.must(update, input{"email": address, "currentPassword": password}, asker...)
				if u := a.payload().User; u == nil || u.PendingEmail != address || u.Email != "" {
					t.Errorf("of %s is said %s", address, a.body)
				}
			}
		})
	})
}

// The limit on guesses, too, is the same for accounts that do not exist.
func TestLimitedAlike(t *testing.T) {
	onEach(t, func(t *testing.T, s *site) {
		s.set("LIMIT_LOGIN=3/15m", "LIMIT_SIGN_UP=off", "TRUSTED_PROXIES=127.0.0.1")
		p := s.start()
		s.account(p, "known@example.org")
		for _, address := range []string{"known@example.org", "unknown@example.org"} {
			var codes []string
			for range 6 {
				a, err := p.ask(context.Background(), login, input{"email": address, "password": "plum wagon orbit eight"}, "X-Forwarded-For", "203.0.113.5")
				if err != nil {
					t.Fatal(err)
				}
				codes = append(codes, a.code())
			}
			if got, want := strings.Join(codes, " "), "INVALID_CREDENTIALS INVALID_CREDENTIALS INVALID_CREDENTIALS RATE_LIMITED RATE_LIMITED RATE_LIMITED"; got != want {
				t.Errorf("%s: %s", address, got)
			}
		}
	})
}
