package auth

import (
	"context"
	"errors"
	"fmt"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/identity"
	"github.com/authgraph/authgraph/ent/usertoken"
	"github.com/authgraph/authgraph/internal/mail"
	"github.com/authgraph/authgraph/internal/store"
)

// ownIdentities is the feature of linking one's account with accounts elsewhere.
type ownIdentities struct {
	*core
	limits     *limits
	letters    *letters
	arrivals   *arrivals
	identities *identities
	offers     *linkOffers
	ways       *waysIn
	sessions   *sessions
	users      *users
	events     *events
}

// Provider is one that accounts can be linked with.
type Provider struct {
	ID, Name string
	// ClientID is for the provider's own SDK; nil if its ID tokens are not taken.
	ClientID *string
}

// Providers lists the providers, in the operator's order.
func (f *ownIdentities) Providers() []Provider {
	list := []Provider{}
	for _, p := range f.identities.set.All() {
		list = append(list, Provider{p.ID, p.Name, presentText(p.SDKClientID())})
	}
	return list
}

// PausedProviders says of each provider whether it is not asked for a while.
func (f *ownIdentities) PausedProviders() map[string]bool {
	paused := map[string]bool{}
	for _, p := range f.identities.set.All() {
		paused[p.ID] = p.Paused()
	}
	return paused
}

// Identities lists the identities that open an account, oldest first.
func (f *ownIdentities) Identities(ctx context.Context, u *ent.User) ([]Identity, error) {
	rows, err := f.identities.of(ctx, f.store.Client, u.ID)
	list := make([]Identity, len(rows))
	for i, row := range rows {
		list[i] = *f.identities.show(row)
	}
	return list, err
}

// LinkIdentityInput has exactly one of answer, ID token and the token of an offer.
type LinkIdentityInput struct {
	Answer  *ProviderAnswerInput
	IDToken *IDTokenInput
	Token   *string
}

// LinkedIdentity is an identity, and the account as it is now.
type LinkedIdentity struct {
	Identity *Identity
	User     *ent.User
}

// LinkIdentity lets an identity open the caller's account from now on. One that opens
// another account is IDENTITY_TAKEN: only who has just proved to hold it learns that.
// It is never moved.
func (f *ownIdentities) LinkIdentity(ctx context.Context, c Caller, in LinkIdentityInput) (*LinkedIdentity, error) {
	if c.Limited {
		return nil, refuse(SecondFactorNeeded)
	}
	place := attempt{f.limits.loginSource, source(c.IP)}
	if err := f.limits.spend(ctx, place); err != nil {
		return nil, err
	}
	a, byOffer, err := f.find(ctx, c, in)
	if err != nil {
		return nil, f.record(ctx, c, err)
	}
	done := new(LinkedIdentity)
	for range 2 { // the second time somebody else has it for sure
		err = f.store.InTx(ctx, func(tx *store.Tx) (err error) {
			done, err = f.link(ctx, tx, c, a, byOffer)
			return err
		})
		if !errors.Is(err, errMoved) {
			break
		}
	}
	if is(err, IdentityTaken) {
		return nil, f.events.recordAnd(ctx, c, happening{event: EventIdentityConflict, user: c.User.ID, detail: a.provider.ID}, refuse(IdentityTaken))
	}
	if err != nil {
		return nil, err
	}
	return done, f.limits.giveBack(ctx, place)
}

// find reads the one thing that was given.
func (f *ownIdentities) find(ctx context.Context, c Caller, in LinkIdentityInput) (a *arrival, byOffer bool, err error) {
	if in.Token == nil {
		a, err = f.arrivals.one(ctx, c, in.Answer, in.IDToken, ToLink, "answer")
		return a, false, err
	}
	if in.Answer != nil || in.IDToken != nil {
		return nil, false, refuse(Invalid, "token")
	}
	if pasted(*in.Token) == "" {
		return nil, false, refuse(Required, "token")
	}
	a, err = f.offers.find(ctx, c, *in.Token)
	return a, true, err
}

