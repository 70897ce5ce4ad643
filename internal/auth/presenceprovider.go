package auth

import (
	"context"
	"errors"

	"github.com/authgraph/authgraph/internal/store"
)

// byProvider proves presence by logging in anew at a linked provider. It must be an
// identity of the caller's own, and the visit must have begun in this session.
func (f *presences) byProvider(ctx context.Context, c Caller, in ReauthenticateInput) (*Session, error) {
	if in.EmailCode != nil || in.TotpCode != nil || in.RecoveryCode != nil || isGiven(in.Passkey) {
		return nil, refuse(Invalid, "provider")
	}
	if c.User.SecondFactor {
		return nil, refuse(SecondFactorNeeded)
	}
	place := attempt{f.limits.loginSource, source(c.IP)}
	if err := f.limits.spend(ctx, place); err != nil {
		return nil, err
	}
	failure := happening{event: EventReauthenticate, user: c.User.ID, method: ByProvider}
	a, err := f.arrivals.one(ctx, c, in.Provider, in.IDToken, ToReauthenticate, "provider")
	if err != nil {
		return nil, f.recordProvider(ctx, c, failure, err)
	}
	failure.detail = a.provider.ID
	session, err := f.prove(ctx, c, []ProofKind{ByProvider}, func(tx *store.Tx) error {
		u, err := f.users.lockCaller(ctx, tx, c)
		if err != nil {
			return err
		}
		if u.SecondFactor {
			return refuse(SecondFactorNeeded) // added meanwhile
		}
		if err := f.arrivals.redeem(ctx, tx, a); err != nil {
			return err
		}
		row, err := f.arrivals.identities.find(ctx, tx.Client, &a.identity)
		if err != nil {
			return err
		}
		if row == nil || row.UserID != u.ID || !f.arrivals.identities.active(row) {
			return refuse(InvalidToken, a.field)
		}
		_, err = f.arrivals.identities.use(ctx, tx, row, a, true)
		return err
	})
	if err != nil {
		return nil, f.recordProvider(ctx, c, failure, err)
	}
	return session, f.limits.giveBack(ctx, place)
}

// recordProvider records an answer that proves nothing.
func (f *presences) recordProvider(ctx context.Context, c Caller, failure happening, err error) error {
	one := (*Error)(nil)
	if !errors.As(err, &one) || one.Code != InvalidToken && one.Code != ProviderFailed {
		return err
	}
	return f.events.recordAnd(ctx, c, failure, one)
}
