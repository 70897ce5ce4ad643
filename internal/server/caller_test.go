package server_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/server"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

// A request ends in time, whatever it waits for: clients hear of it within ten
// seconds, unless the options say otherwise.
func TestRequestsHaveADeadline(t *testing.T) {
	t.Parallel()
	for option, within := range map[time.Duration][2]time.Duration{0: {0, 10 * time.Second}, time.Hour: {time.Minute, time.Hour}} {
		var left time.Duration
		newSite(t, func(o *server.Options) {
			o.RequestTime = option
			o.GraphQL = http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				if deadline, ok := r.Context().Deadline(); ok {
					left = time.Until(deadline)
				}
			})
		}).gql("{me{id}}", nil, nil)
		if left <= within[0] || left > within[1] {
			t.Errorf("with %v as an option a request has %v left, want %v to %v", option, left, within[0], within[1])
		}
	}
}

func TestBearer(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	good := s.Account("ann@example.org").AccessToken
	const invalid, missing = "UNAUTHENTICATED/INVALID", ""
	for name, test := range map[string]struct {
		header header
		code   string // of me
	}{
		"none is anonymous":                     {nil, missing},
		"a good one is its account":             {header{"Authorization", "Bearer " + good}, "me"},
		"the scheme has no letter case":         {header{"Authorization", "bEARER " + good}, "me"},
		"two headers are refused, good or not":  {header{"Authorization", "Bearer " + good, "Authorization", "Bearer " + good}, invalid},
		"two schemes are refused":               {header{"Authorization", "Basic YTpi", "Authorization", "Bearer " + good}, invalid},
		"a bearer beside a blank is refused":    {header{"Authorization", "", "Authorization", "Bearer " + good}, invalid},
		"two tokens in one header are refused":  {header{"Authorization", "Bearer " + good + ", Bearer " + good}, invalid},
		"another scheme is none":                {header{"Authorization", "Basic YTpi"}, missing},
		"another scheme alone is none":          {header{"Authorization", "Negotiate"}, missing},
		"a scheme with parameters is none":      {header{"Authorization", `Digest username="Bearer", realm="x"`}, missing},
		"a scheme like Bearer is none":          {header{"Authorization", "Bearerish " + good}, missing},
		"what a script writes for null is none": {header{"Authorization", "null"}, missing},
		"other schemes are none":                {header{"Authorization", "Basic YTpi", "Authorization", "", "Authorization", "AWS4-HMAC-SHA256 Credential=x"}, missing},
		"a scheme alone is refused":             {header{"Authorization", "Bearer"}, invalid},
		"a scheme and a space are refused":      {header{"Authorization", "Bearer "}, invalid},
		"a word that is no token is refused":    {header{"Authorization", "Bearer null"}, invalid},
		"a token without scheme is refused":     {header{"Authorization", good}, invalid},
		"an API token alone is refused":         {header{"Authorization", "agt_" + strings.Repeat("x", 49)}, invalid},
		"an empty header is none":               {header{"Authorization", ""}, missing},
		"a blank header is none":                {header{"Authorization", " \t "}, missing},
		"a space of Unicode is refused":         {header{"Authorization", "\u00a0"}, invalid},
		"a comma for the space is refused":      {header{"Authorization", "Bearer," + good}, invalid},
		"a comma in front is refused":           {header{"Authorization", ", Bearer " + good}, invalid},
		"quotes around it are refused":          {header{"Authorization", `"Bearer ` + good + `"`}, invalid},
		"a second space is refused":             {header{"Authorization", "Bearer  " + good}, invalid},
		"a tab for the space is refused":        {header{"Authorization", "Bearer\t" + good}, invalid},
		"a trailing space is refused":           {header{"Authorization", "Bearer " + good + " "}, invalid},
		"something behind the token is refused": {header{"Authorization", "Bearer " + good + "=="}, invalid},
		"other headers are no credential":       {header{"X-Authorization", "Bearer " + good, "Proxy-Authorization", "Bearer " + good}, missing},
	} {
		t.Run(name, func(t *testing.T) {
			res := s.gql(meConfig, nil, test.header)
			_, a := read(t, res)
			if res.StatusCode != http.StatusOK {
				t.Errorf("status %d, want 200", res.StatusCode)
			}
			if string(a.Data["authConfig"]) != `{"id":"authConfig"}` {
				t.Errorf("authConfig, which is public, is %s", a.Data["authConfig"])
			}
			want, challenge := "null", `Bearer error="invalid_token"`
			if test.code == "me" {
				want, test.code = `{"email":"ann@example.org"}`, ""
			}
			if test.code == "" {
				challenge = ""
			}
			if got := string(a.Data["me"]); got != want || a.code() != test.code {
				t.Errorf("me = %s with %q, want %s with %q", got, a.code(), want, test.code)
			}
			if got := res.Header.Get("WWW-Authenticate"); got != challenge {
				t.Errorf("WWW-Authenticate is %q, want %q", got, challenge)
			}
		})
	}
}

