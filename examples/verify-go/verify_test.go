package verify

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// TestVerify runs against the server that AUTHGRAPH_URL names, started with
// the scope orders:write (AUTHGRAPH_API_TOKEN_SCOPES).
func TestVerify(t *testing.T) {
	url := os.Getenv("AUTHGRAPH_URL")
	if url == "" {
		t.Skip("AUTHGRAPH_URL names no server")
	}
	session := login(t, url)
	program := exchange(t, url, issue(t, url, session))
	forged := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"iss": url, "aud": url, "scope": "session", "exp": time.Now().Add(time.Hour).Unix()})
	forged.Header["typ"], forged.Header["kid"] = "at+jwt", kidOf(t, session)
	symmetric, err := forged.SignedString([]byte("a secret that is not the server's key"))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		token, scope, audience string
		good                   bool
	}{
		"a session's token":                 {session, "session", url, true},
		"an API token's":                    {program, "orders:write", url, true},
		"an API token's as a session's":     {program, "session", url, false},
		"a session's for a program's scope": {session, "orders:write", url, false},
		"for another audience":              {session, "session", "https://other.example", false},
		"changed":                           {flip(session), "session", url, false},
		"signed with a secret":              {symmetric, "session", url, false},
		"without signature":                 {session[:strings.LastIndex(session, ".")+1], "session", url, false},
		"no token":                          {"", "session", url, false},
	} {
		v := &Verifier{Issuer: url, Audience: c.audience, Algorithm: "ES256"}
		claims, err := v.Verify(t.Context(), c.token, c.scope)
		if (err == nil) != c.good {
			t.Errorf("%s: Verify() = %v, %v", name, claims, err)
		}
	}
}

func flip(token string) string {
	i := strings.IndexByte(token, '.') + 5
	return token[:i] + string(token[i]^1) + token[i+1:]
}

func kidOf(t *testing.T, token string) string {
	t.Helper()
	parsed, _, err := jwt.NewParser().ParseUnverified(token, jwt.MapClaims{})
	if err != nil {
		t.Fatal(err)
	}
	return parsed.Header["kid"].(string)
}

func login(t *testing.T, url string) string {
	t.Helper()
	name := fmt.Sprintf("verify-%d", time.Now().UnixNano())
	query := fmt.Sprintf(`mutation { signUp(input: {username: %q, password: "correct horse battery"}) { auth { accessToken } } }`, name)
	return ask(t, url+"/graphql", "", query, "data", "signUp", "auth", "accessToken")
}

func issue(t *testing.T, url, bearer string) string {
	t.Helper()
	return ask(t, url+"/graphql", bearer, `mutation { issueApiToken(input: {name: "orders", scopes: ["orders:write"]}) { token } }`, "data", "issueApiToken", "token")
}

func exchange(t *testing.T, url, apiToken string) string {
	t.Helper()
	return ask(t, url+"/token", apiToken, "", "accessToken")
}

func ask(t *testing.T, url, bearer, query string, path ...string) string {
	t.Helper()
	body, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var answer any
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	value := answer
	for _, name := range path {
		object, ok := value.(map[string]any)
		if !ok {
			t.Fatalf("no %s in %v", name, answer)
		}
		value = object[name]
	}
	text, ok := value.(string)
	if !ok {
		t.Fatalf("no string at %v in %v", path, answer)
	}
	return text
}
