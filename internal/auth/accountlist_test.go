package auth_test

import (
	"slices"
	"testing"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
)

func TestAccounts(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		signUpAs := func(name string) {
			if _, err := env.SignUp(t.Context(), authtest.Anyone(), auth.SignUpInput{Username: &name, Password: authtest.Password}); err != nil {
				t.Fatal(err)
			}
		}
		ann := env.Account("ann@example.org")
		update(t, env, ann, auth.UpdateAccountInput{Username: ptr("Annie")})
		signUpAs("ann-b") // a language sorts it after Ann.A, bytes sort it before
		signUpAs("Ann.A")
		env.Account("ann+x@example.org")
		env.Account("änn@xn--bcher-kva.example")
		bea := env.Account("bea@example.org")
		update(t, env, bea, auth.UpdateAccountInput{Username: ptr("annabea")})
		signUpAs("zoe_1")
		signUpAs("zoex1")

		made := []string{"ann@example.org", "ann-b", "Ann.A", "ann+x@example.org", "änn@xn--bcher-kva.example", "bea@example.org", "zoe_1", "zoex1"}
		for prefix, want := range map[string][]string{
			"": made, "  ": made,
			"ann":             {"ann+x@example.org", "ann-b", "Ann.A", "ann@example.org", "bea@example.org"},
			" ANN":            {"ann+x@example.org", "ann-b", "Ann.A", "ann@example.org", "bea@example.org"},
			"ann@":            {"ann@example.org"},
			"anni":            {"ann@example.org"},
			"ANN@Example.org": {"ann@example.org"},
			"änn":             {"änn@xn--bcher-kva.example"}, "a\u0308nn": {"änn@xn--bcher-kva.example"}, "änn@BÜCHER.example": {"änn@xn--bcher-kva.example"},
			"zoe_": {"zoe_1"}, "zoe%": nil, "%": nil, "_": nil, "carl": nil, "b": {"bea@example.org"}, "\\": nil, "'": nil, "\xff": nil, "a\x00": nil,
		} {
			for limit := range 6 {
				if got := pages(t, env, prefix, limit); !slices.Equal(got, want) {
					t.Errorf("Accounts(%q) by %d = %q, want %q", prefix, limit, got, want)
				}
			}
		}
		if _, _, err := env.Accounts(t.Context(), authtest.Operator(), auth.AccountFilter{Prefix: "ann", After: uuid.New()}); err != nil {
			authtest.Refused(t, "Accounts() after nobody", err, auth.NotFound)
		} else {
			t.Error("Accounts() after nobody lists")
		}
	})
}

// pages lists accounts page by page.
func pages(t *testing.T, env *authtest.Env, prefix string, limit int) (names []string) {
	t.Helper()
	filter := auth.AccountFilter{Prefix: prefix, Limit: limit}
	for range 20 {
		page, more, err := env.Accounts(t.Context(), authtest.Operator(), filter)
		if err != nil {
			t.Fatalf("Accounts(%q) = %v", prefix, err)
		}
		if limit > 0 && (len(page) > limit || more && len(page) < limit) {
			t.Errorf("Accounts(%q) by %d has %d on a page", prefix, limit, len(page))
		}
		for _, u := range page {
			name := u.Username
			if u.Email != nil {
				name = u.Email
			}
			names = append(names, *name)
			filter.After = u.ID
		}
		if !more {
			return names
		}
	}
	t.Fatalf("Accounts(%q) has no end", prefix)
	return nil
}
