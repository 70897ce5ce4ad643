package auth

import (
	"context"
	"crypto/subtle"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/usertoken"
	"github.com/authgraph/authgraph/internal/oidc"
	"github.com/authgraph/authgraph/internal/secret"
	"github.com/authgraph/authgraph/internal/store"
)

const (
	// providerTime is how long all requests of one callback may take together.
	providerTime = 8 * time.Second
	// answerLife is how long the code is good with which a browser comes back.
	answerLife = 2 * time.Minute
)

// providerVisits is the feature of going to a provider and coming back. Nothing
// about an account changes on the way.
type providerVisits struct {
	*core
	limits   *limits
	flows    *flows
	arrivals *arrivals
	events   *events
	set      *oidc.Set
	settings *Settings
}

// StartProviderLoginInput is a visit to a provider.
type StartProviderLoginInput struct {
	Provider  string
	ReturnURL string
	Challenge string
	Purpose   ProviderPurpose
	LoginHint *string
}

// StartedProviderLogin is where to send the browser, and the name of the visit.
type StartedProviderLogin struct {
	URL  string
	Flow string
}

// StartProviderLogin begins a visit to a provider. The browser is sent to a page of
// ours first, which sets the cookie that binds the answer to it. Nothing is stored.
func (f *providerVisits) StartProviderLogin(ctx context.Context, c Caller, in StartProviderLoginInput) (*StartedProviderLogin, error) {
	if in.Purpose == "" {
		in.Purpose = ToLogIn
	}
	p, err := f.flows.checkVisit(in)
	if err != nil {
		return nil, err
	}
	if err := f.settings.mayVisit(c, in.Purpose, f.now()); err != nil {
		return nil, err
	}
	if err := f.limits.spend(ctx, attempt{f.limits.providerStart, source(c.IP)}); err != nil {
		return nil, err
	}
	if err := p.Ready(ctx); err != nil {
		return nil, f.arrivals.refused(ctx, c, p.ID, err)
	}
	id, _ := secret.Mint()
	begun := flow{
		ID: id[:22], Provider: p.ID, Return: in.ReturnURL, Challenge: in.Challenge, Purpose: in.Purpose,
		Ends: f.now().Add(flowLife).Unix(),
	}
	if in.Purpose != ToLogIn {
		begun.Owner, begun.Session = c.User.ID, c.SessionID
	}
	if in.LoginHint != nil {
		begun.Hint = *in.LoginHint
	}
	sealed, err := f.flows.seal(flowLabel, begun)
	if err != nil {
		return nil, err
	}
	return &StartedProviderLogin{URL: f.set.StartURL(sealed), Flow: begun.ID}, nil
}

// GoToProvider is the page of ours that a browser opens first. It returns where to
// send it, and leaves a cookie. It stores nothing.
func (f *providerVisits) GoToProvider(ctx context.Context, c Caller, sealed string) (to string, err error) {
	begun := new(flow)
	if !f.flows.open(flowLabel, sealed, begun) || !f.flows.lives(begun) {
		return "", refuse(InvalidToken)
	}
	p := f.set.Get(begun.Provider)
	if p == nil {
		return "", refuse(InvalidToken)
	}
	for _, part := range []*string{&begun.State, &begun.Nonce, &begun.Verifier} {
		*part, _ = secret.Mint()
	}
	to, err = p.Address(ctx, oidc.Visit{
		State: begun.State, Nonce: begun.Nonce, Verifier: begun.Verifier, Hint: begun.Hint, Fresh: begun.Purpose == ToReauthenticate,
	})
	if err != nil {
		return f.turnedBack(begun, f.arrivals.refused(ctx, c, p.ID, err))
	}
	return to, f.flows.remember(c.Browser, begun)
}

// ProviderAnswer is what a browser brings back from a provider.
type ProviderAnswer struct {
	Provider, State, Code, Error, Issuer string
	// User is what Apple says of a person the first time: JSON.
	User string
}