func TestBearerReasons(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	login := s.Account("ann@example.org")
	other := s.LogIn("ann@example.org")
	if _, err := s.Logout(t.Context(), s.As(other.AccessToken), auth.LogoutInput{}); err != nil {
		t.Fatalf("Logout() = %v", err)
	}
	_, a := read(t, s.gql(me, nil, header{"Authorization", "Bearer " + other.AccessToken}))
	if got := a.code(); got != "UNAUTHENTICATED/REVOKED" {
		t.Errorf("after the end of the session: %s", got)
	}
	s.Clock.Turn(16 * time.Minute)
	_, a = read(t, s.gql(me, nil, header{"Authorization", "Bearer " + login.AccessToken}))
	if got := a.code(); got != "UNAUTHENTICATED/EXPIRED" {
		t.Errorf("after the token's end: %s", got)
	}
	res := s.gql(`mutation { deleteAccount { errors { code } } }`, nil, nil)
	if _, a = read(t, res); a.code() != "UNAUTHENTICATED/MISSING" || res.Header.Get("WWW-Authenticate") != "Bearer" {
		t.Errorf("without a credential: %s, WWW-Authenticate %q", a.code(), res.Header.Get("WWW-Authenticate"))
	}
}

// A database that cannot be asked must not make a caller anonymous: the client
// would throw away a good session.
func TestCallerCannotBeResolved(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	token := s.Account("ann@example.org").AccessToken
	if err := s.Store.Close(); err != nil {
		t.Fatal(err)
	}
	for path, method := range map[string]string{"/graphql": http.MethodPost, "/token": http.MethodPost} {
		res := s.send(method, path, `{"query":"{ me { id } }"}`, header{"Authorization", "Bearer " + token, "Content-Type", "application/json"})
		body, a := read(t, res)
		if res.StatusCode != http.StatusInternalServerError || a.code() != "INTERNAL_SERVER_ERROR" || a.Data != nil {
			t.Errorf("%s: %d %s", path, res.StatusCode, body)
		}
		id := res.Header.Get("X-Request-Id")
		if id == "" || a.Errors[0].Extensions["requestId"] != id || !strings.Contains(s.log.String(), `"request":"`+id) {
			t.Errorf("%s: the request id %q is not in the answer and the log", path, id)
		}
		for _, telltale := range []string{"sql", "database", "closed", ".go"} {
			if strings.Contains(strings.ToLower(body), telltale) {
				t.Errorf("%s: the answer says %q", path, telltale)
			}
		}
	}
	_, a := read(t, s.gql(config, nil, header{"Authorization", "Bearer junk"}))
	if string(a.Data["authConfig"]) != `{"id":"authConfig"}` {
		t.Error("a bad bearer needs the database, and so do public fields beside it")
	}
}

