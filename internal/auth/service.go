package auth

import (
	"context"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/internal/accesstoken"
	"github.com/authgraph/authgraph/internal/limit"
	"github.com/authgraph/authgraph/internal/locale"
	"github.com/authgraph/authgraph/internal/mail"
	"github.com/authgraph/authgraph/internal/oidc"
	"github.com/authgraph/authgraph/internal/outbox"
	"github.com/authgraph/authgraph/internal/passkey"
	"github.com/authgraph/authgraph/internal/password"
	"github.com/authgraph/authgraph/internal/profile"
	"github.com/authgraph/authgraph/internal/secret"
	"github.com/authgraph/authgraph/internal/signing"
	"github.com/authgraph/authgraph/internal/store"
)

// Settings are the operator's choices.
type Settings struct {
	// ServiceName is shown in e-mails, and is refused as a password.
	ServiceName string
	// Locales are the languages of e-mails; nil for all of ours.
	Locales *locale.Set
	// Lifetimes.
	AccessTTL, RefreshTTL, SessionTTL, RefreshGrace, ConfirmTTL, ResetTTL, RecentTTL, APITokenTTL time.Duration
	// AuditTTL is how long events of the audit log are kept; 0 means for ever.
	AuditTTL time.Duration
	// ChallengeTTL is how long a second factor is waited for, and TrustedDeviceTTL
	// how long a browser may be trusted without one; 0 is never.
	ChallengeTTL, TrustedDeviceTTL time.Duration
	// EmailLogin lets a code from an e-mail log in, and EmailCodeTTL is how long one is
	// good.
	EmailLogin   bool
	EmailCodeTTL time.Duration
	// Passkeys can be added, and log in. Those that exist stay second factors
	// without it.
	Passkeys bool
	// SecondFactor says whether accounts have one.
	SecondFactor SecondFactorPolicy
	// Roles are what accounts can be in the application. Everybody has the first.
	// None means that there is one role, user.
	Roles []Role
	// Captcha is what some forms want.
	Captcha CaptchaSettings
	// Claims are what access tokens of sessions carry besides ours; nil is nothing.
	Claims *ClaimsTemplate
	// Profile is what the application keeps of a person; nil is nothing.
	Profile *profile.Schema
	// Scopes are the operator's own scopes for API tokens.
	Scopes []string
	// Usernames allows accounts without an address.
	Usernames bool
	// SignUps lets strangers make accounts.
	SignUps bool
	// SignInNotice sends an e-mail after a login from a browser that is new to
	// the account.
	SignInNotice bool
	// Limits on attempts and e-mails.
	Limits Limits
}

// APITokenScopes lists what an API token can be given: the built-in scopes and
// the operator's own.
func (s *Settings) APITokenScopes() []string {
	return append([]string{ScopeAccountRead, ScopeSessionsRead, ScopeTokensRead, ScopeFactorsRead, ScopeIdentitiesRead}, s.Scopes...)
}

// UsernamePattern is the form of usernames. It is nil if usernames are off.
func (s *Settings) UsernamePattern() *string {
	if !s.Usernames {
		return nil
	}
	return new(UsernamePattern)
}

// Options are what a Service needs. All are required, unless a comment says
// what 0 means.
type Options struct {
	Settings  Settings
	Store     *store.Store
	Secret    *secret.Root
	Passwords *password.Hasher
	Policy    password.Policy
	// Tokens describes the access tokens. The keys are in the store.
	Tokens accesstoken.Options
	Outbox *outbox.Outbox
	// Party is who passkeys are made for. nil: there can be none, and
	// Settings.Passkeys must be false.
	Party *passkey.Party
	Log   *slog.Logger
	// CacheCallers keeps in memory who holds a token, but only while we hear of
	// changes by other processes. On PostgreSQL we hear of them through
	// ListenURL.
	CacheCallers bool
	ListenURL    string
	// Providers are those that accounts can be linked with; nil if there are none.
	Providers *oidc.Set
	// Captcha asks the provider; nil if there is no CAPTCHA.
	Captcha CaptchaChecker
	// Hooks are what the operator's application is asked.
	Hooks Hooks
	// KeyAge is the age at which a signing key is replaced; 0 means never.
	KeyAge time.Duration
	// Now is the clock.
	Now func() time.Time
	// TurnPatience is how long an attempt at a secret waits for earlier ones at
	// the same account, and a question to others for those of the same place; 0
	// means 5 s and 2 s.
	TurnPatience time.Duration
	// Observe is told what happens, for metrics.
	Observe Observe
}

