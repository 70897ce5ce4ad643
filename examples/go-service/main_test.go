package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"example.org/service/authgraph"
)

// server is the URL of a server that was started with the scope orders:write
// (AUTHGRAPH_API_TOKEN_SCOPES).
func server(t *testing.T) string {
	t.Helper()
	url := os.Getenv("AUTHGRAPH_URL")
	if url == "" {
		t.Skip("AUTHGRAPH_URL names no server")
	}
	return url
}

func TestService(t *testing.T) {
	url := server(t)
	verifier, err := newVerifier(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	service := routes(url, verifier)
	person, id := signUp(t, url)
	program := apiToken(t, url, person)
	exchanged, goodFor, err := authgraph.Exchange(t.Context(), url, program)
	if err != nil || goodFor < time.Minute {
		t.Fatalf("Exchange() = %v, %v", goodFor, err)
	}
	const invalid, bare = `Bearer error="invalid_token"`, "Bearer"
	for _, c := range []struct {
		name, method, path, authorization string
		status                            int
		challenge, says                   string
	}{
		{"a person", "GET", "/hello", "Bearer " + person, 200, "", id},
		{"a scheme in lower case", "GET", "/hello", "bearer " + person, 200, "", id},
		{"a person, asked at authgraph", "GET", "/me", "Bearer " + person, 200, "", `"username":"service-`},
		{"a program", "POST", "/orders", "Bearer " + exchanged, 201, "", id},
		{"a program where a person is expected", "GET", "/hello", "Bearer " + exchanged, 403, `Bearer error="insufficient_scope", scope="session"`, ""},
		{"a person where a program is expected", "POST", "/orders", "Bearer " + person, 403, `Bearer error="insufficient_scope", scope="orders:write"`, ""},
		{"an API token as it is", "POST", "/orders", "Bearer " + program, 401, invalid, ""},
		{"nobody", "GET", "/hello", "", 401, bare, ""},
		{"another scheme", "GET", "/hello", "Basic " + person, 401, bare, ""},
		{"an empty token", "GET", "/hello", "Bearer", 401, invalid, ""},
		{"a changed token", "GET", "/hello", "Bearer " + changed(person), 401, invalid, ""},
	} {
		w := ask(t, service, c.method, c.path, c.authorization)
		if w.Code != c.status || w.Header().Get("WWW-Authenticate") != c.challenge || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s: %d %q %s, want %d %q", c.name, w.Code, w.Header().Get("WWW-Authenticate"), w.Body, c.status, c.challenge)
		}
	}
	twice := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/hello", nil)
	twice.Header["Authorization"] = []string{"Bearer " + person, "Bearer " + person}
	w := httptest.NewRecorder()
	if service.ServeHTTP(w, twice); w.Code != http.StatusUnauthorized {
		t.Errorf("two headers: %d, want 401", w.Code)
	}
}

// TestEndedSession shows what the two ways to check know of a session that has ended.
func TestEndedSession(t *testing.T) {
	url := server(t)
	verifier, err := newVerifier(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	person, _ := signUp(t, url)
	if _, err := authgraph.Logout(t.Context(), authgraph.New(url, person)); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{"/hello": 200, "/me": 401} {
		if w := ask(t, routes(url, verifier), "GET", path, "Bearer "+person); w.Code != want {
			t.Errorf("%s after log-out: %d %s, want %d", path, w.Code, w.Body, want)
		}
	}
	_, err = authgraph.Me(t.Context(), authgraph.New(url, person))
	if authgraph.Code(err) != "UNAUTHENTICATED" {
		t.Errorf("Me() after log-out: %v", err)
	}
}

// TestServerAway: people stay in, and what asks authgraph says that it cannot.
func TestServerAway(t *testing.T) {
	url := server(t)
	verifier, err := newVerifier(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	person, _ := signUp(t, url)
	for path, want := range map[string]int{"/hello": 200, "/me": 503} {
		if w := ask(t, routes("http://localhost:1", verifier), "GET", path, "Bearer "+person); w.Code != want {
			t.Errorf("%s while authgraph is away: %d, want %d", path, w.Code, want)
		}
	}
}

func ask(t *testing.T, service http.Handler, method, path, authorization string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, nil)
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	w := httptest.NewRecorder()
	service.ServeHTTP(w, r)
	return w
}

// changed has another signature.
func changed(token string) string {
	i := len(token) - 9
	return token[:i] + string(token[i]^1) + token[i+1:]
}

func signUp(t *testing.T, url string) (token, id string) {
	t.Helper()
	name := fmt.Sprintf("service-%d", time.Now().UnixNano())
	got, err := authgraph.SignUp(t.Context(), authgraph.New(url, ""), authgraph.SignUpInput{Username: &name, Password: "correct horse battery"})
	if err != nil || len(got.SignUp.Errors) > 0 {
		t.Fatalf("SignUp() = %v, %v", text(got), err)
	}
	return got.SignUp.Auth.AccessToken, got.SignUp.Auth.User.Id
}

func apiToken(t *testing.T, url, bearer string) string {
	t.Helper()
	got, err := authgraph.IssueAPIToken(t.Context(), authgraph.New(url, bearer), authgraph.IssueApiTokenInput{Name: "orders", Scopes: []string{"orders:write"}})
	if err != nil || got.IssueApiToken.Token == nil {
		t.Fatalf("IssueAPIToken() = %v, %v", text(got), err)
	}
	return *got.IssueApiToken.Token
}

func text(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}