func TestClientAddress(t *testing.T) {
	t.Parallel()
	const proxy, inner = "10.0.0.7:443", "10.0.0.8"
	var many header
	for i := range 100 {
		many = append(many, "X-Forwarded-For", fmt.Sprintf("198.51.100.%d", i))
	}
	for name, test := range map[string]struct {
		peer   string
		header header
		want   string
	}{
		"the socket's":                            {"203.0.113.5:999", nil, "203.0.113.5"},
		"of a stranger, whatever it says":         {"203.0.113.5:999", header{"X-Forwarded-For", "198.51.100.1"}, "203.0.113.5"},
		"of a stranger that names a proxy":        {"203.0.113.5:999", header{"X-Forwarded-For", "198.51.100.1, 10.0.0.7"}, "203.0.113.5"},
		"headers of other kinds are not believed": {proxy, header{"X-Real-IP", "198.51.100.1", "Forwarded", "for=198.51.100.1", "True-Client-IP", "198.51.100.1", "CF-Connecting-IP", "198.51.100.1"}, "10.0.0.7"},
		"the hop a proxy added":                   {proxy, header{"X-Forwarded-For", "203.0.113.5"}, "203.0.113.5"},
		"not the forged left-most":                {proxy, header{"X-Forwarded-For", "198.51.100.1, 203.0.113.5"}, "203.0.113.5"},
		"past a second proxy":                     {proxy, header{"X-Forwarded-For", "198.51.100.1, 203.0.113.5, " + inner}, "203.0.113.5"},
		"in several headers":                      {proxy, header{"X-Forwarded-For", "198.51.100.1", "X-Forwarded-For", "203.0.113.5", "X-Forwarded-For", inner}, "203.0.113.5"},
		"in a hundred headers":                    {proxy, many, "198.51.100.99"},
		"proxies alone":                           {proxy, header{"X-Forwarded-For", inner + ", " + inner}, inner},
		"garbage ends the belief":                 {proxy, header{"X-Forwarded-For", "198.51.100.1, unknown"}, "10.0.0.7"},
		"garbage behind a second proxy":           {proxy, header{"X-Forwarded-For", "198.51.100.1, 203.0.113.5 evil, " + inner}, inner},
		"an empty entry":                          {proxy, header{"X-Forwarded-For", "198.51.100.1,,"}, "10.0.0.7"},
		"an empty header":                         {proxy, header{"X-Forwarded-For", ""}, "10.0.0.7"},
		"a line break in it":                      {proxy, header{"X-Forwarded-For", "203.0.113.5\r\nX: y"}, "10.0.0.7"},
		"with a port":                             {proxy, header{"X-Forwarded-For", "203.0.113.5:4711"}, "203.0.113.5"},
		"of IPv6 with a port":                     {proxy, header{"X-Forwarded-For", "[2001:db8::1]:4711"}, "2001:db8::1"},
		"of IPv6 in brackets, without a port":     {proxy, header{"X-Forwarded-For", "[2001:db8::7]"}, "2001:db8::7"},
		"in brackets, past a second proxy":        {proxy, header{"X-Forwarded-For", "198.51.100.1, [2001:DB8::7], [fd00::8]"}, "2001:db8::7"},
		"in brackets, of IPv4 written as IPv6":    {proxy, header{"X-Forwarded-For", "[::ffff:203.0.113.5]"}, "203.0.113.5"},
		"of IPv6 in brackets with a zone":         {proxy, header{"X-Forwarded-For", "[fe80::1%eth0]"}, "fe80::1"},
		"of IPv4 in brackets":                     {proxy, header{"X-Forwarded-For", "[203.0.113.5]"}, "10.0.0.7"},
		"half a bracket":                          {proxy, header{"X-Forwarded-For", "[2001:db8::7"}, "10.0.0.7"},
		"the other half":                          {proxy, header{"X-Forwarded-For", "2001:db8::7]"}, "10.0.0.7"},
		"two brackets":                            {proxy, header{"X-Forwarded-For", "[[2001:db8::7]]"}, "10.0.0.7"},
		"brackets around nothing":                 {proxy, header{"X-Forwarded-For", "[]"}, "10.0.0.7"},
		"brackets and a colon":                    {proxy, header{"X-Forwarded-For", "[2001:db8::7]:"}, "10.0.0.7"},
		"a space of Unicode":                      {proxy, header{"X-Forwarded-For", "198.51.100.1,\u00a0203.0.113.5"}, "10.0.0.7"},
		"blanks and tabs":                         {proxy, header{"X-Forwarded-For", "198.51.100.1,\t 203.0.113.5 \t"}, "203.0.113.5"},
		"of IPv6, upper case, with zeros":         {proxy, header{"X-Forwarded-For", "2001:0DB8:0000:0000:0000:0000:0000:0001"}, "2001:db8::1"},
		"of IPv6 with a zone":                     {"[fe80::1%eth0]:999", nil, "fe80::1"},
		"of IPv4 written as IPv6":                 {"[::ffff:203.0.113.5]:999", nil, "203.0.113.5"},
		"of a proxy written as IPv6":              {"[::ffff:10.0.0.7]:999", header{"X-Forwarded-For", "::ffff:203.0.113.5"}, "203.0.113.5"},
		"of a proxy by its IPv6 network":          {"[fd00::7]:999", header{"X-Forwarded-For", "2001:db8::1"}, "2001:db8::1"},
		"no address":                              {"@", header{"X-Forwarded-For", "203.0.113.5"}, "invalid IP"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var heard auth.Caller
			s := newSite(t, listening(&heard), func(o *server.Options) {
				o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
			})
			r := httptest.NewRequest(http.MethodPost, "/graphql", nil)
			r.RemoteAddr = test.peer
			for i := 0; i < len(test.header); i += 2 {
				r.Header.Add(test.header[i], test.header[i+1])
			}
			s.handler.ServeHTTP(httptest.NewRecorder(), r)
			if got := heard.IP.String(); got != test.want {
				t.Errorf("the client is %s, want %s", got, test.want)
			}
			if line := s.log.requests(t)[0]; line["client"] != test.want || line["peer"] != test.peer {
				t.Errorf("the log says client %q, peer %q", line["client"], line["peer"])
			}
		})
	}
}