// Observe are functions that are told what happens. They must be quick. A nil one
// is told nothing.
type Observe struct {
	// Event is told of each event of the audit log, once it is stored.
	Event func(event, outcome string)
	// Limited is told the name of each limit that refuses.
	Limited func(limit string)
	// Provider is told what came of each request to a provider.
	Provider func(provider, result string)
}

// Service is the domain. Its features have the operations. It is safe for use
// by many goroutines.
type Service struct {
	Settings
	*signUps
	*confirms
	*passwordLogins
	*refreshes
	*logouts
	*resets
	*accounts
	*profiles
	*profileChecks
	*presences
	*answers
	*totps
	*passkeys
	*passkeyLogins
	*passkeySignUps
	*emailLogins
	*providerVisits
	*providerLogins
	*idTokens
	*ownIdentities
	*ownFactors
	*trustedBrowsers
	*activeSessions
	*apiTokens
	*exchanges
	*operators
	*roleGrants
	*identityDesk
	*callers
	*trails
	*cleaning
	*signers
	*restores
	*imports
	*exports

	core     *core
	hooks    Hooks
	captchas *captchas
	kinds    *hashKinds
	holders  *holders
	uses     *uses
	factors  *secondFactors
	keys     *signing.Keys
	policy   password.Policy
}

// core is what every part and feature works with.
type core struct {
	store *store.Store
	log   *slog.Logger
	clock func() time.Time
}

// now is the only source of time: UTC, in microseconds, as the databases store
// it.
func (c *core) now() time.Time { return c.clock().UTC().Truncate(time.Microsecond) }

