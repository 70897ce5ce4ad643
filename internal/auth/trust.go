package auth

import (
	"context"
	"fmt"

	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/usertoken"
	"github.com/authgraph/authgraph/internal/secret"
	"github.com/authgraph/authgraph/internal/store"
)

// maxTrusted is how many browsers of an account may be trusted; the oldest goes.
const maxTrusted = 20

// trusts knows browsers that need no second factor after the password. It is a
// token of its own in a cookie of its own, good for nothing else.
type trusts struct {
	*core
	events   *events
	settings *Settings
}

// knows reports that the caller's browser is trusted by a locked account. Its
// token dies with every change of the password or the factors; that it was made
// since is checked all the same.
func (t *trusts) knows(ctx context.Context, tx *store.Tx, c Caller, u *ent.User) (bool, error) {
	digest, ok := secret.ParseMailed(c.Browser.trust())
	if !ok || t.settings.TrustedDeviceTTL == 0 {
		return false, nil
	}
	row, err := tx.UserToken.Query().
		Where(usertoken.Digest(digest), usertoken.UserID(u.ID), usertoken.PurposeEQ(usertoken.PurposeTrustedDevice), usertoken.ExpiresAtGT(t.now())).
		Only(ctx)
	if ent.IsNotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("find a trusted browser: %w", err)
	}
	return !row.CreatedAt.Before(u.CredentialsChangedAt) && (u.FactorsChangedAt == nil || !row.CreatedAt.Before(*u.FactorsChangedAt)), nil
}

// add trusts the caller's browser from now on, and returns the cookie that says
// so.
func (t *trusts) add(ctx context.Context, tx *store.Tx, c Caller, u *ent.User) (*Cookie, error) {
	if c.Browser == nil || t.settings.TrustedDeviceTTL == 0 {
		return nil, nil
	}
	ids, err := tx.UserToken.Query().
		Where(usertoken.UserID(u.ID), usertoken.PurposeEQ(usertoken.PurposeTrustedDevice)).
		Order(usertoken.ByID(sql.OrderDesc())).Offset(maxTrusted - 1).Limit(100).IDs(ctx)
	if err != nil {
		return nil, fmt.Errorf("count trusted browsers: %w", err)
	}
	if len(ids) > 0 {
		if _, err := tx.UserToken.Delete().Where(usertoken.IDIn(ids...)).Exec(ctx); err != nil {
			return nil, fmt.Errorf("forget the oldest trusted browser: %w", err)
		}
	}
	plain, digest := secret.Mint()
	now := t.now()
	row, err := tx.UserToken.Create().
		SetPurpose(usertoken.PurposeTrustedDevice).SetUserID(u.ID).SetDigest(digest).
		SetCreatedAt(now).SetExpiresAt(now.Add(t.settings.TrustedDeviceTTL)).
		SetNillableUserAgent(presentText(c.UserAgent)).SetNillableIPAddress(c.ipText()).
		Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("store a trusted browser: %w", err)
	}
	err = t.events.record(ctx, tx, c, happening{event: EventDeviceTrust, user: u.ID, token: row.ID})
	return &Cookie{Name: TrustCookie, Value: plain, Expires: row.ExpiresAt}, err
}

// forget trusts no browser of an account any more.
func (t *trusts) forget(ctx context.Context, tx *store.Tx, userID uuid.UUID) error {
	return distrust(ctx, tx, userID)
}

// distrust forgets the trusted browsers of an account, also in sessions that began
// in one.
func distrust(ctx context.Context, tx *store.Tx, userID uuid.UUID) error {
	if err := voidPurposes(ctx, tx, userID, usertoken.PurposeTrustedDevice); err != nil {
		return err
	}
	tx.Changed(userID)
	err := tx.UserToken.Update().
		Where(usertoken.UserID(userID), usertoken.PurposeEQ(usertoken.PurposeSession), usertoken.Trusted(true)).ClearTrusted().Exec(ctx)
	return wrap("distrust sessions", err)
}
