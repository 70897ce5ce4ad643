package oidc_test

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/oidc"
	"github.com/authgraph/authgraph/internal/oidctest"
)

// clock is turned by hand.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) turn(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// scene is a provider on this machine, and ours that asks it.
type scene struct {
	*oidctest.Provider
	ours  *oidc.Provider
	clock *clock
}

func set(now func() time.Time, list ...oidc.Options) *oidc.Set {
	return oidc.NewSet(list, oidc.ReturnURLs{}, oidc.Surroundings{
		RedirectURL: func(id string) string { return "https://auth.example.org/oidc/" + id + "/callback" }, Now: now,
	})
}

func newScene(t *testing.T, change func(o *oidc.Options)) *scene {
	t.Helper()
	s := &scene{clock: &clock{now: time.Now().UTC().Truncate(time.Second)}}
	s.Provider = oidctest.New(s.clock.Now)
	t.Cleanup(func() { s.Close() })
	o := oidc.Options{ID: "corp", Issuer: s.URL, ClientID: oidctest.ClientID, ClientSecret: oidctest.ClientSecret, Email: oidc.EmailVerified}
	if change != nil {
		change(&o)
	}
	s.ours = set(s.clock.Now, o).Get(o.ID)
	return s
}

var visit = oidc.Visit{State: strings.Repeat("s", 43), Nonce: strings.Repeat("n", 43), Verifier: strings.Repeat("v", 43)}

// begin is where the browser is sent.
func (s *scene) begin(t *testing.T, v oidc.Visit) string {
	t.Helper()
	to, err := s.ours.Address(t.Context(), v)
	if err != nil {
		t.Fatalf("Address() = %v", err)
	}
	return to
}

// walk is a whole visit of somebody.
func (s *scene) walk(t *testing.T, person oidctest.Person) (*oidc.Identity, *oidc.Tokens, error) {
	t.Helper()
	s.Login(person)
	came, err := s.Authorize(s.begin(t, visit))
	if err != nil {
		t.Fatalf("Authorize() = %v", err)
	}
	if err := s.ours.CheckIssuer(t.Context(), came.Get("iss")); err != nil {
		return nil, nil, err
	}
	return s.ours.Exchange(t.Context(), oidc.Answer{Code: came.Get("code"), Visit: visit})
}

// isUnusable reports that an answer is refused, and says why.
func isUnusable(err error) bool {
	_, ok := errors.AsType[*oidc.Unusable](err)
	return ok
}

func isUnavailable(err error) bool {
	_, ok := errors.AsType[*oidc.Unavailable](err)
	return ok
}

