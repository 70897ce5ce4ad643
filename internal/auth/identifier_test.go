package auth_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/mail"
)

// TestOneMailboxIsOneAccount: every way to write an address reaches the same
// account, in every flow, and none makes a second account.
func TestOneMailboxIsOneAccount(t *testing.T) {
	for _, box := range []struct {
		key      string
		variants []string
	}{
		{"ann.lee+x@example.org", []string{
			"ann.lee+x@example.org", "Ann.Lee+X@example.org", "ann.lee+x@EXAMPLE.ORG", "\t ann.lee+x@example.org \r\n", "\u00a0ann.lee+x@example.org\u3000",
			"ann.lee+x@ｅｘａｍｐｌｅ.org", "ann.lee+x@example。org",
		}},
		{"jörg@xn--bcher-kva.example", []string{
			"jörg@bücher.example", "jo\u0308rg@bu\u0308cher.example", "JöRG@BÜCHER.EXAMPLE", "jörg@xn--bcher-kva.example", "jörg@XN--BCHER-KVA.example",
		}},
		{"ǰ@example.org", []string{"ǰ@example.org", "J\u030c@example.org", "j\u030c@example.org"}},
		{"k@example.org", []string{"k@example.org", "K@example.org", "\u212a@example.org"}}, // NFC turns KELVIN SIGN into K
	} {
		t.Run(box.key, func(t *testing.T) {
			authtest.Each(t, func(t *testing.T, env *authtest.Env) {
				for i, typed := range box.variants {
					letters := env.Caused(func() {
						if err := signUp(env, authtest.Anyone(), typed, authtest.Password); err != nil {
							t.Errorf("SignUp(%q) = %v", typed, err)
						}
					})
					if i > 0 {
						notices(t, typed, letters, "already_registered to "+box.key)
						continue
					}
					notices(t, typed, letters, "confirm to "+box.key)
					if _, err := confirm(env, letters[0].Token, authtest.Password); err != nil {
						t.Fatalf("Confirm() = %v", err)
					}
				}
				other := env.Account("other@example.com")
				for _, typed := range box.variants {
					if _, err := logIn(env, typed, authtest.Password); err != nil {
						t.Errorf("Login(%q) = %v", typed, err)
					}
					letters := env.Caused(func() {
						if err := env.RequestPasswordReset(t.Context(), authtest.Anyone(), auth.RequestPasswordResetInput{Email: typed}); err != nil {
							t.Errorf("RequestPasswordReset(%q) = %v", typed, err)
						}
						update(t, env, other, auth.UpdateAccountInput{Email: &typed})
					})
					notices(t, typed, letters, "reset_password to "+box.key, "already_registered to "+box.key, "email_changing to other@example.com")
				}
				if n := env.Store.User.Query().CountX(t.Context()); n != 2 {
					t.Errorf("there are %d accounts, want two", n)
				}
			})
		})
	}
}

// TestOtherMailboxesAreOtherAccounts: two addresses that a mail server may tell
// apart are two accounts.
func TestOtherMailboxesAreOtherAccounts(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		all := []string{
			"annlee@example.org", "ann.lee@example.org", "annlee+x@example.org", "annlee@mail.example.org", "annlee@example.com",
			"müller@example.org", "mueller@example.org", "muller@example.org", "MÜLLER@example.org", // only ASCII ignores letter case
			"i@example.org", "ı@example.org", "İ@example.org", "fass@faß.example", "fass@fass.example", "ａnnlee@example.org",
			"o'neil@example.org", "!#$%&'*+/?=^_`{|}~-@example.org",
		}
		keys := map[string]string{}
		for _, address := range all {
			letters := env.Caused(func() {
				if err := signUp(env, authtest.Anyone(), address, authtest.Password); err != nil {
					t.Errorf("SignUp(%q) = %v", address, err)
				}
			})
			if len(letters) != 1 || letters[0].Name != mail.Confirm {
				t.Fatalf("SignUp(%q) sends %q, want a letter to confirm", address, names(letters))
			}
			if before, ok := keys[letters[0].To]; ok {
				t.Errorf("%q and %q are one mailbox", address, before)
			}
			keys[letters[0].To] = address
			if login, err := confirm(env, letters[0].Token, authtest.Password); err != nil || *login.User.Email != address {
				t.Errorf("Confirm() of %q = %v, %v, want the address as typed", address, login, err)
			}
		}
	})
}

