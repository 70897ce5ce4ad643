package server_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/authgraph/authgraph/internal/origin"
	"github.com/authgraph/authgraph/internal/server"
)

// foreign are origins that are none of ours, however much they look like one.
var foreign = []string{
	"null", "https://evil.test", "http://app.test", "https://app.test.evil.test", "https://evilapp.test", "https://sub.app.test",
	"https://app.test.", "https://app.test:8443", "https://APP.TEST", "https://app.test/", "https://app.test@evil.test", "https://app.test%00.evil.test",
	"https://app.test evil.test", "https://app.testevil", "https://app", "*", "", "file://", "https://auth.example.org.evil.test",
	"http://localhost:3000", "https://аpp.test", // the latter with a Cyrillic letter
}

func TestCORS(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ours := []string{"https://app.test", publicURL}
	for _, origin := range slices.Concat(ours, foreign) {
		for path, method := range map[string]string{"/graphql?query={authConfig{id}}": http.MethodGet, "/token": http.MethodGet} {
			res := s.send(method, path, "", header{"Origin", origin})
			checkCORS(t, method+" "+path, origin, slices.Contains(ours, origin), res)
		}
		res := s.send(http.MethodOptions, "/graphql", "", header{"Origin", origin,
			"Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "authorization,content-type"})
		checkCORS(t, "a preflight", origin, slices.Contains(ours, origin), res)
		if allowed := res.Header.Get("Access-Control-Allow-Headers") != "" && res.StatusCode < 300; allowed != slices.Contains(ours, origin) {
			t.Errorf("a preflight of %q answers %d %v", origin, res.StatusCode, res.Header)
		}
	}
	t.Run("two origins are none", func(t *testing.T) {
		res := s.send(http.MethodGet, "/graphql?query={authConfig{id}}", "", header{"Origin", "https://evil.test", "Origin", "https://app.test"})
		checkCORS(t, "two origins", "https://evil.test", false, res)
	})
	t.Run("without an origin", func(t *testing.T) {
		checkCORS(t, "no origin", "", false, s.gql(config, nil, nil))
	})
	t.Run("other methods and headers are refused", func(t *testing.T) {
		for _, asks := range []header{
			{"Access-Control-Request-Method", "DELETE"},
			{"Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "x-anything"},
			{"Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", strings.Repeat("authorization,", 5000)},
			{"Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "*"},
			{"Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "authorization", "Access-Control-Request-Headers", "x-anything"},
			{"Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "authorization;content-type"},
			{"Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "authorization content-type"},
			{"Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "authorization\u00a0"},
			{"Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "\u212a"}, // Kelvin, a k in lower case
			{"Access-Control-Request-Method", "post"},
			{"Access-Control-Request-Method", "GET, POST"},
		} {
			res := s.send(http.MethodOptions, "/graphql", "", append(header{"Origin", "https://app.test"}, asks...))
			if _, a := read(t, res); res.StatusCode != http.StatusForbidden || a.code() != "BAD_REQUEST" || res.Header.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("%.80q answers %d %v", asks, res.StatusCode, res.Header)
			}
		}
	})
	t.Run("what clients send is allowed", func(t *testing.T) {
		exposed := strings.ToLower(s.gql(config, nil, header{"Origin", "https://app.test"}).Header.Get("Access-Control-Expose-Headers"))
		for _, name := range []string{"www-authenticate", "x-request-id"} {
			if !strings.Contains(exposed, name) {
				t.Errorf("scripts may read %q, not %s", exposed, name)
			}
		}
	})
}

// Browsers sort the headers they ask for and write them in lower case; proxies
// and people who test by hand do not.
func TestPreflightHeaders(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(o *server.Options) { o.AllowedHeaders = []string{"x-tenant"} })
	for name, asks := range map[string][]string{
		"nothing":              nil,
		"an empty list":        {""},
		"as browsers write it": {"apollo-require-preflight,apollographql-client-name,apollographql-client-version,authorization,content-type"},
		"in any order":         {"content-type,authorization"},
		"in any case":          {"Content-Type, AUTHORIZATION"},
		"with blanks and tabs": {" content-type\t,\t authorization "},
		"with empty items":     {",content-type,,authorization,"},
		"one twice":            {"authorization,authorization"},
		"in several lines":     {"content-type", "authorization, accept"},
		"of the operator":      {"authorization,X-Tenant"},
		"Sentry":               {"authorization,baggage,content-type,sentry-trace"},
		"W3C":                  {"traceparent,tracestate"},
		"jQuery":               {"x-requested-with"},
		"Apollo":               {"x-apollo-operation-name,apollographql-client-name,apollographql-client-version,apollo-require-preflight,graphql-require-preflight"},
		"Relay and Hive":       {"x-graphql-client-name,x-graphql-client-version"},
		"Datadog":              {"x-datadog-origin,x-datadog-parent-id,x-datadog-sampling-priority,x-datadog-trace-id"},
		"others who trace":     {"b3,elastic-apm-traceparent,newrelic,x-b3-sampled,x-b3-spanid,x-b3-traceid"},
		"all that clients ask": {"accept,accept-language,cache-control,content-language,x-request-id"},
	} {
		t.Run(name, func(t *testing.T) {
			h := header{"Origin", "https://app.test", "Access-Control-Request-Method", "POST"}
			for _, line := range asks {
				h = append(h, "Access-Control-Request-Headers", line)
			}
			for _, path := range []string{"/graphql", "/token"} {
				res := s.send(http.MethodOptions, path, "", h)
				checkCORS(t, "a preflight", "https://app.test", true, res)
				if body, _ := read(t, res); res.StatusCode != http.StatusNoContent || body != "" || res.Header.Get("Access-Control-Max-Age") != "600" {
					t.Errorf("%d %v %s", res.StatusCode, res.Header, body)
				}
				allowed := strings.Split(res.Header.Get("Access-Control-Allow-Headers"), ",")
				for name := range strings.SplitSeq(strings.Join(asks, ","), ",") {
					if name = strings.ToLower(strings.Trim(name, " \t")); name != "" && !slices.Contains(allowed, name) {
						t.Errorf("%s is not among %q", name, allowed)
					}
				}
			}
		})
	}
}

// A pattern is one origin after another, for CORS and for what changes something.
func TestOriginPatterns(t *testing.T) {
	t.Parallel()
	previews, err := origin.ParsePattern("https://*.preview.example.com")
	if err != nil {
		t.Fatal(err)
	}
	s := newSite(t, func(o *server.Options) { o.OriginPatterns = []origin.Pattern{previews} })
	for name, allowed := range map[string]bool{
		"https://pr-1.preview.example.com": true, "https://preview.example.com": false, "https://a.b.preview.example.com": false, "http://pr-1.preview.example.com": false,
		"https://pr-1.preview.example.com.evil.test": false, "https://evil.test/.preview.example.com": false, "https://*.preview.example.com": false,
	} {
		res := s.gql(logOut, nil, header{"Origin", name, "Sec-Fetch-Site", "cross-site"})
		checkCORS(t, "a mutation", name, allowed, res)
		if got := res.StatusCode == http.StatusOK; got != allowed {
			t.Errorf("%s: %d", name, res.StatusCode)
		}
		checkCORS(t, "a preflight", name, allowed, s.send(http.MethodOptions, "/graphql", "", header{"Origin", name, "Access-Control-Request-Method", "POST"}))
		if res := s.send(http.MethodPost, "/token", "", header{"Origin", name, "Cookie", "__Host-authgraph=x"}); res.StatusCode != http.StatusForbidden {
			t.Errorf("%s gets %d from /token, which is for our own page", name, res.StatusCode)
		}
	}
}

func checkCORS(t *testing.T, what, origin string, allowed bool, res *http.Response) {
	t.Helper()
	acao, acac := res.Header.Values("Access-Control-Allow-Origin"), res.Header.Values("Access-Control-Allow-Credentials")
	if allowed && (!slices.Equal(acao, []string{origin}) || !slices.Equal(acac, []string{"true"})) {
		t.Errorf("%s of %q is not allowed: %q %q", what, origin, acao, acac)
	}
	if !allowed && len(acao)+len(acac) > 0 {
		t.Errorf("%s of %q is allowed: %q %q", what, origin, acao, acac)
	}
	if !strings.Contains(strings.Join(res.Header.Values("Vary"), ","), "Origin") {
		t.Errorf("%s of %q varies by %q only", what, origin, res.Header.Values("Vary"))
	}
}

// Nothing a page of another origin sends changes anything, with a cookie or
// without: logging somebody in as oneself is an attack, too.
func TestCrossOrigin(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.Account("ann@example.org")
	cookie := setCookie(t, s.logInAs("ann@example.org", "COOKIE", nil), "__Host-authgraph")
	withCookie := func(h header) header { return append(header{"Cookie", cookie.Name + "=" + cookie.Value}, h...) }
	var refused []header
	for _, origin := range foreign {
		if origin != "" {
			refused = append(refused, header{"Origin", origin})
		}
	}
	refused = append(refused,
		header{"Sec-Fetch-Site", "cross-site"}, header{"Sec-Fetch-Site", "same-site"}, header{"Sec-Fetch-Site", "junk"},
		header{"Sec-Fetch-Site", "cross-site", "Origin", "null"}, header{"Sec-Fetch-Site", "same-site", "Origin", "https://sub.example.org"},
		header{"Sec-Fetch-Site", "cross-site", "Referer", publicURL + "/"},
		header{"Origin", publicURL, "Origin", "https://evil.test"}, header{"Origin", "https://app.test", "Origin", "https://app.test"},
	)
	for _, h := range refused {
		for name, res := range map[string]*http.Response{
			"logout":  s.gql(logOut, nil, withCookie(h)),
			"refresh": s.gql(refresh, nil, withCookie(h)),
			"login":   s.logInAs("ann@example.org", "COOKIE", h),
			"/token":  s.send(http.MethodPost, "/token", "", withCookie(h)),
		} {
			if body, _ := read(t, res); res.StatusCode != http.StatusForbidden || len(res.Cookies()) > 0 || strings.Contains(body, "data") {
				t.Errorf("%s with %q answers %d %s", name, h, res.StatusCode, body)
			}
		}
	}
	for name, h := range map[string]header{
		"a program":                  nil,
		"a program with a referrer":  {"Referer", "https://evil.test/"},
		"our own page":               {"Origin", publicURL, "Sec-Fetch-Site", "same-origin"},
		"our own page, old browser":  {"Origin", publicURL},
		"an allowed page":            {"Origin", "https://app.test", "Sec-Fetch-Site", "cross-site"},
		"an allowed page, old":       {"Origin", "https://app.test"},
		"a person who typed the URL": {"Sec-Fetch-Site", "none"},
	} {
		if res := s.logInAs("ann@example.org", "COOKIE", h); res.StatusCode != http.StatusOK || len(res.Cookies()) == 0 {
			t.Errorf("login of %s answers %d", name, res.StatusCode)
		}
	}
	if body, _ := read(t, s.gql(refresh, nil, header{"Cookie", cookie.Name + "=" + cookie.Value})); !strings.Contains(body, "ann@example.org") {
		t.Errorf("the session suffered: %s", body)
	}
}

// A page that says of both itself and us that they are evil.test is no page of
// ours: what the Host header says, the attacker's DNS says.
func TestCrossOriginByHost(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for name, h := range map[string]header{
		"a name of a stranger": {"Host", "evil.test", "Origin", "http://evil.test"},
		"over TLS":             {"Host", "evil.test", "Origin", "https://evil.test"},
		"our name without TLS": {"Host", "auth.example.org", "Origin", "http://auth.example.org"},
		"our name, our port":   {"Host", "auth.example.org:8443", "Origin", "https://auth.example.org:8443"},
		"without a name":       {"Host", "", "Origin", "null"},
	} {
		for path, res := range map[string]*http.Response{"/graphql": s.gql(logOut, nil, h), "/token": s.send(http.MethodPost, "/token", "", h)} {
			if res.StatusCode != http.StatusForbidden {
				t.Errorf("%s: %s answers %d", name, path, res.StatusCode)
			}
		}
	}
	// Behind a proxy that calls us something else, our page stays ours.
	if res := s.gql(logOut, nil, header{"Host", "10.0.0.7:8080", "Origin", publicURL}); res.StatusCode != http.StatusOK {
		t.Errorf("our page behind a proxy: %d", res.StatusCode)
	}
}

func TestDevelopmentOrigins(t *testing.T) {
	t.Parallel()
	s := newSite(t, development)
	for origin, allowed := range map[string]bool{
		"http://localhost:8080": true, "http://localhost:3000": true, "http://localhost": true, "http://127.0.0.1:5173": true,
		"http://localhost.evil.test:3000": false, "http://localhost:3000.evil.test": false, "http://evil.test": false, "null": false,
		"http://127.0.0.1.evil.test": false, "http://127.0.0.2:3000": false, "http://user@localhost:3000@evil.test": false,
	} {
		h := header{"Host", "localhost:8080", "Origin", origin, "Sec-Fetch-Site", "same-site"}
		res := s.gql(`mutation { logout { errors { code } } }`, nil, h)
		if got := res.StatusCode == http.StatusOK; got != allowed {
			t.Errorf("%s: %d", origin, res.StatusCode)
		}
		checkCORS(t, "a mutation", origin, allowed, res)
	}
}

// A name of a stranger that leads to this machine makes the stranger's page one
// of the mailbox's own origin, for all the browser knows.
func TestDevelopmentHosts(t *testing.T) {
	t.Parallel()
	dev := newSite(t, development, func(o *server.Options) { o.Mailbox = http.NotFoundHandler() })
	for host, want := range map[string]int{
		"localhost:8080": 404, "localhost": 404, "LOCALHOST:8080": 404, "app.localhost:8080": 404, "localhost.": 404,
		"127.0.0.1:8080": 404, "[::1]:8080": 404, "192.0.2.5": 404, "": 404,
		"evil.test": 421, "evil.test:8080": 421, "localhost.evil.test": 421, "evillocalhost": 421, "127.0.0.1.evil.test:8080": 421, "127.0.0.1:80@evil.test": 421, "%": 421,
	} {
		if got := dev.send(http.MethodGet, "/dev/mailbox.json", "", header{"Host", host}).StatusCode; got != want {
			t.Errorf("Host %q: %d, want %d", host, got, want)
		}
	}
	production := newSite(t)
	if got := production.send(http.MethodGet, "/healthz", "", header{"Host", "10-0-0-7.pods.internal"}).StatusCode; got != http.StatusOK {
		t.Errorf("a production server, behind a proxy, answers %d", got)
	}
}
