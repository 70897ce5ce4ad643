package auth

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/usertoken"
	"github.com/authgraph/authgraph/internal/mail"
	"github.com/authgraph/authgraph/internal/secret"
	"github.com/authgraph/authgraph/internal/store"
)

// offerLife is how long an offer to link is good: somebody logs in meanwhile.
const offerLife = 15 * time.Minute

// LinkOffer is an account that an identity can be linked with.
type LinkOffer struct {
	Token     string
	ExpiresIn int // seconds
	Email     *string
	Methods   []ProofKind
	Providers []string
}

// linkOffers makes offers to link an identity, reads them, and tells owners of what
// was linked.
type linkOffers struct {
	*core
	flows      *flows
	arrivals   *arrivals
	identities *identities
	ways       *waysIn
	letters    *letters
	events     *events
}

// make makes an offer for a locked account. tells says that the offer may name the
// account's address and how it is opened: the provider vouches that it is the
// person's.
func (k *linkOffers) make(ctx context.Context, tx *store.Tx, c Caller, a *arrival, u *ent.User, tells bool) (*LinkOffer, error) {
	id := uuid.Must(uuid.NewV7())
	sealed, err := k.flows.secret.Seal(answerLabel, mustEncode(answered{Provider: a.provider.ID, Identity: a.identity}), id[:])
	if err != nil {
		return nil, wrap("seal an offer", err)
	}
	plain, digest := secret.Mint()
	now := k.now()
	err = tx.UserToken.Create().SetID(id).SetPurpose(usertoken.PurposeLink).SetDigest(digest).SetSealed(sealed).SetUserID(u.ID).
		SetCreatedAt(now).SetExpiresAt(now.Add(offerLife)).SetNillableIPAddress(c.ipText()).Exec(ctx)
	if err != nil {
		return nil, fmt.Errorf("store an offer: %w", err)
	}
	offer := &LinkOffer{Token: plain, ExpiresIn: int(offerLife / time.Second), Methods: []ProofKind{}, Providers: []string{}}
	if tells {
		offer.Email = u.Email
		if offer.Methods, offer.Providers, err = k.ways.of(ctx, tx.Client, u); err != nil {
			return nil, err
		}
	}
	return offer, k.events.record(ctx, tx, c, happening{event: EventLinkOffer, user: u.ID, token: id, detail: a.provider.ID})
}

// find reads an offer to the caller's account. Another's is as unknown as one that
// never was.
func (k *linkOffers) find(ctx context.Context, c Caller, plain string) (*arrival, error) {
	gone := refuse(InvalidToken, "token")
	digest, ok := secret.ParseMailed(pasted(plain))
	if !ok {
		return nil, gone
	}
	t, err := k.store.UserToken.Query().
		Where(usertoken.Digest(digest), usertoken.PurposeEQ(usertoken.PurposeLink), usertoken.UserID(c.User.ID), usertoken.ExpiresAtGT(k.now())).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, gone
	}
	if err != nil {
		return nil, fmt.Errorf("find an offer: %w", err)
	}
	said, err := k.arrivals.unseal(t)
	if err != nil {
		return nil, err
	}
	p := k.identities.set.Get(said.Provider)
	if p == nil {
		return nil, gone
	}
	return &arrival{provider: p, identity: said.Identity, row: t.ID, field: "token"}, nil
}

// redeem uses an offer up.
func (k *linkOffers) redeem(ctx context.Context, tx *store.Tx, a *arrival) error {
	n, err := tx.UserToken.Delete().Where(usertoken.ID(a.row), usertoken.PurposeEQ(usertoken.PurposeLink), usertoken.ExpiresAtGT(k.now())).Exec(ctx)
	if err == nil && n != 1 {
		return refuse(InvalidToken, "token")
	}
	return wrap("redeem an offer", err)
}

// tellLinked records that an identity was linked, and tells the owner.
func (k *linkOffers) tellLinked(ctx context.Context, tx *store.Tx, c Caller, u *ent.User, a *arrival) error {
	if err := k.events.record(ctx, tx, c, happening{event: EventIdentityLink, user: u.ID, detail: a.provider.ID}); err != nil {
		return err
	}
	l := k.letters.letter(c, u)
	l.Providers = a.provider.Name
	return k.letters.notice(ctx, tx, u, mail.IdentityLinked, l)
}
