// Package authtest gives tests a Service on a fresh database, with a clock to
// turn and the mail to read. Tests set up through the public operations, as
// people do.
package authtest

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/outboxmessage"
	"github.com/authgraph/authgraph/internal/accesstoken"
	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/limit"
	"github.com/authgraph/authgraph/internal/mail"
	"github.com/authgraph/authgraph/internal/oidc"
	"github.com/authgraph/authgraph/internal/oidctest"
	"github.com/authgraph/authgraph/internal/outbox"
	"github.com/authgraph/authgraph/internal/password"
	"github.com/authgraph/authgraph/internal/secret"
	"github.com/authgraph/authgraph/internal/store"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

// Password is one that the policy accepts.
const Password = "correct horse battery"

// Env is a Service and what surrounds it.
type Env struct {
	*auth.Service
	*visits
	Store *store.Store
	Clock *Clock
	// At is the provider corp of OnProvider; nil elsewhere.
	At *oidctest.Provider
	// providers are the options of all providers.
	providers []oidc.Options
	secret    *secret.Root
	box       *outbox.Outbox
	t         testing.TB
	// uncached says that a Process of it keeps no callers by itself.
	uncached bool
}

// IdleTTL is how long a session that is not used lives at the longest: REFRESH_TTL,
// and what rounding adds.
func (e *Env) IdleTTL() time.Duration {
	return (e.RefreshTTL + e.RefreshTTL/336).Truncate(time.Microsecond)
}

