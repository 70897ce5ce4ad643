package graph_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/authgraph/authgraph/graph"
	"github.com/authgraph/authgraph/graph/graphtest"
	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/mail"
	"github.com/authgraph/authgraph/internal/oidctest"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

// handouts are the operations that hand out a session, and how a test runs each: who
// asks, and the variables. The field stands below the session's account.
var handouts = map[string]func(a *api) (c auth.Caller, input string){
	"login": func(*api) (auth.Caller, string) {
		return authtest.Anyone(), `{"email": "ann@example.org", "password": "` + authtest.Password + `"}`
	},
	"signUp": func(a *api) (auth.Caller, string) {
		a.made++
		return authtest.Anyone(), `{"username": "bob` + strconv.Itoa(a.made) + `", "password": "` + authtest.Password + `"}`
	},
	"confirm": func(a *api) (auth.Caller, string) {
		a.made++
		address, password := "new"+strconv.Itoa(a.made)+"@example.org", authtest.Password
		_, _ = a.SignUp(context.Background(), authtest.Anyone(), auth.SignUpInput{Email: &address, Password: password})
		return authtest.Anyone(), `{"token": "` + a.Token(mail.Confirm, address) + `", "password": "` + password + `"}`
	},
	"resetPassword": func(a *api) (auth.Caller, string) {
		_ = a.RequestPasswordReset(context.Background(), authtest.Anyone(), auth.RequestPasswordResetInput{Email: "ann@example.org"})
		return authtest.Anyone(), `{"token": "` + a.Token(mail.ResetPassword, "ann@example.org") + `", "newPassword": "` + authtest.Password + `"}`
	},
	"refresh": func(a *api) (auth.Caller, string) {
		return authtest.Anyone(), `{"refreshToken": "` + *a.LogIn("ann@example.org").RefreshToken + `"}`
	},
	"loginWithProvider": func(a *api) (auth.Caller, string) {
		a.made++
		a.at.Login(oidctest.Person{Subject: "p" + strconv.Itoa(a.made)})
		v := a.Visited(a.at)
		return authtest.Anyone(), `{"answer": {"code": "` + v.Code + `", "verifier": "` + v.Verifier + `"}}`
	},
	"answerChallenge": func(a *api) (auth.Caller, string) { // with a code by e-mail, which is no second factor
		a.made++
		address := "code" + strconv.Itoa(a.made) + "@example.org"
		a.Account(address)
		challenge, _ := a.StartEmailLogin(context.Background(), authtest.Anyone(), auth.StartEmailLoginInput{Email: address})
		return authtest.Anyone(), `{"challenge": "` + challenge.Token + `", "emailCode": "` + a.Token(mail.LoginCode, address) + `"}`
	},
}

// strong are the operations whose session is never limited: a passkey that verified
// its user is both factors.
var strong = []string{"loginWithPasskey", "signUpWithPasskey"}

// F20: a limited session gets nothing below the root that its own rule does not open,
// however it is asked for: not in the answer that hands the session out, where its
// caller is still a stranger, and not below me.
func TestALimitedSessionBelowTheRoot(t *testing.T) {
	schema := loadSchema(t)
	a := newLimitedAPI(t)
	for _, below := range graphtest.Fields(schema.Types["User"]) {
		if below.Directives.ForName("scope") == nil || below.Directives.ForName("setup") != nil {
			continue
		}
		field := below.Name
		if below.Type.Elem != nil {
			field += " { __typename id }"
		}
		for _, form := range []string{"%", "x: %", "...u } } } } fragment u on User { % "} {
			selection := strings.ReplaceAll(form, "%", field)
			for name, ask := range handouts {
				op := schema.Mutation.Fields.ForName(name)
				document := "mutation($input: " + op.Arguments[0].Type.String() + ") { " + name + "(input: $input) { auth { limited user { id " + selection
				c, input := ask(a)
				a.refusesBelow(t, name+": "+selection, c, closedUp(document), input)
			}
			me := "query { me { id " + strings.ReplaceAll(selection, "} } } }", "} }")
			a.refusesBelow(t, "me: "+selection, a.As(a.LogIn("ann@example.org").AccessToken), closedUp(me), "")
		}
	}
}

// closedUp adds the braces that are still open.
func closedUp(document string) string {
	return document + strings.Repeat(" }", strings.Count(document, "{")-strings.Count(document, "}"))
}

// refusesBelow checks that the operation is done, and that the one field below is
// refused and null.
func (a *api) refusesBelow(t *testing.T, what string, c auth.Caller, document, input string) {
	t.Helper()
	answer := a.post(t, c, document, `{"input": `+orNull(input)+`}`)
	if len(answer.Errors) != 1 || answer.Errors[0].Extensions.Code != "SECOND_FACTOR_REQUIRED" {
		t.Errorf("%s: %s\n%s", what, answer.raw, document)
	}
	var got struct {
		Data map[string]map[string]any
	}
	if err := json.Unmarshal([]byte(answer.raw), &got); err != nil {
		t.Fatal(err)
	}
	for _, payload := range got.Data {
		user := payload
		if login, ok := payload["auth"].(map[string]any); ok {
			user, _ = login["user"].(map[string]any)
			if login["limited"] != true {
				t.Errorf("%s: the session is not limited: %s", what, answer.raw)
			}
		}
		for name, value := range user {
			if (name == "id") != (value != nil) {
				t.Errorf("%s: %s is %v", what, name, value)
			}
		}
		if user["id"] == nil {
			t.Errorf("%s: nothing was done: %s", what, answer.raw)
		}
	}
}

func orNull(input string) string {
	if input == "" {
		return "null"
	}
	return input
}

func newLimitedAPI(t *testing.T) *api {
	t.Helper()
	env, at := authtest.OnProvider(t, storetest.SQLite(t), nil, func(s *auth.Settings) { s.SecondFactor = auth.SecondFactorRequired })
	handler, err := graph.New(env.Service, graph.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	env.Account("ann@example.org")
	return &api{Env: env, handler: handler, at: at}
}

// Whatever hands out a session is in the table above.
func TestEveryHandoutIsTried(t *testing.T) {
	schema := loadSchema(t)
	for _, f := range graphtest.Fields(schema.Mutation) {
		payload := schema.Types[f.Type.Name()]
		hands := payload.Fields.ForName("auth") != nil
		if _, tried := handouts[f.Name]; hands != tried && !slices.Contains(strong, f.Name) {
			t.Errorf("%s hands out a session: %t, and is tried: %t", f.Name, hands, tried)
		}
	}
}
