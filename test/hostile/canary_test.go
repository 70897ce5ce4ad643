package hostile

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/authgraph/authgraph/internal/mailtest"
)

// canaries are secrets of known value, by what they are.
type canaries map[string]string

// forms are the ways in which a secret could be written somewhere.
func forms(secret string) [][]byte {
	reversed := []byte(secret)
	slices.Reverse(reversed)
	quoted, _ := json.Marshal(secret) // text always encodes
	all := [][]byte{
		[]byte(secret), reversed, bytes.Trim(quoted, `"`),
		[]byte(hex.EncodeToString([]byte(secret))), []byte(strings.ToUpper(hex.EncodeToString([]byte(secret)))),
		[]byte(url.QueryEscape(secret)), []byte(url.PathEscape(secret)),
	}
	// Within something longer that is in base64, the secret begins at one of three places in a group.
	for before := range 3 {
		padded := append(make([]byte, before), secret...)
		whole := len(padded) / 3 * 3
		skip := []int{0, 4, 4}[before]
		all = append(all, []byte(base64.StdEncoding.EncodeToString(padded[:whole]))[skip:], []byte(base64.URLEncoding.EncodeToString(padded[:whole]))[skip:])
	}
	return all
}

// check looks for every canary in every form.
func (c canaries) check(t testing.TB, where string, text []byte) {
	t.Helper()
	for what, secret := range c {
		if len(secret) < 8 {
			t.Fatalf("the canary %s is too short to look for: %q", what, secret)
		}
		for _, form := range forms(secret) {
			if i := bytes.Index(text, form); i >= 0 {
				t.Errorf("%s: %s holds %q, as in %.200q", what, where, form, text[max(0, i-60):])
				break
			}
		}
	}
}

// checkBytes looks for what is inside of refresh tokens: past the session's id
// and the generation all of it is secret.
func checkBytes(t testing.TB, where string, dump []byte, refreshToken string) {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(refreshToken, "agr_"))
	if err != nil || len(raw) < 64 {
		t.Fatalf("a refresh token is not as this test knows it: %d bytes, %v", len(raw), err)
	}
	for i := 24; i+12 <= len(raw); i++ {
		if part := raw[i : i+12]; bytes.Contains(dump, part) || bytes.Contains(dump, []byte(hex.EncodeToString(part))) {
			t.Errorf("%s holds bytes %d to %d of a refresh token", where, i, i+12)
			return
		}
	}
}

func random(name string) string { return "canary " + name + " " + rand.Text() }

func TestCanaries(t *testing.T) {
	besides(t, func(t *testing.T, s *site) {
		pepper := make([]byte, 32)
		rand.Read(pepper) //nolint:errcheck // it never fails
		c := canaries{"the secret": s.secret, "the mail server's password": mailtest.Password, "the pepper": base64.StdEncoding.EncodeToString(pepper)}
		if _, ok := s.file(); !ok {
			u, err := url.Parse(s.database)
			if err != nil {
				t.Fatal(err)
			}
			c["the database's password"] = "canary" + rand.Text()
			if given, ok := u.User.Password(); ok {
				c["the database's password"] = given
			} else {
				u.User = url.UserPassword(u.User.Username(), c["the database's password"]) // which the server does not ask for
				s.database = u.String()
			}
		}
		s.unlimited()
		s.set("LOG_LEVEL=debug", "PASSWORD_PEPPER=k1:"+c["the pepper"], "SIGN_IN_NOTICE=true")
		p := s.start()
		x := &canaryRun{site: s, program: p, canaries: c, t: t}
		x.flows()
		x.refusals()
		x.faults()
		sealed := x.undelivered()
		p.stop()

		seen := []byte(p.out.String() + p.log.String() + s.command("config") + s.command("keys", "list") + s.command("audit"))
		c.check(t, "the log or the output of a command", seen)
		dump := append(s.dump(), sealed...)
		c.check(t, "the database", dump)
		for _, token := range x.refreshTokens {
			checkBytes(t, "the database", dump, token)
		}
		if files, err := os.ReadDir(p.cmd.Dir); err != nil || len(files) > 0 {
			t.Errorf("the program left %v behind, %v", files, err)
		}
		if n := s.count(`SELECT count(*) FROM users WHERE password_hash NOT LIKE '%argon2id%m=19456,t=2,p=1%'`); n > 0 {
			t.Errorf("%d passwords are stored below the floor", n)
		}
	})
}

