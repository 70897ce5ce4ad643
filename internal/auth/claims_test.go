package auth_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/profile"
)

// kept are fields of a profile, for templates.
var kept = &profile.Schema{Fields: []profile.Field{
	{Name: "orgId", Kind: profile.Int, Editable: true}, {Name: "city", Kind: profile.String},
	{Name: "tags", Kind: profile.String, List: true, Editable: true, MaxLength: 8, MaxItems: 5}, {Name: "nick", Editable: true}, {Name: "name", Editable: true, MaxLength: 100},
	{Name: "score", Kind: profile.Float}, {Name: "note", Hidden: true},
}}

func template(t testing.TB, text string) *auth.ClaimsTemplate {
	t.Helper()
	parsed, err := auth.ParseClaims([]byte(text))
	if err != nil {
		t.Fatalf("ParseClaims() = %v", err)
	}
	if err := parsed.Check(kept); err != nil {
		t.Fatalf("Check() = %v", err)
	}
	return parsed
}

const everyReference = `{
	"https://hasura.io/jwt/claims": {"x-hasura-default-role": "$defaultRole", "x-hasura-allowed-roles": "$roles", "x-hasura-user-id": "$id",
		"x-hasura-org-id": "$profile.orgId", "x-hasura-tags": "$profile.tags", "x-hasura-auth": "$authTime", "x-hasura-verified": "$emailVerified", "x-hasura-level": 7, "x-hasura-all": "$roles"},
	"plain": {"org": "$profile.orgId", "city": "$profile.city", "tags": ["$profile.tags"], "pg": "$rolesPg", "price": "$$5", "n": 1.50, "yes": true},
	"email": "$email", "name": "$username", "verified": "$emailVerified", "session": "$sessionId", "at": "$authTime", "empty": {"city": "$profile.city"}, "list": []
}`

func TestClaims(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann := env.Account("ann@example.org")
		if _, err := env.SetRoles(t.Context(), authtest.Operator(), ann.User.ID, []string{"editor"}); err != nil {
			t.Fatal(err)
		}
		_, err := env.UpdateProfile(t.Context(), env.As(ann.AccessToken), auth.UpdateProfileInput{Profile: profile.Given{"orgId": int64(42), "tags": []any{`a"b`, "c"}}})
		if err != nil {
			t.Fatal(err)
		}
		next := refreshed(t, env, ann)
		got := said(t, next.AccessToken)
		want := map[string]any{
			"https://hasura.io/jwt/claims": map[string]any{
				"x-hasura-default-role": "user", "x-hasura-allowed-roles": []any{"user", "editor"}, "x-hasura-user-id": ann.User.ID.String(),
				"x-hasura-org-id": "42", "x-hasura-tags": `{"a\"b","c"}`, "x-hasura-auth": got["x"], "x-hasura-verified": "true", "x-hasura-level": "7", "x-hasura-all": `{"user","editor"}`,
			},
			"plain": map[string]any{"org": 42.0, "tags": []any{[]any{`a"b`, "c"}}, "pg": `{"user","editor"}`, "price": "$5", "n": 1.5, "yes": true},
			"email": "ann@example.org", "verified": true, "session": ann.Session.ID.String(), "at": float64(next.Session.AuthenticatedAt.Unix()), "list": []any{},
		}
		hasura := want["https://hasura.io/jwt/claims"].(map[string]any)
		at, _ := json.Marshal(next.Session.AuthenticatedAt.Unix())
		hasura["x-hasura-auth"] = string(at)
		for _, ours := range []string{"iss", "aud", "sub", "sid", "scope", "jti", "iat", "nbf", "exp", "auth_time", "amr", "acr", "roles"} {
			if _, has := got[ours]; !has {
				t.Errorf("the token has no %s", ours)
			}
			delete(got, ours)
		}
		if diff := cmp.Diff(want, map[string]any(got)); diff != "" {
			t.Errorf("claims (-want +got):\n%s", diff)
		}
		issued := issue(t, env, ann, auth.IssueAPITokenInput{Name: "x", Scopes: []string{auth.ScopeAccountRead}})
		made, err := env.Exchange(t.Context(), env.As(issued.Secret), issued.Secret)
		if err != nil {
			t.Fatal(err)
		}
		if claims := said(t, made.Token); claims["plain"] != nil || claims["https://hasura.io/jwt/claims"] != nil {
			t.Errorf("a token made from an API token has claims of the template: %v", claims)
		}
	}, roles("user", "editor"), func(s *auth.Settings) { s.Profile, s.Claims = kept, template(t, everyReference) })
}

