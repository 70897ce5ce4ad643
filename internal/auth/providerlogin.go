package auth

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/internal/store"
)

// providerLogins is the feature of logging in, and signing up, with what a provider
// says.
type providerLogins struct {
	*core
	limits     *limits
	newcomers  *newcomers
	letters    *letters
	arrivals   *arrivals
	identities *identities
	offers     *linkOffers
	comers     *providerSignUps
	evictions  *evictions
	sessions   *sessions
	users      *users
	events     *events
	settings   *Settings
}

// LoginWithProviderInput has exactly one of answer and ID token.
type LoginWithProviderInput struct {
	Answer  *ProviderAnswerInput
	IDToken *IDTokenInput
	Session *SessionInput
}

// ProviderOutcome is the result of LoginWithProvider.
type ProviderOutcome struct {
	Outcome
	// Link is an account that the identity can be linked with, once its owner has
	// logged in to it.
	Link     *LinkOffer
	Identity *Identity
	// Created says that the account was made just now.
	Created bool
	Tokens  *ProviderTokens
}

// ProviderTokens are the provider's own.
type ProviderTokens struct {
	AccessToken  string
	RefreshToken *string
	ExpiresIn    *int
}

// errMoved says that what a decision was based on has changed meanwhile: somebody
// else took the identity or the address.
var errMoved = errors.New("the identity or its address was taken meanwhile")

// LoginWithProvider logs in, or signs up, with what a provider says. Issuer and
// subject say who it is. An address links nothing by itself, unless the operator has
// said that the provider is the authority for its domain: see linkRule.
func (f *providerLogins) LoginWithProvider(ctx context.Context, c Caller, in LoginWithProviderInput) (*ProviderOutcome, error) {
	choice, err := parseSession(in.Session)
	if err != nil {
		return nil, err
	}
	place := attempt{f.limits.loginSource, source(c.IP)}
	if err := f.limits.spend(ctx, place); err != nil {
		return nil, err
	}
	a, err := f.arrivals.one(ctx, c, in.Answer, in.IDToken, ToLogIn, "answer")
	if err != nil {
		return nil, f.record(ctx, c, err)
	}
	outcome, err := f.decide(ctx, c, choice, a, place)
	if err != nil {
		return nil, err
	}
	if t := a.tokens; t != nil {
		outcome.Tokens = &ProviderTokens{AccessToken: t.Access, RefreshToken: presentText(t.Refresh)}
		if t.ExpiresIn > 0 {
			outcome.Tokens.ExpiresIn = &t.ExpiresIn
		}
	}
	return outcome, nil
}

// record records a refusal of what came back.
func (f *providerLogins) record(ctx context.Context, c Caller, err error) error {
	one := (*Error)(nil)
	if !errors.As(err, &one) || !one.Code.Fixable() || one.Code == Required {
		return err
	}
	return f.events.recordAnd(ctx, c, happening{event: EventLogin, method: ByProvider}, one)
}

// decide finds the rule and follows it, again if somebody else was faster.
func (f *providerLogins) decide(ctx context.Context, c Caller, choice sessionChoice, a *arrival, place attempt) (outcome *ProviderOutcome, err error) {
	asked := false
	for range 4 {
		s := stand(a)
		if s.known, err = f.identities.find(ctx, f.store.Client, &a.identity); err != nil {
			return nil, err
		}
		s.signUps = f.settings.SignUps && !a.provider.NoSignUp
		if s.known == nil && s.admitted && (s.signUps || s.vouched) {
			if !asked && s.signUps { // once, before it is looked whether the address is taken
				if err := f.newcomers.admitNamed(ctx, c, "loginWithProvider", s.to, f.settings.accepted(c)); err != nil {
					return nil, err
				}
			}
			asked = true
			if s.vouched {
				if s.account, err = f.users.find(ctx, *s.to); err != nil {
					return nil, err
				}
			}
		}
		outcome, err = f.follow(ctx, c, choice, a, s, place)
		if !errors.Is(err, errMoved) {
			return outcome, err
		}
	}
	return nil, &Error{Code: Overloaded, RetryAfter: retryAfterFault}
}

