package auth

import (
	"context"
	"errors"
	"strings"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/internal/password"
	"github.com/authgraph/authgraph/internal/store"
)

// proofs is how a person proves who they are: the password.
type proofs struct {
	*core
	events      *events
	guesses     *guesses
	limits      *limits
	passwords   *password.Hasher
	policy      password.Policy
	serviceName string
}

// checkNewPassword refuses a password that the policy refuses. Words that an
// attacker would try first for this account, such as its username, count as
// common.
func (p *proofs) checkNewPassword(chosen, field string, identifiers ...string) error {
	if chosen == "" {
		return refuse(Required, field)
	}
	switch err := p.policy.Check(chosen, p.contextWords(identifiers)...); {
	case errors.Is(err, password.ErrTooShort):
		return refuse(PasswordTooShort, field)
	case errors.Is(err, password.ErrTooLong):
		return refuse(TooLong, field)
	case errors.Is(err, password.ErrTooCommon):
		return refuse(PasswordTooCommon, field)
	default:
		return err
	}
}

func (p *proofs) contextWords(identifiers []string) []string {
	words := []string{p.serviceName, "authgraph"}
	for _, id := range identifiers {
		if id == "" {
			continue
		}
		words = append(words, id)
		if local, domain, ok := strings.Cut(id, "@"); ok {
			words = append(words, local, domain, strings.SplitN(domain, ".", 2)[0])
		}
	}
	return words
}

// identifiersOf lists the names of an account.
func identifiersOf(u *ent.User) []string {
	var ids []string
	for _, id := range []*string{u.EmailKey, u.UsernameKey, u.PendingEmailKey} {
		if id != nil {
			ids = append(ids, *id)
		}
	}
	return ids
}

// hash makes the stored form of a password. It is slow on purpose: never call
// it in a transaction.
func (p *proofs) hash(ctx context.Context, chosen string) (string, error) {
	hash, err := p.passwords.Hash(ctx, chosen)
	return hash, asOverload(err)
}

// verify compares a password with a stored hash. Without a hash it takes just
// as long. A text that is longer than any password is wrong at once, for every
// account. A hash that cannot be read, for example because its pepper was lost,
// is logged for the operator, and the password counts as wrong: a fault would
// reveal that there is an account. whose says in the log what the hash belongs
// to.
func (p *proofs) verify(ctx context.Context, given string, stored *string, whose ...any) (ok, rehash bool, err error) {
	if p.policy.TooLong(given) {
		return false, false, nil
	}
	if stored == nil {
		return false, false, asOverload(p.passwords.VerifyNone(ctx, given))
	}
	ok, rehash, err = p.passwords.Verify(ctx, given, *stored)
	if errors.Is(err, password.ErrUnreadable) {
		p.log.ErrorContext(ctx, "no password opens this, until a new one is set: its hash cannot be read", append(whose, "err", err)...)
		return false, false, nil
	}
	return ok, rehash, asOverload(err)
}

// prove verifies the present password of the caller's account, as proof that
// the owner asks. It records a wrong one. Wrong ones are counted by session,
// and by account for the day: otherwise a thief with an access token could
// guess it.
func (p *proofs) prove(ctx context.Context, c Caller, given, field string) error {
	if given == "" {
		return refuse(Required, field)
	}
	h := happening{event: EventReauthenticate, user: c.User.ID}
	within := attempt{p.limits.sessionPassword, c.SessionID.String()}
	g := guess{
		turn: within.whom, open: within,
		days: []dayLimit{{attempt{p.limits.sessionDay, byUser(c.User.ID)}, within}},
		exhausted: func(ctx context.Context) error {
			h.outcome = string(RateLimited)
			return p.store.InTx(ctx, func(tx *store.Tx) error { return p.events.record(ctx, tx, c, h) })
		},
	}
	return p.guesses.try(ctx, g, func(bool) error {
		ok, _, err := p.verify(ctx, given, c.User.PasswordHash, "request", c.RequestID, "account", c.User.ID)
		if err == nil && !ok {
			err = p.events.recordAnd(ctx, c, h, refuse(InvalidCredentials, field))
		}
		return err
	})
}

// admit reserves a place for a password that will be hashed. It refuses when
// the wait would be too long, before the request costs a query. A text that
// will not be hashed needs no place. The caller calls leave when it is done.
func (p *proofs) admit(ctx context.Context, given string) (leave func(), err error) {
	if p.policy.TooLong(given) {
		return func() {}, nil
	}
	leave, err = p.passwords.Admit(ctx)
	return leave, asOverload(err)
}

// asOverload turns a full hashing queue into OVERLOADED.
func asOverload(err error) error {
	var overloaded *password.OverloadedError
	if errors.As(err, &overloaded) {
		return &Error{Code: Overloaded, RetryAfter: max(overloaded.RetryAfter, retryAfterFault)}
	}
	return err
}