// canaryRun goes through every operation with canaries.
type canaryRun struct {
	*site
	*program
	canaries
	t             testing.TB
	refreshTokens []string
}

// keep notes what an answer handed out.
func (x *canaryRun) keep(what string, p payload) payload {
	x.t.Helper()
	if p.Auth == nil {
		x.t.Fatalf("%s hands nothing out", what)
	}
	x.canaries["the access token of "+what] = p.Auth.AccessToken
	if p.Auth.RefreshToken != "" {
		x.canaries["the refresh token of "+what] = p.Auth.RefreshToken
		x.refreshTokens = append(x.refreshTokens, p.Auth.RefreshToken)
	}
	return p
}

// secret makes a canary.
func (x *canaryRun) secret(what string) string {
	x.canaries[what] = random(what)
	return x.canaries[what]
}

// letter takes the token from the next letter.
func (x *canaryRun) letter(what, address string) string {
	x.t.Helper()
	x.canaries[what] = x.site.mail.Token(x.t, address)
	return x.canaries[what]
}

// cookies keeps what an answer sets.
func (x *canaryRun) cookies(what string, a *answer) (header []string) {
	for _, cookie := range (&http.Response{Header: a.header}).Cookies() {
		if cookie.Value != "" {
			x.canaries["the cookie "+cookie.Name+" of "+what] = cookie.Value
			header = append(header, "Cookie", cookie.Name+"="+cookie.Value)
		}
	}
	return header
}

// flows runs what succeeds.
func (x *canaryRun) flows() {
	const ann = "ann@example.org"
	x.must(signUp, input{"email": ann, "password": x.secret("the first password")})
	a := x.must(confirm, input{"token": x.letter("the confirmation's token", ann), "password": x.canaries["the first password"]})
	x.keep("confirm", a.payload())
	x.keep("signUp", x.must(signUp, input{"username": "bob", "password": x.secret("bob's password")}).payload())

	a = x.must(login, input{"email": ann, "password": x.canaries["the first password"], "session": input{"delivery": "COOKIE", "deviceName": "canary's phone"}})
	session := bearer(x.keep("login", a.payload()).Auth.AccessToken)
	cookies := x.cookies("login", a)
	a = x.must(refresh, nil, cookies...)
	x.keep("refresh by cookie", a.payload())
	cookies = x.cookies("refresh", a)
	a, err := x.send(context.Background(), http.MethodPost, "/token", nil, cookies...)
	if err != nil || a.status != http.StatusCreated {
		x.t.Fatalf("/token: %v %v", a, err)
	}
	x.cookies("/token", a)
	x.exchanged("the cookie's access token", a)
	first := x.keep("login for the body", x.must(login, input{"email": ann, "password": x.canaries["the first password"]}).payload())
	x.keep("refresh", x.must(refresh, input{"refreshToken": first.Auth.RefreshToken}).payload())

	a = x.must(`mutation issueApiToken($input: IssueApiTokenInput!) { issueApiToken(input: $input) { token apiToken { hint } errors { code } } }`,
		input{"name": "canary's job", "scopes": []string{"account:read"}}, session...)
	var issued struct{ Token string }
	_ = json.Unmarshal(a.Data["issueApiToken"], &issued) // an empty one is found below
	x.canaries["the API token"] = issued.Token
	if a, err = x.send(context.Background(), http.MethodPost, "/token", nil, bearer(issued.Token)...); err != nil || a.status != http.StatusCreated {
		x.t.Fatalf("/token: %v %v", a, err)
	}
	x.exchanged("the API token's access token", a)
	x.must(meQuery, nil, bearer(issued.Token)...)
	x.must(meQuery, nil, bearer(x.canaries["the API token's access token"])...)

	x.must(update, input{"currentPassword": x.canaries["the first password"], "newPassword": x.secret("the second password")}, session...)
	x.must(`mutation reauthenticate($input: ReauthenticateInput!) { reauthenticate(input: $input) { session { id } errors { code } } }`,
		input{"password": x.canaries["the second password"]}, session...)
	x.must(update, input{"currentPassword": x.canaries["the second password"], "email": "anna@example.org"}, session...)
	a = x.must(confirm, input{"token": x.letter("the change's token", "anna@example.org"), "password": x.canaries["the second password"]})
	x.keep("confirm of a change", a.payload())
	x.must(askReset, input{"email": "anna@example.org"})
	a = x.must(`mutation resetPassword($input: ResetPasswordInput!) { resetPassword(input: $input) { auth { accessToken refreshToken user { id } } errors { code } } }`,
		input{"token": x.letter("the reset's token", "anna@example.org"), "newPassword": x.secret("the third password")})
	x.keep("resetPassword", a.payload())
}