// New makes a Service. It loads the signing keys, and makes one if there is
// none. It refuses a database whose keys cannot be opened with the secret.
func New(ctx context.Context, o Options) (*Service, error) {
	if o.Settings.Locales == nil {
		o.Settings.Locales = mail.Ours()
	}
	s := wire(o)
	if o.CacheCallers {
		s.holders.cache = newCallerCache()
		o.Store.OnChange(s.forget)
		s.holders.watch = o.Store.NewWatch(store.WatchOptions{URL: o.ListenURL, Drop: s.forget, Log: o.Log})
	}
	if err := s.keys.Open(ctx); err != nil {
		return nil, err
	}
	if err := s.kinds.open(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// wire says what each part and each feature may use.
func wire(o Options) *Service {
	set := &o.Settings
	core := &core{store: o.Store, log: o.Log, clock: o.Now}
	events := &events{core, o.Observe.Event}
	limits := &limits{newLimitTable(set.Limits), limit.New(o.Store, o.Secret.Key("limit"), core.now)}
	limits.limiter.OnRefusal(o.Observe.Limited)
	captchas := &captchas{core: core, settings: set, checker: o.Captcha, turns: newPlaceTurns(o, placeForms)}
	validation := &validation{core, o.Hooks.Validate, newPlaceTurns(o, placeForms)}
	kept := &keptProfiles{core: core}
	newcomers := &newcomers{limits, captchas, validation}
	letters := &letters{core, limits, o.Outbox, set.ConfirmTTL, o.Providers}
	guesses := &guesses{limits: limits, patience: o.TurnPatience}
	uses := newUses(core)
	holders := &holders{core: core, uses: uses}
	keys := signing.New(keyOptions(o, core, events, holders))
	users := &users{core, events, letters}
	devices, mailed := &devices{core, o.Secret}, &mailed{core, events}
	proofs := &proofs{core, events, guesses, limits, o.Passwords, o.Policy, set.ServiceName}
	recovery, ceremonies := &recoveryCodes{core}, &ceremonies{core, o.Secret, o.Party}
	offers := &offers{recovery, ceremonies}
	passkeyProofs := &passkeyProofs{core, limits, events, letters, ceremonies}
	added := &newPasskeys{core, ceremonies, passkeyProofs}
	codes := &mailCodes{core, limits, letters, o.Secret, set}
	challenges := &challenges{core, devices, events, offers, set}
	trusts := &trusts{core, events, set}
	sessions := &sessions{core, limits, events, letters, users, devices, challenges, trusts, &claims{core: core, settings: set, profiles: kept, hook: o.Hooks.Claims, turns: newPlaceTurns(o, placeSessions)}, o.Secret, keys, set}
	factors := &secondFactors{core, events, letters, recovery, passkeyProofs, sessions, o.Secret}
	from := wireProviders(o, core, events, limits, letters, users, ceremonies, mailed, set)
	passwords := &newPasswords{core, letters, mailed, users, from.evictions}
	rotations := &rotations{core, events, holders, sessions, o.Secret, set}
	s := &Service{
		Settings:        o.Settings,
		signUps:         &signUps{core, limits, newcomers, letters, mailed, proofs, sessions, events, set},
		confirms:        &confirms{core, limits, guesses, letters, mailed, proofs, sessions, users, events, set, ceremonies, passkeyProofs, added},
		passkeySignUps:  &passkeySignUps{core, limits, newcomers, letters, mailed, ceremonies, added, sessions, events, set},
		passwordLogins:  &passwordLogins{core, limits, captchas, guesses, letters, proofs, sessions, users, devices, events},
		refreshes:       &refreshes{rotations, set},
		logouts:         &logouts{core, sessions, users, o.Secret, set},
		resets:          &resets{core, limits, captchas, letters, mailed, proofs, passwords, sessions, users, events, set},
		accounts:        &accounts{core, limits, validation, letters, from.addresses, proofs, sessions, users, events, set},
		profiles:        &profiles{core, limits, validation, users, kept, events, set},
		presences:       &presences{core, limits, guesses, letters, codes, proofs, factors, offers, from.arrivals, users, devices, events, set},
		answers:         &answers{core, limits, guesses, challenges, codes, from.evictions, factors, passwords, sessions, users, devices, letters, events},
		totps:           &totps{core, limits, guesses, letters, factors, users, devices, events, o.Secret, set},
		passkeys:        &passkeys{core, limits, letters, ceremonies, factors, added, users, devices, events, set},
		passkeyLogins:   &passkeyLogins{core, limits, ceremonies, passkeyProofs, sessions, events, set},
		emailLogins:     &emailLogins{core, limits, captchas, letters, codes, users, devices, events, set},
		ownFactors:      &ownFactors{core, letters, recovery, factors, users, devices, events, from.ways, set},
		trustedBrowsers: &trustedBrowsers{core, trusts, users, events},
		activeSessions:  &activeSessions{core, sessions, users},
		apiTokens:       &apiTokens{core, letters, users, events, set},
		exchanges:       &exchanges{core, holders, rotations, keys, set},
		operators:       &operators{core, letters, mailed, proofs, sessions, factors, from.ways, users, events, set},
		callers:         &callers{core, holders, keys, set},
		core:            core, hooks: o.Hooks, captchas: captchas, kinds: &hashKinds{core, o.Passwords}, holders: holders, uses: uses, factors: factors, keys: keys, policy: o.Policy,
	}
	s.wireVisitors(o, core, events, limits, letters, newcomers, sessions, users, from)
	s.wireOperation(o, core, events, keys)
	return s
}

// wireOperation adds the features that serve the operator and no client.
func (s *Service) wireOperation(o Options, core *core, events *events, keys *signing.Keys) {
	s.profileChecks = &profileChecks{core, &o.Settings}
	s.roleGrants = &roleGrants{core, events, &o.Settings}
	s.trails = &trails{core}
	s.cleaning = &cleaning{core: core, auditTTL: o.Settings.AuditTTL}
	s.signers = &signers{events, keys, o.Tokens.Issuer}
	s.restores = &restores{core, events, keys}
	s.exports = &exports{core, events, &o.Settings}
	s.imports = &imports{core, &candidates{core, o.Passwords, &o.Settings}, s.kinds, events}
}

func keyOptions(o Options, core *core, events *events, holders *holders) signing.Options {
	return signing.Options{
		Store: o.Store, Secret: o.Secret, Tokens: o.Tokens, Age: o.KeyAge, AccessTTL: o.Settings.AccessTTL,
		Heard: func() bool { return holders.watch.Trusted() }, Record: events.keys, Now: core.now, Log: o.Log,
	}
}

// PasswordLengths are the shortest and the longest password, in code points.
func (s *Service) PasswordLengths() (least, most int) { return s.policy.Min, s.policy.Max }

// forget drops what is kept in memory about these users. If none is named, it
// drops everything, and the signing keys are read again.
func (s *Service) forget(users ...uuid.UUID) {
	if len(users) == 0 {
		s.keys.Changed()
	}
	s.holders.cache.drop(users...)
}