func TestParseClaimsRefuses(t *testing.T) {
	for text, want := range map[string]string{
		``: "one JSON object", `[]`: "one JSON object", `{"a":1,"a":2}`: "one JSON object", `{"a":"$nothing"}`: "there is no $nothing",
		`{"a":"$profile.x.y"}`: "there is no $profile.x.y", `{"a":["$ID"]}`: "there is no $ID", `{"sub":"x"}`: "sub is a claim of ours", `{"Sub":"x"}`: "Sub is a claim of ours",
		`{"a":"` + strings.Repeat("x", 2048) + `"}`: "longer than 2048 bytes", `{"a":[[[[[[[[[1]]]]]]]]]}`: "one JSON object",
	} {
		if _, err := auth.ParseClaims([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseClaims(%.40s) = %v, want %q", text, err, want)
		}
	}
	for _, name := range strings.Fields("iss sub aud exp nbf iat jti sid tid scope roles auth_time typ client_id act cnf amr acr azp") {
		if _, err := auth.ParseClaims([]byte(`{"` + name + `":"x"}`)); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	for field, want := range map[string]string{"orgId": "", "note": "@hidden", "score": "Float", "nothing": "no such field"} {
		parsed, err := auth.ParseClaims([]byte(`{"a":"$profile.` + field + `"}`))
		if err != nil {
			t.Fatal(err)
		}
		if err := parsed.Check(kept); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("Check() of %s = %v, want %q", field, err, want)
		}
		if err := parsed.Check(nil); err == nil || !strings.Contains(err.Error(), "AUTHGRAPH_PROFILE") {
			t.Errorf("Check() without a profile = %v", err)
		}
	}
}

// The owner of an account cannot make claims so long that they are missing, or that
// a hook fails: neither by a long text, nor by characters that are long in JSON.
func TestOwnersCannotMakeClaimsGrow(t *testing.T) {
	for text, want := range map[string]string{
		`{"a":"$profile.nick"}`:          "smaller maxLength",
		`{"a":["$profile.nick"]}`:        "smaller maxLength",
		`{"x-hasura-a":"$profile.nick"}`: "smaller maxLength",
		`{"a":"$profile.name","b":"$profile.name","c":"$profile.name","d":"$profile.name"}`:                                                 "smaller maxLength",
		`{"a":"$profile.name","b":"$profile.name","c":"$profile.name","u":"$id","s":"$sessionId","pad":"` + strings.Repeat("x", 150) + `"}`: "smaller maxLength",
		`{"a":"$profile.name","b":"$profile.name","c":"$email","d":"$profile.city"}`:                                                        "",
		`{"a":"$profile.tags","x-hasura-a":"$profile.tags"}`:                                                                                "",
	} {
		parsed, err := auth.ParseClaims([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := parsed.Check(kept); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("Check() of %s = %v, want %q", text, err, want)
		}
	}
	authtest.Each(t, func(t *testing.T, plain *authtest.Env) {
		hook := &application{answer: `{"claims":{"h":"` + strings.Repeat("x", 2048-len(`{"h":""}`)-len(`{"a":""}`)-600) + `"}}`}
		env := plain.Process(plain.Store, func(o *auth.Options) {
			o.Hooks.Claims = &auth.AskedHook{Hook: hook}
			o.Settings.Profile, o.Settings.Claims = kept, template(t, `{"a":"$profile.name"}`)
		})
		ann := env.Account("ann@example.org")
		_, err := env.UpdateProfile(t.Context(), env.As(ann.AccessToken), auth.UpdateProfileInput{Profile: profile.Given{"name": strings.Repeat("\u2028", 100)}})
		if err != nil {
			t.Fatal(err)
		}
		if claims := said(t, env.LogIn("ann@example.org").AccessToken); claims["a"] != strings.Repeat("\u2028", 100) || claims["h"] == nil {
			t.Errorf("claims are %.100v", claims)
		}
		hook.says(strings.Replace(hook.answer, `"h"`, `"hh"`, 1)) // a byte too long, whatever the owner has typed
		bea := func() error {
			_, err := env.SignUp(t.Context(), authtest.Anyone(), auth.SignUpInput{Username: ptr("bea"), Password: authtest.Password})
			return err
		}
		authtest.Refused(t, "SignUp() with an answer that is a byte too long", bea(), auth.Overloaded)
	})
}

// A template that has grown too long is issued without what it refers to, and the
// log says so once an hour.
func TestClaimsThatGrow(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann := env.Account("ann@example.org")
		var log bytes.Buffer
		grown := env.Process(env.Store, func(o *auth.Options) {
			o.Settings.Profile, o.Settings.Claims = kept, template(t, `{"city":"$profile.city","fixed":"x"}`)
			o.Log = slog.New(slog.NewTextHandler(&log, nil))
		})
		env.Store.User.UpdateOneID(ann.User.ID).SetProfile(`{"city":"` + strings.Repeat("x", 2100) + `"}`).ExecX(t.Context()) // by the operator
		for range 2 {
			claims := said(t, grown.LogIn("ann@example.org").AccessToken)
			if claims["city"] != nil || claims["fixed"] != "x" {
				t.Errorf("claims are %v", claims)
			}
		}
		if n := strings.Count(log.String(), "longer than 2 KiB"); n != 1 {
			t.Errorf("the log says it %d times, want once", n)
		}
		env.Clock.Turn(time.Hour)
		grown.LogIn("ann@example.org")
		if n := strings.Count(log.String(), "longer than 2 KiB"); n != 2 {
			t.Errorf("after an hour the log has said it %d times, want twice", n)
		}
	})
}

// What an owner can set costs them no other claim: neither a text from before its
// bound, nor one beside long values of the operator's.
func TestAnOwnerLosesNoClaims(t *testing.T) {
	for stored, length := range map[string]int{
		`{"name":"` + strings.Repeat("x", 700) + `","city":"Rome"}`:                              4,
		`{"name":"` + strings.Repeat("x", 100) + `","city":"` + strings.Repeat("x", 1920) + `"}`: 1920,
	} {
		authtest.Each(t, func(t *testing.T, env *authtest.Env) {
			ann := env.Account("ann@example.org")
			server := env.Process(env.Store, func(o *auth.Options) {
				o.Settings.Profile, o.Settings.Claims = kept, template(t, `{"u":"$id","name":"$profile.name","city":"$profile.city"}`)
			})
			env.Store.User.UpdateOneID(ann.User.ID).SetProfile(stored).ExecX(t.Context())
			claims := said(t, server.LogIn("ann@example.org").AccessToken)
			city, _ := claims["city"].(string)
			if claims["u"] != ann.User.ID.String() || len(city) != length || claims["name"] != nil {
				t.Errorf("claims are %v", claims)
			}
		})
	}
}
