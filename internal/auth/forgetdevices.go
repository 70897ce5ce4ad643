package auth

import (
	"context"

	"github.com/authgraph/authgraph/internal/store"
)

// trustedBrowsers is the feature of trusting browsers no more.
type trustedBrowsers struct {
	*core
	trusts *trusts
	users  *users
	events *events
}

// ForgetDevices forgets every browser that is trusted without a second factor.
func (f *trustedBrowsers) ForgetDevices(ctx context.Context, c Caller) error {
	err := f.store.InTx(ctx, func(tx *store.Tx) error {
		u, err := f.users.lockCaller(ctx, tx, c)
		if err != nil {
			return err
		}
		if err := f.trusts.forget(ctx, tx, u.ID); err != nil {
			return err
		}
		return f.events.record(ctx, tx, c, happening{event: EventDeviceForget, user: u.ID})
	})
	if err == nil {
		c.Browser.forgetTrust()
	}
	return err
}
