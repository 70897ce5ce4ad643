package verify

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
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

// verifier is one of a service for which the clock is ahead.
func verifier(t *testing.T, url, audience string, ahead *time.Duration) *Verifier {
	t.Helper()
	v, err := New(t.Context(), Options{
		Issuer: url, Audience: audience, Algorithm: "ES256", KeysURL: url + "/.well-known/jwks.json",
		Now: func() time.Time { return time.Now().Add(*ahead) },
	})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestVerify(t *testing.T) {
	url := server(t)
	session := login(t, url)
	program := exchange(t, url, issue(t, url, session))
	_, claims := read(t, session)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	forge := func(method jwt.SigningMethod, key any, change ...string) string {
		head, _ := read(t, session)
		forged := jwt.NewWithClaims(method, claims)
		forged.Header["typ"], forged.Header["kid"] = head["typ"], head["kid"]
		for i := 0; i < len(change); i += 2 {
			forged.Header[change[i]] = change[i+1]
		}
		signed, err := forged.SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return signed
	}
	for name, c := range map[string]struct {
		token, scope, audience string
		ahead                  time.Duration
		good                   bool
	}{
		"a session's token":                 {session, "session", url, 0, true},
		"an API token's":                    {program, "orders:write", url, 0, true},
		"just before its end":               {session, "session", url, 15*time.Minute - time.Second, true},
		"expired":                           {session, "session", url, 16 * time.Minute, false},
		"from the future":                   {session, "session", url, -2 * time.Minute, false},
		"an API token's as a session's":     {program, "session", url, 0, false},
		"a session's for a program's scope": {session, "orders:write", url, 0, false},
		"part of a scope":                   {program, "orders", url, 0, false},
		"for another audience":              {session, "session", "https://other.example", 0, false},
		"changed":                           {flip(session), "session", url, 0, false},
		"signed with a secret":              {forge(jwt.SigningMethodHS256, []byte("a secret that is not the server's")), "session", url, 0, false},
		"signed with another key":           {forge(jwt.SigningMethodES256, key), "session", url, 0, false},
		"another key by its own name":       {forge(jwt.SigningMethodES256, key, "kid", "mine"), "session", url, 0, false},
		"signed by nobody":                  {forge(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType), "session", url, 0, false},
		"without signature":                 {session[:strings.LastIndex(session, ".")+1], "session", url, 0, false},
		"the refresh token's like":          {"agr_" + strings.Repeat("A", 112), "session", url, 0, false},
		"no token":                          {"", "session", url, 0, false},
	} {
		said, err := verifier(t, url, c.audience, &c.ahead).Verify(t.Context(), c.token, c.scope)
		if (err == nil) != c.good {
			t.Errorf("%s: Verify() = %v, %v", name, said, err)
		}
		if err == nil && said.Subject != claims["sub"] {
			t.Errorf("%s: Verify() names %q, want the account", name, said.Subject)
		}
	}
}

// TestRotation rotates the server's keys while the verifier runs. It needs
// AUTHGRAPH_PROGRAM, the binary, and the server's AUTHGRAPH_DATA_DIR.
func TestRotation(t *testing.T) {
	url := server(t)
	program := os.Getenv("AUTHGRAPH_PROGRAM")
	if program == "" {
		t.Skip("AUTHGRAPH_PROGRAM names no program")
	}
	var ahead time.Duration
	v := verifier(t, url, url, &ahead)
	good := func(what, token string, want bool) {
		t.Helper()
		if _, err := v.Verify(t.Context(), token, "session"); (err == nil) != want {
			t.Errorf("%s: Verify() = %v, want good: %t", what, err, want)
		}
	}
	before := login(t, url)
	good("before", before, true)
	cmd := exec.CommandContext(t.Context(), program, "keys", "rotate", "--compromised")
	cmd.Env = []string{"AUTHGRAPH_DATA_DIR=" + os.Getenv("AUTHGRAPH_DATA_DIR")}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("rotate: %v\n%s", err, out)
	}
	var after string
	for began := time.Now(); after == ""; { // the server takes up to a second to sign with it
		if token := login(t, url); kid(t, token) != kid(t, before) {
			after = token
		} else if time.Since(began) > 10*time.Second {
			t.Fatal("the server does not sign with a new key")
		}
	}
	good("a new key, when the keys were fetched just now", after, false)
	ahead = keysPause + time.Second
	good("a new key", after, true)
	good("the key that was taken away, once the keys were fetched", before, false)
}

func flip(token string) string {
	i := strings.IndexByte(token, '.') + 5
	return token[:i] + string(token[i]^1) + token[i+1:]
}

func read(t *testing.T, token string) (head map[string]any, claims jwt.MapClaims) {
	t.Helper()
	claims = jwt.MapClaims{}
	parsed, _, err := jwt.NewParser().ParseUnverified(token, claims)
	if err != nil {
		t.Fatal(err)
	}
	return parsed.Header, claims
}

func kid(t *testing.T, token string) any {
	t.Helper()
	head, _ := read(t, token)
	return head["kid"]
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