// Without the setting a whole site shares one count of each limit, and nothing
// but this line tells its operator.
func TestProxyThatIsNotTrusted(t *testing.T) {
	t.Parallel()
	proxies := func(o *server.Options) { o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")} }
	for name, test := range map[string]struct {
		adjust func(*server.Options)
		peer   string
		header http.Header
		want   string // the peer that is named
	}{
		"no proxy is":             {func(*server.Options) {}, "172.18.0.2:999", http.Header{"X-Forwarded-For": {"203.0.113.5"}}, "172.18.0.2"},
		"another one is":          {proxies, "[fd00::7]:999", http.Header{"X-Forwarded-For": {"203.0.113.5"}}, "fd00::7"},
		"whatever it says":        {proxies, "172.18.0.2:999", http.Header{"X-Forwarded-For": {"unknown\r\n", ""}}, "172.18.0.2"},
		"it is":                   {proxies, "10.1.2.3:999", http.Header{"X-Forwarded-For": {"203.0.113.5"}}, ""},
		"no proxy is there":       {proxies, "172.18.0.2:999", nil, ""},
		"development has proxies": {development, "127.0.0.1:999", http.Header{"X-Forwarded-For": {"::1"}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, test.adjust)
			for i := range 10 {
				r := httptest.NewRequest(http.MethodGet, "/healthz", nil)
				r.RemoteAddr, r.Header = test.peer, test.header.Clone()
				if i > 5 && test.want != "" {
					r.RemoteAddr = "192.0.2.9:1" // another one
				}
				s.handler.ServeHTTP(httptest.NewRecorder(), r)
			}
			var named []string
			for _, record := range s.log.records(t) {
				if record["setting"] == "AUTHGRAPH_TRUSTED_PROXIES" && record["level"] == "WARN" {
					named = append(named, fmt.Sprint(record["peer"]))
				}
			}
			if got := strings.Join(named, " "); got != test.want {
				t.Errorf("the log names %q, want %q", got, test.want)
			}
		})
	}
}