// Clock is turned by hand. It is safe for use by many goroutines.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now is what the clock shows.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Turn moves the clock on.
func (c *Clock) Turn(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Settings are the defaults, with limits that tests do not meet by accident.
func Settings() auth.Settings {
	return auth.Settings{
		ServiceName: "Example",
		AccessTTL:   15 * time.Minute, RefreshTTL: 14 * 24 * time.Hour, SessionTTL: 30 * 24 * time.Hour,
		RefreshGrace: 10 * time.Second, ConfirmTTL: 24 * time.Hour, ResetTTL: time.Hour, RecentTTL: 15 * time.Minute,
		ChallengeTTL: 10 * time.Minute, SecondFactor: auth.SecondFactorOptional, Passkeys: true,
		EmailLogin: true, EmailCodeTTL: 10 * time.Minute,
		APITokenTTL: 365 * 24 * time.Hour, Scopes: []string{"orders:write"}, Usernames: true, SignUps: true,
		Limits: auth.Limits{
			Login:  limit.Limit{Count: 1000, Per: 15 * time.Minute},
			SignUp: limit.Limit{Count: 10000, Per: time.Hour},
			Mail:   limit.Limit{Count: 1000, Per: time.Hour},
			Factor: limit.Limit{Count: 1000, Per: 15 * time.Minute},
		},
	}
}

// Each runs test with an Env on SQLite and, where there is one, on PostgreSQL.
// An adjustment changes the settings.
func Each(t *testing.T, test func(t *testing.T, env *Env), adjust ...func(*auth.Settings)) {
	storetest.Each(t, func(t *testing.T, s *store.Store) { test(t, On(t, s, adjust...)) })
}

// On makes an Env on a database. Two on one database are two replicas; the
// second takes the clock and secret of the first by Replica.
func On(t testing.TB, s *store.Store, adjust ...func(*auth.Settings)) *Env {
	t.Helper()
	return on(t, s, adjust, keepCallers)
}

func on(t testing.TB, s *store.Store, adjust []func(*auth.Settings), change ...func(*auth.Options)) *Env {
	t.Helper()
	root, err := secret.New(secret.Generate())
	if err != nil {
		t.Fatalf("make a secret: %v", err)
	}
	clock := &Clock{now: time.Now().UTC().Truncate(time.Second)}
	return newEnv(t, s, root, clock, append([]func(*auth.Options){with(adjust)}, change...)...)
}

// Replica makes another Service on the Env's database, as a second process.
func (e *Env) Replica(s *store.Store, adjust ...func(*auth.Settings)) *Env {
	e.t.Helper()
	return e.Process(s, with(adjust))
}

// Hashing makes another Service on the Env's database, which hashes passwords
// in its own way.
func (e *Env) Hashing(hashing password.Options, adjust ...func(*auth.Settings)) *Env {
	e.t.Helper()
	return e.Process(e.Store, with(adjust), func(o *auth.Options) { o.Passwords = hasher(e.t, hashing) })
}

// with is the default settings, adjusted.
func with(adjust []func(*auth.Settings)) func(*auth.Options) {
	return func(o *auth.Options) {
		for _, change := range adjust {
			change(&o.Settings)
		}
	}
}

// hasher makes one that by default has room for everybody.
func hasher(t testing.TB, o password.Options) *password.Hasher {
	t.Helper()
	h, err := password.New(o)
	if err != nil {
		t.Fatalf("make a hasher: %v", err)
	}
	return h
}

func newEnv(t testing.TB, s *store.Store, root *secret.Root, clock *Clock, change ...func(*auth.Options)) *Env {
	t.Helper()
	env, err := tryEnv(t, s, root, clock, change...)
	if err != nil {
		t.Fatalf("make a service: %v", err)
	}
	return env
}

func tryEnv(t testing.TB, s *store.Store, root *secret.Root, clock *Clock, change ...func(*auth.Options)) (*Env, error) {
	t.Helper()
	o := options(t, s, root, clock, change)
	service, err := auth.New(t.Context(), o)
	if err != nil {
		return nil, err
	}
	env := &Env{Service: service, Store: s, Clock: clock, secret: o.Secret, box: o.Outbox, t: t}
	env.visits = &visits{env}
	if o.CacheCallers {
		env.run()
	}
	return env, nil
}

func options(t testing.TB, s *store.Store, root *secret.Root, clock *Clock, change []func(*auth.Options)) auth.Options {
	o := auth.Options{
		Settings: Settings(), Store: s, Secret: root, Party: Party(), Policy: password.Policy{Min: 8, Max: 128},
		Passwords: hasher(t, password.Options{Scheme: password.InsecureForTests(), Queue: 1000, Wait: storetest.Patience}),
		Tokens:    accesstoken.Options{Issuer: "https://auth.example.org", Audience: "https://example.org", Algorithm: accesstoken.ES256},
		Log:       slog.New(slog.DiscardHandler), Now: clock.Now,
		TurnPatience: storetest.Patience,
	}
	for _, change := range change {
		change(&o)
	}
	o.Outbox = outbox.New(s, o.Secret, clock.Now)
	return o
}

// DiscardKeys is auth.DiscardKeys on the Env's database with another secret, as
// after the Env's was lost.
func (e *Env) DiscardKeys(c auth.Caller, root *secret.Root, sure func() error) (auth.Discarded, error) {
	return auth.DiscardKeys(context.Background(), options(e.t, e.Store, root, e.Clock, nil), c, sure)
}

// Letter is one that waits in the outbox.
type Letter struct {
	Name, To, Token string
	Content         mail.Letter
}

// Letters lists the letters to an address that wait, oldest first; all of them
// for an empty address. Rows that send nothing are left out.
func (e *Env) Letters(to string) []Letter {
	e.t.Helper()
	rows, err := e.Store.OutboxMessage.Query().
		Where(outboxmessage.StateEQ(outboxmessage.StateWaiting), outboxmessage.RecipientNEQ("")).
		Order(outboxmessage.ByID()).All(context.Background())
	if err != nil {
		e.t.Fatalf("read letters: %v", err)
	}
	var letters []Letter
	for _, row := range rows {
		if to == "" || row.Recipient == to {
			letters = append(letters, e.open(row))
		}
	}
	return letters
}

func (e *Env) open(row *ent.OutboxMessage) Letter {
	e.t.Helper()
	l := Letter{Name: row.Letter, To: row.Recipient}
	if err := json.Unmarshal(row.Content, &l.Content); err != nil {
		e.t.Fatalf("read a letter: %v", err)
	}
	if row.SealedToken != nil && len(*row.SealedToken) > 0 { // ent reads NULL as empty
		plain, _, err := e.secret.Open("outbox", *row.SealedToken, row.ID[:])
		if err != nil {
			e.t.Fatalf("open a letter's token: %v", err)
		}
		l.Token = string(plain)
	}
	return l
}

// Token returns the token of the newest letter of a name to an address.
func (e *Env) Token(name, to string) string {
	e.t.Helper()
	for _, l := range slices.Backward(e.Letters(to)) {
		if l.Name == name {
			return l.Token
		}
	}
	e.t.Fatalf("there is no letter %s to %s", name, to)
	return ""
}

// Stranger is an anonymous caller at an address of its own.
func Stranger(ip string) auth.Caller {
	return auth.Caller{IP: netip.MustParseAddr(ip), UserAgent: "test", Browser: &auth.Browser{}}
}

// Operator is the caller of the operator's commands.
func Operator() auth.Caller { return auth.Caller{}.AsOperator() }

// Anyone is an anonymous caller.
func Anyone() auth.Caller { return Stranger("192.0.2.1") }

// Account signs up an address with Password, confirms it and returns the login.
func (e *Env) Account(address string) *auth.Login {
	e.t.Helper()
	ctx := context.Background()
	if _, err := e.SignUp(ctx, Anyone(), auth.SignUpInput{Email: &address, Password: Password}); err != nil {
		e.t.Fatalf("SignUp(%s) = %v", address, err)
	}
	token := e.Token(mail.Confirm, address)
	login, err := e.Confirm(ctx, Anyone(), auth.ConfirmInput{Token: token, Password: new(Password)})
	if err != nil {
		e.t.Fatalf("Confirm(%s) = %v", address, err)
	}
	return login.Login
}

// LogIn logs an address in with Password.
func (e *Env) LogIn(address string) *auth.Login {
	e.t.Helper()
	login, err := e.Service.Login(context.Background(), Anyone(), auth.LoginInput{Email: &address, Password: Password})
	if err != nil {
		e.t.Fatalf("Login(%s) = %v", address, err)
	}
	return login.Login
}

// As is the caller that a bearer makes.
func (e *Env) As(bearer string) auth.Caller {
	e.t.Helper()
	c, err := e.Resolve(context.Background(), Anyone(), bearer)
	if err != nil {
		e.t.Fatalf("Resolve() = %v", err)
	}
	return c
}