// follow does what the rule says.
func (f *providerLogins) follow(ctx context.Context, c Caller, choice sessionChoice, a *arrival, s standing, place attempt) (*ProviderOutcome, error) {
	failure := happening{event: EventLogin, method: ByProvider, detail: a.provider.ID}
	by := proof{event: EventLogin, kinds: []ProofKind{ByProvider}, owed: []attempt{place}, detail: a.provider.ID}
	switch rule := s.rule(); rule {
	case noAccount:
		return nil, f.events.recordAnd(ctx, c, failure, refuse(NoAccount))
	case offerSuspended:
		return f.offer(ctx, c, a, s.known.Edges.User, s.vouched && s.equals(s.known.Edges.User), place)
	case offerAddress:
		return f.offer(ctx, c, a, s.account, true, place)
	case logInKnown, logInReactivate:
		by.user = s.known.Edges.User
		if failure.user = by.user.ID; by.user.DisabledAt != nil {
			return nil, f.events.recordAnd(ctx, c, failure, refuse(Disabled))
		}
		return f.logIn(ctx, c, choice, a, by, func(tx *store.Tx) (*ent.User, *ent.Identity, error) { return f.known(ctx, tx, c, a, s, rule) })
	case linkByAddress:
		by.user, by.untrusted = s.account, true
		return f.logIn(ctx, c, choice, a, by, func(tx *store.Tx) (*ent.User, *ent.Identity, error) { return f.link(ctx, tx, c, a, s) })
	default:
		by.event, by.user, by.session = EventSignUp, f.comers.next(c, s, rule), uuid.Must(uuid.NewV7())
		made, err := f.comers.prepare(ctx, c, a, s, rule, by)
		if err != nil {
			return nil, err
		}
		outcome, err := f.logIn(ctx, c, choice, a, by, func(tx *store.Tx) (*ent.User, *ent.Identity, error) { return f.comers.make(ctx, tx, c, made) })
		if err == nil {
			outcome.Created = true
		}
		return outcome, err
	}
}

// logIn is the one door to a session: fn gives the right to it.
func (f *providerLogins) logIn(ctx context.Context, c Caller, choice sessionChoice, a *arrival, by proof,
	fn func(tx *store.Tx) (*ent.User, *ent.Identity, error)) (*ProviderOutcome, error) {
	var row *ent.Identity
	outcome, err := f.sessions.finish(ctx, c, choice, by, func(tx *store.Tx) (u *ent.User, err error) {
		u, row, err = fn(tx)
		return u, err
	})
	if err != nil {
		return nil, err
	}
	done := &ProviderOutcome{Outcome: *outcome}
	if done.Login != nil && !done.Limited {
		done.Identity = f.identities.show(row)
	}
	return done, nil
}

// known logs in to the account of a known identity. A reset or an unlinking that
// came first wins.
func (f *providerLogins) known(ctx context.Context, tx *store.Tx, c Caller, a *arrival, s standing, rule linkRule) (*ent.User, *ent.Identity, error) {
	gone := refuse(InvalidToken, a.field)
	u, err := tx.LockUser(ctx, s.known.UserID)
	if ent.IsNotFound(err) {
		return nil, nil, gone
	}
	if err != nil {
		return nil, nil, fmt.Errorf("lock the user: %w", err)
	}
	if err := f.arrivals.redeem(ctx, tx, a); err != nil {
		return nil, nil, err
	}
	row, err := f.identities.find(ctx, tx.Client, &a.identity)
	if err != nil {
		return nil, nil, err
	}
	if row == nil || row.UserID != u.ID || row.SuspendedAt != nil && (rule != logInReactivate || !s.equals(u)) {
		return nil, nil, gone
	}
	suspended := row.SuspendedAt != nil
	if row, err = f.identities.use(ctx, tx, row, a, true); err != nil || !suspended {
		return u, row, err
	}
	return u, row, f.offers.tellLinked(ctx, tx, c, u, a)
}

// link links an identity with the account that has its address, since the provider is
// the authority for it. If nobody has proved the mailbox to us yet, the provider
// speaks for it: all that others have put into the account goes.
func (f *providerLogins) link(ctx context.Context, tx *store.Tx, c Caller, a *arrival, s standing) (*ent.User, *ent.Identity, error) {
	u, err := f.users.lockAddress(ctx, tx, s.to.key)
	if err != nil {
		return nil, nil, err
	}
	if u == nil || u.ID != s.account.ID {
		return nil, nil, errMoved
	}
	if err := f.arrivals.redeem(ctx, tx, a); err != nil {
		return nil, nil, err
	}
	if u.ConfirmedAt == nil {
		if u, err = f.evictions.evict(ctx, tx, c, u, true); err != nil {
			return nil, nil, err
		}
	}
	row, err := f.identities.add(ctx, tx, u.ID, a, true)
	if ent.IsConstraintError(err) {
		return nil, nil, errMoved
	}
	if err != nil {
		return nil, nil, err
	}
	return u, row, f.offers.tellLinked(ctx, tx, c, u, a)
}

// offer begins no session: the account's owner must log in to it first.
func (f *providerLogins) offer(ctx context.Context, c Caller, a *arrival, owner *ent.User, tells bool, place attempt) (*ProviderOutcome, error) {
	var made *LinkOffer
	err := f.store.InTx(ctx, func(tx *store.Tx) error {
		u, err := tx.LockUser(ctx, owner.ID)
		if ent.IsNotFound(err) || err == nil && tells && (u.EmailKey == nil || owner.EmailKey == nil || *u.EmailKey != *owner.EmailKey) {
			return errMoved
		}
		if err != nil {
			return fmt.Errorf("lock the user: %w", err)
		}
		if err := f.arrivals.redeem(ctx, tx, a); err != nil {
			return err
		}
		if made, err = f.offers.make(ctx, tx, c, a, u, tells); err != nil {
			return err
		}
		return f.limits.giveBackIn(ctx, tx, place)
	})
	if err != nil {
		return nil, err
	}
	return &ProviderOutcome{Link: made}, nil
}