// TakeAnswer takes what a browser brings back, asks the provider who it is about, and
// returns where to send the browser: to where it came from, with a code that says
// everything else. Without the cookie of the same browser it is INVALID_TOKEN, and
// nobody is asked.
func (f *providerVisits) TakeAnswer(ctx context.Context, c Caller, in ProviderAnswer) (to string, err error) {
	visit := f.visitOf(c.Browser, in.State)
	if visit == nil {
		return "", refuse(InvalidToken)
	}
	c.Browser.put(Cookie{Name: FlowCookie, Suffix: in.State[:stateSuffix]})
	place := attempt{f.limits.loginSource, source(c.IP)}
	if err := f.limits.spend(ctx, place); err != nil {
		return f.turnedBack(visit, err)
	}
	a, err := f.ask(ctx, visit, in)
	if err != nil {
		err = f.arrivals.refused(ctx, c, visit.Provider, err)
		if known := (*Error)(nil); errors.As(err, &known) && known.Code != Overloaded {
			err = f.events.recordAnd(ctx, c, happening{event: EventProviderAnswer, user: visit.Owner, detail: visit.Provider}, known)
		}
		return f.turnedBack(visit, err)
	}
	code, err := f.keep(ctx, c, visit, a)
	if err != nil {
		return f.turnedBack(visit, err)
	}
	return visit.back(code), f.limits.giveBack(ctx, place)
}

// visitOf is the visit of this browser with that state, or nil.
func (f *providerVisits) visitOf(b *Browser, state string) *flow {
	if _, ok := secret.ParseMailed(state); !ok {
		return nil
	}
	visit := new(flow)
	if !f.flows.open(visitLabel, b.flows()[state[:stateSuffix]], visit) || !f.flows.lives(visit) {
		return nil
	}
	if subtle.ConstantTimeCompare([]byte(visit.State), []byte(state)) != 1 {
		return nil
	}
	return visit
}

// ask asks the provider who the answer is about. A state is good once.
func (f *providerVisits) ask(ctx context.Context, visit *flow, in ProviderAnswer) (answered, error) {
	p := f.set.Get(visit.Provider)
	if p == nil || in.Provider != visit.Provider {
		return answered{}, &oidc.Unusable{Why: "it is the answer of another provider"}
	}
	ctx, cancel := context.WithTimeout(ctx, providerTime)
	defer cancel()
	if err := p.CheckIssuer(ctx, in.Issuer); err != nil {
		return answered{}, err
	}
	err := f.limits.spend(ctx, attempt{f.limits.providerState, "state " + visit.State})
	if is(err, RateLimited) {
		return answered{}, &oidc.Unusable{Why: "the answer was used before"}
	}
	if err != nil {
		return answered{}, err
	}
	switch {
	case in.Error != "":
		return answered{}, oidc.Refusal(in.Error)
	case in.Code == "":
		return answered{}, &oidc.Unusable{Why: "it has no code"}
	}
	who, tokens, err := p.Exchange(ctx, oidc.Answer{
		Code: in.Code, User: in.User,
		Visit: oidc.Visit{Nonce: visit.Nonce, Verifier: visit.Verifier, Fresh: visit.Purpose == ToReauthenticate},
	})
	if err != nil {
		return answered{}, err
	}
	return answered{Provider: p.ID, Identity: *who, Tokens: tokens, Challenge: visit.Challenge, Purpose: visit.Purpose}, nil
}

// keep stores an answer until its front end asks for it.
func (f *providerVisits) keep(ctx context.Context, c Caller, visit *flow, a answered) (code string, err error) {
	id := uuid.Must(uuid.NewV7())
	sealed, err := f.flows.secret.Seal(answerLabel, mustEncode(a), id[:])
	if err != nil {
		return "", wrap("seal a provider's answer", err)
	}
	code, digest := secret.Mint()
	now := f.now()
	err = f.store.InTx(ctx, func(tx *store.Tx) error {
		return tx.UserToken.Create().SetID(id).SetPurpose(usertoken.PurposeProvider).SetDigest(digest).SetSealed(sealed).
			SetNillableUserID(present(visit.Owner)).SetNillableSessionID(present(visit.Session)).
			SetCreatedAt(now).SetExpiresAt(now.Add(answerLife)).SetNillableIPAddress(c.ipText()).Exec(ctx)
	})
	if ent.IsConstraintError(err) {
		return "", refuse(ProviderFailed) // the account was deleted meanwhile
	}
	return code, wrap("store a provider's answer", err)
}

// turnedBack is where a browser goes with a code that only says why not. A fault
// stays one.
func (f *providerVisits) turnedBack(visit *flow, why error) (to string, err error) {
	known := (*Error)(nil)
	if !errors.As(why, &known) {
		return "", why
	}
	code, err := f.flows.seal(refusalLabel, refusal{
		Code: known.Code, RetryAfter: known.RetryAfter, Challenge: visit.Challenge, Purpose: visit.Purpose, Ends: f.now().Add(answerLife).Unix(),
	})
	return visit.back(code), err
}