func TestAddressesThatAreRefused(t *testing.T) {
	label := strings.Repeat("a", 63)
	refused := map[auth.Code][]string{
		auth.Required: {"", " ", "\t\r\n", "\u3000"},
		auth.TooLong:  {strings.Repeat("a", 64) + "@" + strings.Repeat(label+".", 3) + "org", strings.Repeat("é", 150) + "@example.org", strings.Repeat("x", 1<<20)},
		auth.Invalid: {
			"ann", "@", "ann@", "@example.org", "ann@@example.org", "ann@bob@example.org", "ann@localhost", "ann@org", "ann@.example.org", "ann@example..org",
			"ann@example.org.", "ann@example.org。", ".ann@example.org", "ann.@example.org", "an..n@example.org", "a nn@example.org", "ann @example.org", "ann@ example.org",
			"ann@exa mple.org", `"ann"@example.org`, `"ann lee"@example.org`, `ann\@example.org`, "ann(comment)@example.org", "ann@(comment)example.org",
			"Ann <ann@example.org>", "<ann@example.org>", "ann@example.org, bob@example.org", "ann@example.org;bob@example.org", "mailto:ann@example.org",
			"ann@[192.0.2.1]", "ann@[IPv6:2001:db8::1]", "ann@192.0.2.1", "ann@example.1", "ann@ex_ample.org", "ann@-example.org", "ann@example-.org", "ann@exam!ple.org",
			"ann\r\nBcc: bob@example.org", "ann@example.org\r\nBcc: bob@example.org", "ann\x00@example.org", "ann@exam\x00ple.org", "ann\x1b@example.org", "ann\x7f@example.org",
			"ann%0d%0a@example.org\n.", "ann@example.org%0d%0aBcc:bob@example.org", "=?utf-8?q?ann=40evil.example=3E?=@example.org", "ann=?x?q?=3E?=@example.org", "an\u200bn@example.org", "ann@exam\u00adple.org", "ann\u202e@example.org", "u\ufe0fni@example.org", "uni\u3164@example.org", "u\u034fni@example.org", "uni\U000e0100@example.org",
			"ann@example\u2028.org", "an\xffn@example.org", "ann@exam\xffple.org", "😀@example.org", "ann@xn--a.example", "ann@xn--zz.example",
			strings.Repeat("a", 65) + "@example.org", strings.Repeat("é", 33) + "@example.org", "ann@" + label + "a.org", "ann@" + strings.Repeat("xn--", 20) + ".org",
		},
	}
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann := env.Account("ann@example.org")
		letters := env.Caused(func() {
			for code, addresses := range refused {
				for _, address := range addresses {
					what := fmt.Sprintf("%.80q: ", address)
					authtest.Refused(t, what+"SignUp()", signUp(env, authtest.Anyone(), address, authtest.Password), code, "email")
					_, err := logIn(env, address, authtest.Password)
					authtest.Refused(t, what+"Login()", err, code, "email")
					err = env.RequestPasswordReset(t.Context(), authtest.Anyone(), auth.RequestPasswordResetInput{Email: address})
					authtest.Refused(t, what+"RequestPasswordReset()", err, code, "email")
					_, err = updateAs(env, ann, auth.UpdateAccountInput{Email: &address})
					authtest.Refused(t, what+"UpdateAccount()", err, code, "email")
				}
			}
		})
		notices(t, "refused addresses", letters)
	})
}

func TestUsernames(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		as := func(name string) error {
			_, err := env.SignUp(t.Context(), authtest.Anyone(), auth.SignUpInput{Username: &name, Password: authtest.Password})
			return err
		}
		for _, name := range []string{"abc", "A.b", "0-9", "a__", "a..", strings.Repeat("x", 64), "xn--abc", "a.b-c_d"} {
			if err := as(name); err != nil {
				t.Errorf("SignUp(%q) = %v", name, err)
			}
		}
		for code, refused := range map[auth.Code][]string{
			auth.Required: {""},
			auth.TooLong:  {strings.Repeat("x", 65), strings.Repeat("é", 64)},
			auth.Invalid: {
				"ab", "é", "a b", " abc", "abc ", ".abc", "-abc", "_abc", "abc@example.org", "a\x00bc", "abc\n", "abç", "ａbc", "а́bc", "a/b", "a:b", "<a>", "a\u200bbc", "ab\u212a", "a\xffbc",
			},
		} {
			for _, name := range refused {
				authtest.Refused(t, fmt.Sprintf("SignUp(%.40q)", name), as(name), code, "username")
			}
		}
	})
}

