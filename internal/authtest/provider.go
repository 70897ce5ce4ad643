package authtest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"strings"
	"testing"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/oidc"
	"github.com/authgraph/authgraph/internal/oidctest"
	"github.com/authgraph/authgraph/internal/store"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

// ReturnURL is where browsers come back to.
const ReturnURL = "https://app.example.org/signed-in"

// EachProvider is Each with a provider that people can log in with, as corp. A change
// adjusts its options, or adds more providers.
func EachProvider(t *testing.T, test func(t *testing.T, env *Env, at *oidctest.Provider), change func(list *[]oidc.Options, at *oidctest.Provider), adjust ...func(*auth.Settings)) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		env, at := OnProvider(t, s, change, adjust...)
		test(t, env, at)
	})
}

// OnProvider makes an Env with a provider on a database.
func OnProvider(t testing.TB, s *store.Store, change func(list *[]oidc.Options, at *oidctest.Provider), adjust ...func(*auth.Settings)) (*Env, *oidctest.Provider) {
	t.Helper()
	var at *oidctest.Provider
	var list []oidc.Options
	env := on(t, s, adjust, keepCallers, func(o *auth.Options) {
		at = oidctest.New(o.Now)
		list = []oidc.Options{Corp(at)}
		if change != nil {
			change(&list, at)
		}
		o.Providers = ProviderSet(o, list)
	})
	env.At, env.providers = at, list
	t.Cleanup(at.Close)
	return env, at
}

// Corp is the options of the provider corp: any OpenID Connect provider, whose word on
// addresses is taken.
func Corp(at *oidctest.Provider) oidc.Options {
	return oidc.Options{ID: "corp", Issuer: at.URL, ClientID: oidctest.ClientID, ClientSecret: oidctest.ClientSecret, Email: oidc.EmailVerified}
}

// ProviderSet makes the providers of a service.
func ProviderSet(o *auth.Options, list []oidc.Options) *oidc.Set {
	return oidc.NewSet(list, oidc.ReturnURLs{List: []string{ReturnURL}}, oidc.Surroundings{
		RedirectURL: func(id string) string { return "https://auth.example.org/oidc/" + id + "/callback" },
		StartURL:    func(flow string) string { return "https://auth.example.org/oidc/start?flow=" + flow },
		Now:         o.Now,
	})
}

// Visit is a browser on its way to a provider and back, and the front end that has
// sent it.
type Visit struct {
	Browser  auth.Caller
	Verifier string
	Flow     string // as startProviderLogin named it
	To       string // where the browser is now
	Came     url.Values
	Code     string
}

// visits are what browsers do that log in with providers.
type visits struct{ env *Env }

// Begin starts a visit to corp: the browser stands before the provider.
func (s *visits) Begin(c auth.Caller, what auth.ProviderPurpose) *Visit {
	s.env.t.Helper()
	v, err := s.TryBegin(c, auth.StartProviderLoginInput{Provider: "corp", ReturnURL: ReturnURL, Purpose: what})
	if err != nil {
		s.env.t.Fatalf("StartProviderLogin() = %v", err)
	}
	s.Open(v)
	return v
}

// TryBegin asks for a visit. The challenge is made here.
func (s *visits) TryBegin(c auth.Caller, in auth.StartProviderLoginInput) (*Visit, error) {
	v := &Visit{Browser: Stranger("192.0.2.1"), Verifier: rand.Text() + rand.Text()}
	sum := sha256.Sum256([]byte(v.Verifier))
	in.Challenge = base64.RawURLEncoding.EncodeToString(sum[:])
	started, err := s.env.StartProviderLogin(context.Background(), c, in)
	if err != nil {
		return nil, err
	}
	v.To, v.Flow = started.URL, started.Flow
	return v, nil
}