func (f *ownIdentities) record(ctx context.Context, c Caller, err error) error {
	one := (*Error)(nil)
	if !errors.As(err, &one) || one.Code != InvalidToken && one.Code != ProviderFailed {
		return err
	}
	return f.events.recordAnd(ctx, c, happening{event: EventIdentityLink, user: c.User.ID}, one)
}

// link links in a transaction. Nothing that was read before counts.
func (f *ownIdentities) link(ctx context.Context, tx *store.Tx, c Caller, a *arrival, byOffer bool) (*LinkedIdentity, error) {
	u, err := f.users.lockCaller(ctx, tx, c)
	if err != nil {
		return nil, err
	}
	if byOffer {
		err = f.offers.redeem(ctx, tx, a)
	} else {
		err = f.arrivals.redeem(ctx, tx, a)
	}
	if err != nil {
		return nil, err
	}
	row, err := f.identities.find(ctx, tx.Client, &a.identity)
	switch {
	case err != nil:
		return nil, err
	case row != nil && row.UserID != u.ID:
		return nil, refuse(IdentityTaken)
	case row == nil:
		if row, err = f.identities.add(ctx, tx, u.ID, a, false); ent.IsConstraintError(err) {
			return nil, errMoved
		}
		if err == nil {
			err = f.offers.tellLinked(ctx, tx, c, u, a)
		}
	default:
		again := row.SuspendedAt != nil
		if row, err = f.identities.use(ctx, tx, row, a, false); err != nil {
			return nil, err
		}
		switch {
		case again && byOffer:
			err = f.offers.tellLinked(ctx, tx, c, u, a)
		case again:
			err = f.events.record(ctx, tx, c, happening{event: EventIdentityLink, user: u.ID, detail: a.provider.ID})
		}
	}
	if err != nil {
		return nil, err
	}
	return &LinkedIdentity{f.identities.show(row), u}, nil
}

// UnlinkIdentityInput names the identity to unlink.
type UnlinkIdentityInput struct {
	ID string
}

// UnlinkIdentity lets an identity open the caller's account no more. The other
// sessions end: one of them may have come in by it. The account keeps a way in that
// needs no mailbox, else it is LAST_WAY_IN.
func (f *ownIdentities) UnlinkIdentity(ctx context.Context, c Caller, in UnlinkIdentityInput) (*LinkedIdentity, error) {
	done := new(LinkedIdentity)
	err := f.store.InTx(ctx, func(tx *store.Tx) error {
		u, err := f.users.lockCaller(ctx, tx, c)
		if err != nil {
			return err
		}
		named, ok := parseID(in.ID)
		if !ok {
			return refuse(NotFound, "id")
		}
		row, err := tx.Identity.Query().Where(identity.ID(named), identity.UserID(u.ID)).Only(ctx)
		if ent.IsNotFound(err) {
			return refuse(NotFound, "id")
		}
		if err != nil {
			return fmt.Errorf("find an identity: %w", err)
		}
		others, err := f.ways.besides(ctx, tx.Client, u, row.ID)
		if err != nil {
			return err
		}
		if !others {
			return refuse(LastWayIn)
		}
		*done = LinkedIdentity{f.identities.show(row), u}
		return f.unlink(ctx, tx, c, u, row)
	})
	if err != nil {
		return nil, err
	}
	return done, nil
}

func (f *ownIdentities) unlink(ctx context.Context, tx *store.Tx, c Caller, u *ent.User, row *ent.Identity) error {
	if err := tx.Identity.DeleteOneID(row.ID).Exec(ctx); err != nil {
		return fmt.Errorf("unlink an identity: %w", err)
	}
	if _, err := f.sessions.end(ctx, tx, c, EventSessionRevoke, u.ID, usertoken.IDNEQ(c.SessionID)); err != nil {
		return err
	}
	l := f.letters.letter(c, u)
	l.Providers = f.identities.nameOf(row.Provider)
	if err := f.letters.notice(ctx, tx, u, mail.IdentityUnlinked, l); err != nil {
		return err
	}
	return f.events.record(ctx, tx, c, happening{event: EventIdentityUnlink, user: u.ID, detail: row.Provider})
}