func TestPasswords(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann := env.Account("xaverina.moosbrugger@zwiebelkuchen.example")
		update(t, env, ann, auth.UpdateAccountInput{Username: ptr("quendolina")})
		refused := map[auth.Code][]string{
			auth.Required: {""},
			auth.PasswordTooShort: {
				"a", "abcdefg", "ÄÖÜäöüß", "🐎🔋🐴📎🧷🪑🎏", "e\u0301e\u0301e\u0301e", // counted in code points
			},
			auth.TooLong: {strings.Repeat("x1 ", 43), strings.Repeat("🐎", 129), strings.Repeat("a", 1<<20)},
			auth.PasswordTooCommon: {
				"password", "PassWord1", "P@ssw0rd2024!", "123456789012345", "aaaaaaaaaaaaaaa", "qwertyuiopasdfgh", "iloveyou1", "letmein!!",
				"xaverina.moosbrugger@zwiebelkuchen.example", "Xaverina.Moosbrugger", "moosbrugger1", "zwiebelkuchen", "ZWIEBELKUCHEN.example", "example1", "Example2026", "authgraph1",
			},
		}
		accepted := []string{
			"xkW8-2pQ", "🐎🔋🐴📎🧷🪑🎏🗝", strings.Repeat("lower case only ", 4), "481516234209117", "        six  words of  mine  ",
			strings.Repeat("🐎ä漢x1 -é", 16), "correct horse battery staple", "Wörter mit Ümläuten 1", "الكلمة السرية 84",
		}
		flows := map[string]func(chosen string) error{
			"SignUp": func(chosen string) error {
				return signUp(env, authtest.Anyone(), "xaverina.moosbrugger@zwiebelkuchen.example", chosen)
			},
			"ResetPassword": func(chosen string) error {
				_, err := reset(env, requestReset(t, env, "xaverina.moosbrugger@zwiebelkuchen.example"), chosen)
				return err
			},
			"UpdateAccount": func(chosen string) error {
				c := device(t, env, "xaverina.moosbrugger@zwiebelkuchen.example")
				login, err := env.Login(t.Context(), c, auth.LoginInput{Username: ptr("quendolina"), Password: authtest.Password})
				if err != nil {
					t.Fatal(err)
				}
				_, err = updateAs(env, login.Login, auth.UpdateAccountInput{NewPassword: &chosen})
				return err
			},
		}
		fields := map[string]string{"SignUp": "password", "ResetPassword": "newPassword", "UpdateAccount": "newPassword"}
		for flow, choose := range flows {
			for code, list := range refused {
				for _, chosen := range list {
					authtest.Refused(t, fmt.Sprintf("%s with %.30q", flow, chosen), choose(chosen), code, fields[flow])
				}
			}
		}
		for flow, names := range map[string][]string{"ResetPassword": {"quendolina", "Quendolina1"}, "UpdateAccount": {"quendolina", "Quendolina1"}} {
			for _, chosen := range names {
				authtest.Refused(t, flow+" with the username", flows[flow](chosen), auth.PasswordTooCommon, fields[flow])
			}
		}
		_, err := env.SignUp(t.Context(), authtest.Anyone(), auth.SignUpInput{Username: ptr("wendelgard"), Password: "Wendelgard!"})
		authtest.Refused(t, "SignUp() by username with the username", err, auth.PasswordTooCommon, "password")

		present := authtest.Password
		for _, chosen := range accepted {
			if err := flows["SignUp"](chosen); err != nil {
				t.Errorf("SignUp() with %.30q = %v", chosen, err)
			}
			if _, err := reset(env, requestReset(t, env, "xaverina.moosbrugger@zwiebelkuchen.example"), chosen); err != nil {
				t.Errorf("ResetPassword() with %.30q = %v", chosen, err)
				continue
			}
			env.Clock.Turn(1)
			login, err := logIn(env, "xaverina.moosbrugger@zwiebelkuchen.example", chosen)
			if err != nil {
				t.Fatalf("Login() with %.30q = %v", chosen, err)
			}
			update(t, env, login.Login, auth.UpdateAccountInput{CurrentPassword: ptr(chosen), NewPassword: &chosen})
			present = chosen
		}
		if !slices.Contains(accepted, present) {
			t.Error("no password was accepted")
		}
	})
}