// Open opens the page of ours that sends the browser to the provider.
func (s *visits) Open(v *Visit) {
	s.env.t.Helper()
	_, flow, _ := strings.Cut(v.To, "?flow=")
	to, err := s.env.GoToProvider(context.Background(), v.Browser, flow)
	if err != nil {
		s.env.t.Fatalf("GoToProvider() = %v", err)
	}
	v.To, v.Browser = to, Keeping(v.Browser)
}

// Return logs in at the provider and comes back to us.
func (s *visits) Return(v *Visit, at *oidctest.Provider) *Visit {
	s.env.t.Helper()
	came, err := at.Authorize(v.To)
	if err != nil {
		s.env.t.Fatalf("Authorize() = %v", err)
	}
	v.Came = came
	if err := s.Take(v, "corp"); err != nil {
		s.env.t.Fatalf("TakeAnswer() = %v", err)
	}
	return v
}

// Take gives us what the browser brings back, at a provider's path.
func (s *visits) Take(v *Visit, provider string) error {
	c := v.Browser
	c.Browser = &auth.Browser{Flows: v.Browser.Browser.Flows}
	to, err := s.env.TakeAnswer(context.Background(), c, auth.ProviderAnswer{
		Provider: provider, State: v.Came.Get("state"), Code: v.Came.Get("code"), Error: v.Came.Get("error"), Issuer: v.Came.Get("iss"), User: v.Came.Get("user"),
	})
	if err != nil {
		return err
	}
	v.To = to
	_, fragment, _ := strings.Cut(to, "#")
	values, err := url.ParseQuery(fragment)
	v.Code = values.Get("code")
	return err
}

// Answer is what the front end presents.
func (v *Visit) Answer() *auth.ProviderAnswerInput {
	return &auth.ProviderAnswerInput{Code: v.Code, Verifier: v.Verifier}
}

// Visited sends a browser to corp and back, to log in here.
func (s *visits) Visited(at *oidctest.Provider) *Visit {
	s.env.t.Helper()
	return s.Return(s.Begin(Anyone(), auth.ToLogIn), at)
}

// By logs in with a person at corp.
func (s *visits) By(at *oidctest.Provider, person oidctest.Person) (*auth.ProviderOutcome, error) {
	s.env.t.Helper()
	at.Login(person)
	return s.env.LoginWithProvider(context.Background(), Anyone(), auth.LoginWithProviderInput{Answer: s.Visited(at).Answer()})
}

// LoggedInBy is By, and it must log in.
func (s *visits) LoggedInBy(at *oidctest.Provider, person oidctest.Person) *auth.ProviderOutcome {
	s.env.t.Helper()
	outcome, err := s.By(at, person)
	if err != nil || outcome.Login == nil {
		s.env.t.Fatalf("LoginWithProvider(%s) = %+v, %v, want a login", person.Subject, outcome, err)
	}
	return outcome
}

// Linked links a person at corp with a login's account.
func (s *visits) Linked(at *oidctest.Provider, login *auth.Login, person oidctest.Person) (*auth.LinkedIdentity, error) {
	s.env.t.Helper()
	at.Login(person)
	v := s.Return(s.Begin(s.env.As(login.AccessToken), auth.ToLink), at)
	return s.env.LinkIdentity(context.Background(), s.env.As(login.AccessToken), auth.LinkIdentityInput{Answer: v.Answer()})
}

// Keeping is a caller's browser at its next request, with the cookies of visits that
// it was given.
func Keeping(c auth.Caller) auth.Caller {
	next := &auth.Browser{Flows: map[string]string{}}
	for suffix, value := range c.Browser.Flows {
		next.Flows[suffix] = value
	}
	for _, cookie := range c.Browser.Changes() {
		if cookie.Name != auth.FlowCookie {
			continue
		}
		if cookie.Value == "" {
			delete(next.Flows, cookie.Suffix)
		} else {
			next.Flows[cookie.Suffix] = cookie.Value
		}
	}
	c.Browser = next
	return c
}
