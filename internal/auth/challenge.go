package auth

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/usertoken"
	"github.com/authgraph/authgraph/internal/secret"
	"github.com/authgraph/authgraph/internal/store"
)

// How many challenges an account may have, from one place and in all. Browsers in
// which a factor was proved have as many of their own.
const (
	maxFromOnePlace = 5
	maxChallenges   = 50
)

// Challenge is what is still to be proved before a session begins.
type Challenge struct {
	Token     string
	ExpiresIn int // seconds
	offer
}

// pendingReset is a new password that takes effect with the answer to a
// challenge, and the letter's token that is then redeemed.
type pendingReset struct {
	tokenID uuid.UUID
	hash    string
}

// challenges asks for a second factor. A challenge is a token: bound to the
// account and to what was proved before, and void with the password.
type challenges struct {
	*core
	devices  *devices
	events   *events
	offers   *offers
	settings *Settings
}

// begin stores a challenge instead of a session. The user is locked.
func (k *challenges) begin(ctx context.Context, tx *store.Tx, c Caller, choice sessionChoice, by proof, u *ent.User) (*Challenge, error) {
	known := k.devices.knowsFactors(c, u)
	if err := k.makeRoom(ctx, tx, c, u.ID, known); err != nil {
		return nil, err
	}
	id := uuid.Must(uuid.NewV7())
	offered, err := k.offers.second(ctx, tx.Client, u.ID, forFactor, id)
	if err != nil {
		return nil, err
	}
	plain, digest := secret.Mint()
	now := k.now()
	create := tx.UserToken.Create().SetID(id).
		SetPurpose(usertoken.PurposeChallenge).SetUserID(u.ID).SetDigest(digest).
		SetMethods(storedKinds(by.kinds)).SetInCookie(choice.delivery == InCookie).SetTrusted(known).SetNillableDeviceName(choice.device).
		SetCreatedAt(now).SetExpiresAt(now.Add(k.settings.ChallengeTTL)).SetNillableIPAddress(c.ipText())
	if by.reset != nil {
		create.SetTokenID(by.reset.tokenID).SetPasswordHash(by.reset.hash)
	}
	row, err := create.Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("store a challenge: %w", err)
	}
	if err := k.events.record(ctx, tx, c, happening{event: EventChallenge, user: u.ID, token: row.ID}); err != nil {
		return nil, err
	}
	return &Challenge{Token: plain, ExpiresIn: int(k.settings.ChallengeTTL / time.Second), offer: offered}, nil
}

// makeRoom voids one challenge if there are too many: the oldest from the caller's
// place, or else the oldest from the place that has most. A stranger who knows the
// password can begin many challenges, from many places. They do not void those of
// browsers in which a factor was proved, and hardly the one that the owner begins at
// another place. The user is locked.
func (k *challenges) makeRoom(ctx context.Context, tx *store.Tx, c Caller, userID uuid.UUID, known bool) error {
	rows, err := tx.UserToken.Query().
		Where(usertoken.UserID(userID), usertoken.PurposeEQ(usertoken.PurposeChallenge), usertoken.Trusted(known)).
		Order(usertoken.ByID()). // ids sort by age
		Select(usertoken.FieldID, usertoken.FieldIPAddress).All(ctx)
	if err != nil || len(rows) < maxFromOnePlace {
		return wrap("count challenges", err)
	}
	from := map[string][]uuid.UUID{}
	for _, row := range rows {
		from[placeOf(row)] = append(from[placeOf(row)], row.ID)
	}
	fullest := source(c.IP)
	if len(from[fullest]) < maxFromOnePlace {
		if len(rows) < maxChallenges {
			return nil
		}
		for _, row := range rows {
			if place := placeOf(row); len(from[place]) > len(from[fullest]) {
				fullest = place
			}
		}
	}
	return k.void(ctx, tx, from[fullest][0])
}

// placeOf is the place from which a token was asked for.
func placeOf(t *ent.UserToken) string {
	var ip netip.Addr
	if t.IPAddress != nil {
		ip, _ = netip.ParseAddr(*t.IPAddress) // what cannot be read counts as unknown
	}
	return source(ip)
}

// void deletes a challenge, if it is still there.
func (k *challenges) void(ctx context.Context, tx *store.Tx, id uuid.UUID) error {
	_, err := tx.UserToken.Delete().Where(usertoken.ID(id), usertoken.PurposeEQ(usertoken.PurposeChallenge)).Exec(ctx)
	return wrap("void a challenge", err)
}

// find reads a challenge and its account; it may refuse, but never grants:
// redeem decides.
func (k *challenges) find(ctx context.Context, plain string) (*ent.UserToken, *ent.User, error) {
	gone := refuse(InvalidToken, "challenge")
	digest, ok := secret.ParseMailed(pasted(plain))
	if !ok {
		return nil, nil, gone
	}
	t, err := k.store.UserToken.Query().
		Where(usertoken.Digest(digest), usertoken.PurposeEQ(usertoken.PurposeChallenge), usertoken.ExpiresAtGT(k.now())).
		WithUser().Only(ctx)
	if ent.IsNotFound(err) {
		return nil, nil, gone
	}
	if err != nil {
		return nil, nil, fmt.Errorf("find a challenge: %w", err)
	}
	if t.Edges.User == nil {
		return nil, nil, gone // deleted between the two reads
	}
	return t, t.Edges.User, nil
}

// redeem locks the account and deletes the challenge, which nobody else can do
// again: the count decides who wins.
func (k *challenges) redeem(ctx context.Context, tx *store.Tx, t *ent.UserToken) (*ent.User, error) {
	u, err := tx.LockUser(ctx, *t.UserID)
	if ent.IsNotFound(err) {
		return nil, refuse(InvalidToken, "challenge")
	}
	if err != nil {
		return nil, fmt.Errorf("lock the user: %w", err)
	}
	n, err := tx.UserToken.Delete().
		Where(usertoken.ID(t.ID), usertoken.PurposeEQ(usertoken.PurposeChallenge), usertoken.ExpiresAtGT(k.now())).
		Exec(ctx)
	if err != nil {
		return nil, fmt.Errorf("redeem a challenge: %w", err)
	}
	if n != 1 {
		return nil, refuse(InvalidToken, "challenge")
	}
	return u, nil
}
