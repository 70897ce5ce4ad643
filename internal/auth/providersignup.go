package auth

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/usertoken"
	"github.com/authgraph/authgraph/internal/mail"
	"github.com/authgraph/authgraph/internal/store"
)

// providerSignUps makes the accounts of people whom a provider has named.
type providerSignUps struct {
	*core
	limits     *limits
	letters    *letters
	arrivals   *arrivals
	identities *identities
	addresses  *newAddresses
	settings   *Settings
}

// newByProvider is an account to make.
type newByProvider struct {
	arrival *arrival
	to      *identifier
	rule    linkRule
	user    *ent.User
	session uuid.UUID // that begins with it
	send    bool      // the limit allows an e-mail to the address
}

// next is the account as it will be: the application is asked about it.
func (p *providerSignUps) next(c Caller, s standing, rule linkRule) *ent.User {
	u := newUser(nil, p.settings.accepted(c), p.now())
	switch rule {
	case newUnproved:
		u.Email, u.ConfirmedAt = &s.to.typed, nil
	case newProved:
		u.Email = &s.to.typed
	case newPending:
		u.ConfirmedAt = nil
	}
	return u
}

// prepare counts the e-mail that asks for a confirmation.
func (p *providerSignUps) prepare(ctx context.Context, c Caller, a *arrival, s standing, rule linkRule, by proof) (newByProvider, error) {
	made := newByProvider{arrival: a, to: s.to, rule: rule, user: by.user, session: by.session}
	if rule != newPending {
		return made, nil
	}
	var err error
	made.send, err = p.letters.mayMail(ctx, c, s.to.key, budget{address: p.limits.changeLetter, share: p.limits.changeLetterSource})
	return made, err
}

// make makes the account. An address that the provider does not vouch for is pending,
// as one that was typed into a form.
func (p *providerSignUps) make(ctx context.Context, tx *store.Tx, c Caller, n newByProvider) (*ent.User, *ent.Identity, error) {
	now := p.now()
	// The user comes first: its unique index makes rivals wait.
	create := tx.User.Create().SetID(n.user.ID).SetProfile(n.user.Profile).SetNillableLocale(n.user.Locale).SetCredentialsChangedAt(now).SetCreatedAt(now).SetUpdatedAt(now)
	if n.rule == newUnproved || n.rule == newProved {
		create.SetEmail(n.to.typed).SetEmailKey(n.to.key)
	}
	if n.user.ConfirmedAt != nil {
		create.SetConfirmedAt(now)
	}
	u, err := create.Save(ctx)
	if ent.IsConstraintError(err) {
		return nil, nil, errMoved
	}
	if err != nil {
		return nil, nil, fmt.Errorf("store the user: %w", err)
	}
	if err := p.arrivals.redeem(ctx, tx, n.arrival); err != nil {
		return nil, nil, err
	}
	row, err := p.identities.add(ctx, tx, u.ID, n.arrival, true)
	if ent.IsConstraintError(err) {
		return nil, nil, errMoved
	}
	if err != nil {
		return nil, nil, err
	}
	switch n.rule {
	case newPending:
		update := tx.User.UpdateOneID(u.ID)
		if err := p.addresses.ask(ctx, tx, c, u, update, newAddress{to: *n.to, send: n.send, session: n.session}); err != nil {
			return nil, nil, err
		}
		u, err = update.Save(ctx)
	case newUnproved, newProved:
		err = p.welcome(ctx, tx, c, u, n)
	}
	return u, row, err
}

// welcome voids sign-ups for the address, and tells its owner.
func (p *providerSignUps) welcome(ctx context.Context, tx *store.Tx, c Caller, u *ent.User, n newByProvider) error {
	_, err := tx.UserToken.Delete().Where(usertoken.SentTo(n.to.key), usertoken.PurposeEQ(usertoken.PurposeConfirm)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("void sign-ups for the address: %w", err)
	}
	l := p.letters.letter(c, u)
	l.Providers = n.arrival.provider.Name
	return p.letters.notice(ctx, tx, u, mail.SignedUp, l)
}

// admitNamed is admit for somebody whom a provider has named. There is no form, so
// there is no CAPTCHA. to is nil if there is no address.
func (g *newcomers) admitNamed(ctx context.Context, c Caller, operation string, to *identifier, locale *string) error {
	if err := g.limits.spend(ctx, attempt{g.limits.signUpSource, source(c.IP)}); err != nil {
		return err
	}
	in := askedInput{Locale: locale}
	if to != nil {
		in.Email = &to.typed
	}
	return g.validation.check(ctx, c, operation, in)
}
