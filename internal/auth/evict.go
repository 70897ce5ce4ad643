package auth

import (
	"context"
	"fmt"
	"strings"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/factor"
	"github.com/authgraph/authgraph/ent/identity"
	"github.com/authgraph/authgraph/ent/usertoken"
	"github.com/authgraph/authgraph/internal/store"
)

// evictions gives an account to the person who holds its mailbox. That is the
// strongest proof until the mailbox was proved to us once.
type evictions struct {
	*core
	identities *identities
	users      *users
	events     *events
}

// evict removes all that others may have put into an account whose address was never
// proved to us, and takes it for proved. The password goes too, if it is not about
// to be set. Username, profile and roles stay: they open nothing, and the account is
// the same one to the application, which may have data of it.
func (p *evictions) evict(ctx context.Context, tx *store.Tx, c Caller, u *ent.User, password bool) (*ent.User, error) {
	if _, err := tx.Identity.Delete().Where(identity.UserID(u.ID)).Exec(ctx); err != nil {
		return nil, fmt.Errorf("remove identities: %w", err)
	}
	if _, err := tx.Factor.Delete().Where(factor.UserID(u.ID)).Exec(ctx); err != nil {
		return nil, fmt.Errorf("remove factors: %w", err)
	}
	if _, err := tx.UserToken.Delete().Where(usertoken.UserID(u.ID)).Exec(ctx); err != nil {
		return nil, fmt.Errorf("void every token: %w", err)
	}
	now := p.now()
	update := tx.User.UpdateOneID(u.ID).SetSecondFactor(false).SetFactorsChangedAt(now).SetConfirmedAt(now).SetUpdatedAt(now).
		ClearPendingEmail().ClearPendingEmailKey()
	if password {
		update.ClearPasswordHash().SetCredentialsChangedAt(p.users.afterChange(u))
	}
	tx.Changed(u.ID)
	u, err := update.Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("store the account: %w", err)
	}
	return u, p.events.record(ctx, tx, c, happening{event: EventEvict, user: u.ID})
}

// byReset is what a reset does besides: it takes identities out of use, because one
// of them may be a thief's, or evicts. It returns the names of the providers.
func (p *evictions) byReset(ctx context.Context, tx *store.Tx, c Caller, u *ent.User) (providers string, err error) {
	if u.ConfirmedAt == nil {
		_, err := p.evict(ctx, tx, c, u, false)
		return "", err
	}
	rows, err := p.identities.suspend(ctx, tx, u.ID)
	if err != nil {
		return "", err
	}
	var names []string
	for _, row := range rows {
		names = append(names, p.identities.nameOf(row.Provider))
		if err := p.events.record(ctx, tx, c, happening{event: EventIdentitySuspend, user: u.ID, detail: row.Provider}); err != nil {
			return "", err
		}
	}
	return strings.Join(names, ", "), nil
}