func TestAWholeVisit(t *testing.T) {
	s := newScene(t, func(o *oidc.Options) { o.Tokens = true })
	to := s.begin(t, visit)
	u, _ := url.Parse(to)
	for name, want := range map[string]string{
		"client_id": oidctest.ClientID, "response_type": "code", "scope": "openid email profile", "state": visit.State, "nonce": visit.Nonce,
		"code_challenge_method": "S256", "redirect_uri": "https://auth.example.org/oidc/corp/callback", "max_age": "", "response_mode": "",
	} {
		if got := u.Query().Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if strings.Contains(to, visit.Verifier) {
		t.Error("the verifier is in the URL")
	}
	who, tokens, err := s.walk(t, oidctest.Ann())
	if err != nil {
		t.Fatal(err)
	}
	if who.Issuer != s.URL || who.Subject != "ann-1" || who.Email != "ann@example.org" || !who.Verified || who.Name != "Ann Example" {
		t.Errorf("it is %+v", who)
	}
	if tokens == nil || tokens.Refresh != "refresh-ann-1" || tokens.ExpiresIn < 3590 {
		t.Errorf("tokens %+v", tokens)
	}
	if s.Count("/userinfo") != 0 || s.Count("/token") != 1 {
		t.Errorf("requests at %q", s.Paths())
	}
}

func TestTheAddressMayBeInUserinfoAlone(t *testing.T) {
	s := newScene(t, nil)
	person := oidctest.Ann()
	person.ElsewhereEmail = true
	who, _, err := s.walk(t, person)
	if err != nil || who.Email != "ann@example.org" || !who.Verified {
		t.Errorf("it is %+v, %v", who, err)
	}
	other := oidctest.Ann()
	other.ElsewhereEmail, other.Claims = true, map[string]any{"sub": "somebody else"}
	if _, _, err := s.walk(t, other); !isUnusable(err) {
		t.Errorf("userinfo of somebody else = %v", err)
	}
}

func TestPresets(t *testing.T) {
	t.Run("github", func(t *testing.T) {
		s := newScene(t, func(o *oidc.Options) { o.Preset, o.Email = "github", "" })
		for what, one := range map[string]struct {
			id, addresses, subject, email string
		}{
			"primary and verified": {"583231", `[{"email":"old@example.org","primary":false,"verified":true},{"email":"ann@example.org","primary":true,"verified":true}]`, "583231", "ann@example.org"},
			"not verified":         {"1", `[{"email":"ann@example.org","primary":true,"verified":false}]`, "1", ""},
			"noreply":              {"1", `[{"email":"1+ann@users.noreply.github.com","primary":true,"verified":true}]`, "1", ""},
			"none":                 {"1", `[]`, "1", ""},
			"above 2^53":           {"9007199254740993", `[]`, "9007199254740993", ""},
			"a text for an id":     {`"583231"`, `[]`, "", ""},
			"no id":                {"", `[]`, "", ""},
			"zero":                 {"0", `[]`, "", ""},
		} {
			who, _, err := s.walk(t, oidctest.Person{Subject: "ann", Email: "x@example.org", ID: one.id, Addresses: one.addresses})
			if one.subject == "" {
				if !isUnusable(err) {
					t.Errorf("%s = %+v, %v", what, who, err)
				}
				continue
			}
			if err != nil || who.Subject != one.subject || who.Email != one.email || who.Verified != (one.email != "") {
				t.Errorf("%s = %+v, %v", what, who, err)
			}
		}
	})
	t.Run("discord", func(t *testing.T) {
		s := newScene(t, func(o *oidc.Options) { o.Preset, o.Email = "discord", "" })
		who, _, err := s.walk(t, oidctest.Person{ID: "80351110224678912", Subject: "nelly", Name: "Nelly", Email: "nelly@example.org", Verified: true})
		if err != nil || who.Subject != "80351110224678912" || !who.Verified || who.Name != "Nelly" {
			t.Errorf("it is %+v, %v", who, err)
		}
	})
	t.Run("microsoft", func(t *testing.T) { testMicrosoft(t) })
	t.Run("apple", func(t *testing.T) { testApple(t) })
}

const tenantA, tenantB = "11111111-2222-3333-4444-555555555555", "66666666-7777-8888-9999-000000000000"

func testMicrosoft(t *testing.T) {
	as := func(s *scene, tenant string, more map[string]any) oidctest.Person {
		claims := map[string]any{"tid": tenant, "iss": s.URL + "/" + tenant + "/v2.0", "oid": "object-1", "sub": "pairwise"}
		for name, value := range more {
			claims[name] = value
		}
		return oidctest.Person{Subject: "x", Email: "ann@example.org", Verified: true, Claims: claims}
	}
	s := newScene(t, func(o *oidc.Options) { o.Preset, o.Email = "microsoft", oidc.EmailVerified })
	s.HideIssuer(true)
	who, _, err := s.walk(t, as(s, tenantA, nil))
	if err != nil || who.Subject != "object-1" || who.Issuer != s.URL+"/"+tenantA+"/v2.0" || who.Verified {
		t.Errorf("it is %+v, %v; email_verified is anybody's to set there", who, err)
	}
	if who, _, err = s.walk(t, as(s, tenantA, map[string]any{"xms_edov": true})); err != nil || !who.Verified {
		t.Errorf("xms_edov = %+v, %v", who, err)
	}
	for what, more := range map[string]map[string]any{
		"another tenant's issuer": {"iss": s.URL + "/" + tenantB + "/v2.0"}, "no tenant": {"tid": nil}, "a name for a tenant": {"tid": "common", "iss": s.URL + "/common/v2.0"},
		"no object": {"oid": nil}, "another host": {"iss": "https://evil.test/" + tenantA + "/v2.0"},
	} {
		if who, _, err := s.walk(t, as(s, tenantA, more)); !isUnusable(err) {
			t.Errorf("%s = %+v, %v", what, who, err)
		}
	}
	one := newScene(t, func(o *oidc.Options) { o.Preset, o.Tenants = "microsoft", []string{tenantA} })
	one.HideIssuer(true)
	if _, _, err := one.walk(t, as(one, tenantB, nil)); !isUnusable(err) {
		t.Errorf("a tenant that may not log in = %v", err)
	}
	if _, _, err := one.walk(t, as(one, tenantA, nil)); err != nil {
		t.Errorf("the tenant that may = %v", err)
	}
}

func testApple(t *testing.T) {
	key := oidctest.AppleKey()
	private, err := oidc.ParseAppleKey(key)
	if err != nil {
		t.Fatal(err)
	}
	s := newScene(t, func(o *oidc.Options) {
		o.Preset, o.Email, o.ClientSecret, o.TeamID, o.KeyID, o.PrivateKey = "apple", "", "", "TEAM", "KEY", private
	})
	to, _ := url.Parse(s.begin(t, visit))
	if q := to.Query(); q.Get("response_mode") != "form_post" || q.Get("code_challenge") != "" || q.Get("nonce") == "" {
		t.Errorf("the request is %v", q)
	}
	person := oidctest.Ann()
	person.Verified, person.Name = "true", ""
	s.Login(person)
	came, err := s.Authorize(to.String())
	if err != nil {
		t.Fatal(err)
	}
	who, _, err := s.ours.Exchange(t.Context(), oidc.Answer{Code: came.Get("code"), Visit: visit, User: `{"name":{"firstName":"Ann","lastName":"Example"},"email":"victim@example.org"}`})
	if err != nil || !who.Verified || who.Name != "Ann Example" || who.Email != "ann@example.org" {
		t.Errorf("it is %+v, %v", who, err)
	}
}

func TestWhatAnAddressIsWorth(t *testing.T) {
	google := set(time.Now, oidc.Options{ID: "google", Preset: "google"}).Get("google")
	for what, one := range map[string]struct {
		identity oidc.Identity
		domain   string
		vouches  bool
		decides  bool
	}{
		"gmail":                     {oidc.Identity{Verified: true}, "gmail.com", true, true},
		"a customer's":              {oidc.Identity{Verified: true, Hosted: "Example.org"}, "example.org", true, true},
		"another domain":            {oidc.Identity{Verified: true, Hosted: "example.org"}, "example.com", true, false},
		"somebody's at another one": {oidc.Identity{Verified: true}, "example.org", true, false},
		"not verified":              {oidc.Identity{}, "gmail.com", false, false},
	} {
		if v, d := google.Vouches(&one.identity, one.domain), google.Decides(&one.identity, one.domain); v != one.vouches || d != one.decides {
			t.Errorf("%s: vouches %t, decides %t", what, v, d)
		}
	}
	corp := set(time.Now, oidc.Options{ID: "corp", Issuer: "https://id.example.org", Authority: []string{"example.org"}}).Get("corp")
	if corp.Vouches(&oidc.Identity{Verified: true}, "example.com") || !corp.Decides(&oidc.Identity{Verified: true}, "example.org") || corp.Vouches(&oidc.Identity{}, "example.org") {
		t.Error("a provider of one's own vouches for more, or less, than AUTHORITY says")
	}
}

func context8(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second)
	t.Cleanup(cancel)
	return ctx
}
