package main

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/authgraph/authgraph/internal/oidctest"
)

// returnURL is where browsers of stories come back to.
const returnURL = "https://app.example.org/signed-in"

// provider [SETTING=value]… starts a provider, which is corp in the settings of the
// next server.
func (s *story) startProvider(ts *testscript.TestScript, args []string) {
	clock := ts.Getenv(clockVariable)
	s.provider = oidctest.NewTLS(func() time.Time { return time.Now().Add(ahead(clock)) })
	s.provider.Login(oidctest.Ann())
	file, err := os.OpenFile(ts.Getenv("SSL_CERT_FILE"), os.O_APPEND|os.O_WRONLY, 0)
	ts.Check(err)
	ts.Check(pem.Encode(file, &pem.Block{Type: "CERTIFICATE", Bytes: s.provider.Certificate()}))
	ts.Check(file.Close())
	s.secrets.add(oidctest.ClientSecret)
	s.fromProvider = []string{
		"AUTHGRAPH_PROVIDERS=corp", "AUTHGRAPH_RETURN_URLS=" + returnURL, "AUTHGRAPH_PROVIDER_CORP_ISSUER=" + s.provider.URL,
		"AUTHGRAPH_PROVIDER_CORP_CLIENT_ID=" + oidctest.ClientID, "AUTHGRAPH_PROVIDER_CORP_CLIENT_SECRET=" + oidctest.ClientSecret, "AUTHGRAPH_PROVIDER_CORP_EMAIL=verified",
	}
	for _, arg := range args {
		s.fromProvider = append(s.fromProvider, "AUTHGRAPH_PROVIDER_CORP_"+arg)
	}
	for _, setting := range s.fromProvider { // for the operator's commands
		name, value, _ := strings.Cut(setting, "=")
		ts.Setenv(name, value)
	}
	ts.Setenv("RETURN", returnURL)
}

// person SUBJECT [ADDRESS [EMAIL_VERIFIED]] says who logs in at the provider from now on.
func (s *story) person(ts *testscript.TestScript, args []string) {
	usage(ts, len(args) > 0 && s.provider != nil, "person SUBJECT [ADDRESS [EMAIL_VERIFIED]], after provider")
	who := oidctest.Person{Subject: args[0]}
	if len(args) > 1 {
		who.Email, who.Verified = args[1], true
	}
	if len(args) > 2 {
		ts.Check(json.Unmarshal([]byte(args[2]), &who.Verified))
	}
	s.provider.Login(who)
}

// challenge VERIFIER VAR makes what startProviderLogin takes.
func (s *story) challenge(ts *testscript.TestScript, args []string) {
	usage(ts, len(args) == 2, "challenge VERIFIER VAR")
	sum := sha256.Sum256([]byte(args[0]))
	ts.Setenv(args[1], base64.RawURLEncoding.EncodeToString(sum[:]))
}

// visit [denied|broken] [name=text | as=TOKEN]… goes to the provider and back, as a
// browser does. It leaves CODE, VERIFIER and FLOW, and for replays CALLBACK and JAR.
func (s *story) visit(ts *testscript.TestScript, args []string) {
	usage(ts, s.provider != nil, "visit [denied|broken] [name=text | as=TOKEN]…, after provider")
	how := ""
	if len(args) > 0 && !strings.Contains(args[0], "=") {
		how, args = args[0], args[1:]
	}
	verifier := rand.Text() + rand.Text()
	ts.Setenv("VERIFIER", verifier)
	s.challenge(ts, []string{verifier, "CHALLENGE"})
	s.gql(ts, append([]string{"startProviderLogin", "provider=corp", "returnUrl=" + returnURL, "challenge=" + ts.Getenv("CHALLENGE")}, args...))
	payload := s.last.payload().(map[string]any)
	start, err := url.Parse(payload["url"].(string))
	ts.Check(err)
	hop := s.send(ts, message{method: http.MethodGet, path: start.RequestURI(), header: http.Header{}})
	hop.check(ts)
	if hop.status != http.StatusSeeOther {
		ts.Fatalf("%s answers %d: %s", start.Path, hop.status, hop.body)
	}
	cookie, _, _ := strings.Cut(hop.header.Get("Set-Cookie"), ";")
	back, err := s.provider.Authorize(hop.header.Get("Location"))
	ts.Check(err)
	s.secrets.add(verifier, back.Get("code"), back.Get("state"), start.Query().Get("flow"), strings.SplitN(cookie, "=", 2)[1])
	switch how {
	case "denied":
		back.Del("code")
		back.Set("error", "access_denied")
	case "broken":
		back.Set("code", "another")
	}
	ts.Setenv("CALLBACK", "/oidc/corp/callback?"+back.Encode())
	ts.Setenv("JAR", cookie)
	s.last = s.send(ts, message{method: http.MethodGet, path: ts.Getenv("CALLBACK"), header: http.Header{"Cookie": {cookie}}})
	s.last.check(ts)
	s.secrets.add(s.provider.Secrets()...)
	s.arrive(ts, payload["flow"].(string))
}

// arrive reads what stands behind the return URL.
func (s *story) arrive(ts *testscript.TestScript, flow string) {
	rest, ok := strings.CutPrefix(s.last.header.Get("Location"), returnURL+"#")
	came, err := url.ParseQuery(rest)
	if !ok || err != nil || s.last.status != http.StatusSeeOther || came.Get("flow") != flow {
		ts.Fatalf("the callback answers %d to %q: %s", s.last.status, s.last.header.Get("Location"), s.last.body)
	}
	s.secrets.add(came.Get("code"))
	ts.Setenv("CODE", came.Get("code"))
	ts.Setenv("FLOW", flow)
}

// idtoken NONCE VAR keeps the ID token that the provider's SDK hands to an app.
func (s *story) idtoken(ts *testscript.TestScript, args []string) {
	usage(ts, len(args) == 2 && s.provider != nil, "idtoken NONCE VAR, after provider")
	token := s.provider.IDToken(s.provider.Person(), oidctest.ClientID, args[0])
	s.secrets.add(token, args[0])
	ts.Setenv(args[1], token)
}

// provider-is up|down|gone says how the provider answers. One that is gone stays so.
func (s *story) providerIs(ts *testscript.TestScript, args []string) {
	usage(ts, len(args) == 1 && s.provider != nil, "provider-is up|down|gone, after provider")
	if args[0] == "gone" {
		s.provider.Close()
		return
	}
	var answer http.HandlerFunc
	if args[0] == "down" {
		answer = func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadGateway)
			_, _ = fmt.Fprint(w, "canary of the provider")
		}
	}
	for _, path := range []string{"/.well-known/openid-configuration", "/token", "/jwks"} {
		s.provider.Override(path, answer)
	}
	s.secrets.add("canary of the provider")
}
