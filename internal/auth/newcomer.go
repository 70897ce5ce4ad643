package auth

import (
	"context"

	"github.com/authgraph/authgraph/internal/profile"
)

// newcomers is the gate before a new account. Every way to sign up passes it
// after its own checks, before anything is hashed, and before it looks whether a
// name is taken.
type newcomers struct {
	limits     *limits
	captchas   *captchas
	validation *validation
}

// newcomer is who wants an account, as they said at the form.
type newcomer struct {
	// operation of the schema that begins the account.
	operation string
	// id is the address or username that was asked for.
	id identifier
	// profile is what they said of themselves.
	profile profile.Document
	// locale is their language, as it is stored.
	locale *string
	// captcha is the answer, where one is wanted.
	captcha *string
}

// input is what the application is asked about.
func (n newcomer) input() askedInput {
	in := askedInput{Profile: n.profile, Locale: n.locale}
	if n.id.field == "email" {
		in.Email = &n.id.typed
	} else {
		in.Username = &n.id.typed
	}
	return in
}

// asks reports that others are asked, which takes its time.
func (g *newcomers) asks(operation string) bool {
	return g.captchas.wants(operation) || g.validation.asks()
}

// admit lets a newcomer in or refuses them. The application hears of free and of
// taken names alike, and of no more newcomers than the limit allows. What it
// returns was counted and can be given back, if the server is then too busy to
// hash: see limits.undecided. That is nothing if others were asked.
func (g *newcomers) admit(ctx context.Context, c Caller, n newcomer) (counted []attempt, err error) {
	place := attempt{g.limits.signUpSource, source(c.IP)}
	if err := g.limits.spend(ctx, place); err != nil {
		return nil, err
	}
	if !g.asks(n.operation) {
		return []attempt{place}, nil
	}
	return nil, g.ask(ctx, c, n)
}

// ask is admit for a newcomer who was counted before.
func (g *newcomers) ask(ctx context.Context, c Caller, n newcomer) error {
	if err := g.captchas.check(ctx, c, n.operation, n.captcha); err != nil {
		return err
	}
	return g.validation.check(ctx, c, n.operation, n.input())
}