func (x *canaryRun) exchanged(what string, a *answer) {
	var token struct{ AccessToken string }
	_ = json.Unmarshal(a.body, &token) // an empty one is found later
	x.canaries[what] = token.AccessToken
}

// refusals runs what fails, with secrets in all places, right and wrong. None
// may come back.
func (x *canaryRun) refusals() {
	const anna = "anna@example.org"
	wrongPassword, good := x.secret("a wrong password"), x.canaries["the access token of resetPassword"]
	inline := fmt.Sprintf(`mutation { login(input: {email: %q, password: %q`, anna, x.secret("a password in a broken document"))
	posts := map[string]string{
		"a broken document":       `{"query":` + quote(inline) + `}`,
		"an unknown field":        `{"query":` + quote(inline+`, canary: "`+wrongPassword+`"}) { status } }`) + `}`,
		"a broken body":           `{"query":"{me{id}}","variables":{"input":{"password":"` + wrongPassword + `"`,
		"a value of a wrong type": `{"query":` + quote(login) + `,"variables":{"input":{"email":"` + anna + `","password":["` + wrongPassword + `"]}}}`,
		"an unknown input field":  `{"query":` + quote(login) + `,"variables":{"input":{"email":"` + anna + `","password":"` + wrongPassword + `","` + wrongPassword + `":1}}}`,
		"a wrong enum":            `{"query":` + quote(login) + `,"variables":{"input":{"email":"` + anna + `","password":"x","session":{"delivery":"` + wrongPassword + `"}}}}`,
		"a wrong password":        `{"query":` + quote(login) + `,"variables":{"input":{"email":"` + anna + `","password":"` + wrongPassword + `"}}}`,
		"a bad address":           `{"query":` + quote(login) + `,"variables":{"input":{"email":"` + wrongPassword + `","password":"` + wrongPassword + `"}}}`,
		"a used token":            `{"query":` + quote(confirm) + `,"variables":{"input":{"token":"` + x.canaries["the confirmation's token"] + `","password":"` + wrongPassword + `"}}}`,
		"an operation name":       `{"query":"{me{id}}","operationName":"` + wrongPassword + `"}`,
		"a hash of a document":    `{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"` + wrongPassword + `"}}}`,
		"a spent refresh token":   `{"query":` + quote(refresh) + `,"variables":{"input":{"refreshToken":"` + x.canaries["the refresh token of confirm"] + `"}}}`,
	}
	for what, body := range posts {
		a, err := x.send(context.Background(), http.MethodPost, "/graphql", []byte(body), "Content-Type", "application/json")
		x.refused(what, a, err)
	}
	basic := base64.StdEncoding.EncodeToString([]byte("ann:" + x.secret("a password by Basic")))
	for what, r := range map[string]struct {
		method, path string
		headers      []string
	}{
		"a token in the query":    {http.MethodGet, "/graphql?query=" + url.QueryEscape("{me{id") + "&access_token=" + good, nil},
		"variables in the query":  {http.MethodGet, "/graphql?query={me}&variables=" + url.QueryEscape(`{"password":"`+wrongPassword+`"}`), nil},
		"Basic":                   {http.MethodPost, "/token", []string{"Authorization", "Basic " + basic}},
		"a token with a typo":     {http.MethodPost, "/token", bearer(good + "x")},
		"an access token":         {http.MethodPost, "/token", bearer(good)},
		"a foreign origin":        {http.MethodPost, "/token?x=" + good, []string{"Origin", "https://" + good[:40] + ".test", "Cookie", "__Host-authgraph=" + good}},
		"a header of another":     {http.MethodPost, "/graphql", []string{"X-Api-Key", x.canaries["the API token"], "Referer", "https://x.test/?t=" + good, "User-Agent", "t"}},
		"a method":                {http.MethodDelete, "/graphql?password=" + url.QueryEscape(wrongPassword), nil},
		"a query string in error": {http.MethodGet, "/nowhere?password=" + url.QueryEscape(wrongPassword), nil},
	} {
		a, err := x.send(context.Background(), r.method, r.path, nil, r.headers...)
		x.refused(what, a, err)
	}
}