// However many addresses a subscriber has, and however one is written, they
// share one count; others have their own.
func TestOneCountForOneSource(t *testing.T) {
	t.Parallel()
	const allowed, tries = 5, 50
	for name, test := range map[string]struct {
		address func(i int) string
		limited bool
	}{
		"of an IPv6 /64":             {func(i int) string { return fmt.Sprintf("2001:db8:0:1:%x::%x", i, i*7) }, true},
		"however IPv6 is written":    {func(i int) string { return []string{"2001:db8::1", "2001:DB8::1", "2001:0db8:0:0:0::0001"}[i%3] }, true},
		"however IPv4 is written":    {func(i int) string { return []string{"203.0.113.5", "::ffff:203.0.113.5", "::FFFF:cb00:7105"}[i%3] }, true},
		"whatever stands left of it": {func(i int) string { return fmt.Sprintf("198.51.100.%d, 203.0.113.5", i) }, true},
		"other /64s":                 {func(i int) string { return fmt.Sprintf("2001:db8:0:%x::1", i) }, false},
		"other IPv4 addresses":       {func(i int) string { return fmt.Sprintf("203.0.113.%d", i) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := authtest.On(t, storetest.SQLite(t), func(s *auth.Settings) { s.Limits.SignUp.Count = allowed })
			s := siteOn(t, env, func(o *server.Options) { o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")} })
			done := 0
			for i := range tries {
				body, a := read(t, s.gql(`mutation { requestPasswordReset(input: {email: "ann@example.org"}) { errors { code } } }`, nil,
					header{"X-Forwarded-For", test.address(i)}))
				switch {
				case a.code() != "":
					t.Fatalf("try %d: %s", i, a.code())
				case !strings.Contains(body, `"code":"RATE_LIMITED"`):
					done++
				}
			}
			if want := map[bool]int{true: allowed, false: tries}[test.limited]; done != want {
				t.Errorf("%d of %d tries were let through, want %d", done, tries, want)
			}
		})
	}
}

// What a stranger calls its program stands in logs, letters and lists.
func TestUserAgent(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ sent, want string }{
		"as it is":                    {"Mozilla/5.0 (X11; Linux) Grüße", "Mozilla/5.0 (X11; Linux) Grüße"},
		"none":                        {"", ""},
		"line breaks":                 {"a\r\nb\nc", "a  b c"},
		"escapes of terminals":        {"a\x1b[31mred\x1b]0;title\x07", "a [31mred ]0;title"},
		"NUL, DEL and C1":             {"a\x00b\x7fc\u0085d\u009be", "a b c d e"},
		"line and paragraph breaks":   {"a\u2028b\u2029c", "a b c"},
		"text that turns its writing": {"a\u202eb\u2066c\u200fd", "a b c d"},
		"invisible letters":           {"a\u200bb\ufeffc\u00add", "a b c d"},
		"invalid UTF-8":               {"a\xffb\xc3", "a b"},
		"half a character":            {"a\xed\xa0\x80b", "a b"},
		"too much of it":              {strings.Repeat("x", 5000), strings.Repeat("x", 256)},
		"cut within a character":      {strings.Repeat("x", 255) + "ü", strings.Repeat("x", 255)},
		"cut behind a character":      {strings.Repeat("x", 254) + "üü", strings.Repeat("x", 254) + "ü"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var heard auth.Caller
			newSite(t, listening(&heard)).send(http.MethodPost, "/graphql", "", header{"User-Agent", test.sent})
			if heard.UserAgent != test.want {
				t.Errorf("%q, want %q", heard.UserAgent, test.want)
			}
		})
	}
}
