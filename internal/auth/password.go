package auth

import (
	"context"
	"errors"
	"strings"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/internal/password"
)

// checkNewPassword refuses what the policy does. The words an attacker would
// try first for this very account count as common.
func (s *Service) checkNewPassword(chosen, field string, identifiers ...string) error {
	if chosen == "" {
		return refuse(Required, field)
	}
	switch err := s.policy.Check(chosen, s.contextWords(identifiers)...); {
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

// PasswordLengths are the fewest and the most code points of a password.
func (s *Service) PasswordLengths() (least, most int) { return s.policy.Min, s.policy.Max }

func (s *Service) contextWords(identifiers []string) []string {
	words := []string{s.ServiceName, "authgraph"}
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

// identifiersOf lists what an account is called.
func identifiersOf(u *ent.User) []string {
	var ids []string
	for _, id := range []*string{u.EmailKey, u.UsernameKey, u.PendingEmailKey} {
		if id != nil {
			ids = append(ids, *id)
		}
	}
	return ids
}

// hash makes the stored form of a password. It is slow on purpose: never
// inside a transaction.
func (s *Service) hash(ctx context.Context, chosen string) (string, error) {
	hash, err := s.passwords.Hash(ctx, chosen)
	return hash, asOverload(err)
}

// verify compares a password with a stored hash, or, where there is none,
// takes just as long. What is longer than any password can be is wrong at once,
// for everybody alike.
func (s *Service) verify(ctx context.Context, given string, stored *string) (ok, rehash bool, err error) {
	if s.policy.TooLong(given) {
		return false, false, nil
	}
	if stored == nil {
		return false, false, asOverload(s.passwords.VerifyNone(ctx, given))
	}
	ok, rehash, err = s.passwords.Verify(ctx, given, *stored)
	return ok, rehash, asOverload(err)
}

// checkPresent verifies the present password of a caller's account, as proof
// that its owner asks. Wrong ones are counted by session, and by account for the
// day, so that a stolen access token is no way to guess.
func (s *Service) checkPresent(ctx context.Context, c Caller, given, field string) error {
	if given == "" {
		return refuse(Required, field)
	}
	try := attempt{s.limits.sessionPassword, c.SessionID.String()}
	pass, err := s.takeTurn(ctx, try.whom)
	if err != nil {
		return err
	}
	defer pass()
	if err := s.spend(ctx, try); err != nil {
		return s.recordLocked(ctx, c, try, err)
	}
	ok, _, err := s.verify(ctx, given, &c.User.PasswordHash)
	if err != nil {
		return s.undecided(ctx, err, try)
	}
	if ok {
		return s.giveBack(ctx, try)
	}
	if err := s.countDay(ctx, attempt{s.limits.sessionDay, byUser(c.User.ID)}, try); err != nil {
		return err
	}
	return refuse(InvalidCredentials, field)
}

// recordLocked records that the attempts within a session are used up, once a
// day at most, and returns the refusal.
func (s *Service) recordLocked(ctx context.Context, c Caller, try attempt, refusal error) error {
	over, ok := errors.AsType[*Error](refusal)
	if !ok || over.Code != RateLimited {
		return refusal
	}
	first, err := s.firstToday(ctx, try.whom)
	if err != nil {
		return err
	}
	if !first {
		return refusal
	}
	return s.recordAnd(ctx, c, happening{event: EventReauthenticate, user: c.User.ID}, over)
}

// admit begins what leads up to a hash, or refuses what would wait for it in
// vain: a storm is not to cost the database anything. What is not hashed
// needs no admission. The caller calls leave when it is done.
func (s *Service) admit(ctx context.Context, given string) (leave func(), err error) {
	if s.policy.TooLong(given) {
		return func() {}, nil
	}
	leave, err = s.passwords.Admit(ctx)
	return leave, asOverload(err)
}

// asOverload turns a full hashing queue into what a client is told.
func asOverload(err error) error {
	var overloaded *password.OverloadedError
	if errors.As(err, &overloaded) {
		return &Error{Code: Overloaded, RetryAfter: max(overloaded.RetryAfter, retryAfterFault)}
	}
	return err
}