func quote(text string) string {
	quoted, _ := json.Marshal(text) // text always encodes
	return string(quoted)
}

// refused checks an answer that must refuse, and hold no canary.
func (x *canaryRun) refused(what string, a *answer, err error) {
	x.t.Helper()
	if err != nil && a == nil {
		x.t.Fatal(err)
	}
	if a.status < 400 && a.code() == "" {
		x.t.Errorf("%s is not refused: %d %s", what, a.status, a.body)
	}
	x.canaries.check(x.t, "the answer to "+what, a.body)
	for name, values := range a.header {
		x.canaries.check(x.t, "the header "+name+" of the answer to "+what, []byte(strings.Join(values, " ")))
	}
}

// faults has the mail server and the database fail, and programs fail to
// start.
func (x *canaryRun) faults() {
	for _, fault := range []mailtest.Fault{{Rcpt: 550}, {Auth: 535}} {
		x.site.mail.Set(fault)
		x.must(askReset, input{"email": "anna@example.org"})
		x.await(patience, "no letter was tried", func() bool {
			return x.site.count(`SELECT count(*) FROM outbox_messages WHERE state = 'waiting' AND attempts = 0`) == 0
		})
	}
	x.site.mail.Heal()
	if _, ok := x.file(); !ok {
		db := x.open()
		if _, err := db.ExecContext(context.Background(), `ALTER TABLE throttles RENAME TO throttles_away`); err != nil {
			x.t.Fatal(err)
		}
		a, err := x.ask(context.Background(), login, input{"email": "anna@example.org", "password": x.canaries["the third password"]})
		if err != nil || a.code() != "INTERNAL_SERVER_ERROR" {
			x.t.Errorf("without a table: %v, %v", a, err)
		}
		x.canaries.check(x.t, "the answer in a fault", a.body)
		if _, err := db.ExecContext(context.Background(), `ALTER TABLE throttles_away RENAME TO throttles`); err != nil {
			x.t.Fatal(err)
		}
	}
	for name, setting := range map[string]string{
		"DATABASE_URL": "postgres://me:%s@127.0.0.1:1/x?sslmode=disable&connect_timeout=1", "SMTP_URL": "smtp://me:%s@", "SECRET": "%s",
		"PASSWORD_PEPPER": "k1:%s", "SECRET_PREVIOUS": "%s short", "LISTEN_URL": "postgres://me:%s@[::1", "PUBLIC_URL": "https://me:%s@x.test",
	} {
		value := strings.ReplaceAll(fmt.Sprintf(setting, x.secret("a bad " + name)[:20]), " ", "+")
		x.canaries["a bad "+name] = strings.ReplaceAll(x.canaries["a bad "+name][:20], " ", "+")
		for _, command := range []string{"serve", "config", "migrate"} {
			cmd := x.site.cmd(command)
			cmd.Env = append(cmd.Env, "AUTHGRAPH_DATABASE_WAIT=0s", "AUTHGRAPH_"+name+"="+value)
			out, err := cmd.CombinedOutput()
			if err == nil && command == "serve" {
				x.t.Errorf("%s starts with a bad %s", command, name)
			}
			x.canaries.check(x.t, "what "+command+" says with a bad "+name, out)
		}
	}
}

// undelivered returns a dump of the database while a letter with a token
// waits; the token is taken from the letter when it has come.
func (x *canaryRun) undelivered() []byte {
	x.site.mail.Set(mailtest.Fault{Refuse: true})
	x.must(signUp, input{"email": "late@example.org", "password": x.secret("a late password")})
	dump := x.site.dump()
	x.site.mail.Heal()
	x.letter("a letter's token that waited", "late@example.org")
	return dump
}
