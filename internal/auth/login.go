package auth

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/predicate"
	"github.com/authgraph/authgraph/ent/user"
	"github.com/authgraph/authgraph/internal/mail"
	"github.com/authgraph/authgraph/internal/store"
)

// LoginInput is exactly one of address and username, and the password.
type LoginInput struct {
	Email    *string
	Username *string
	Password string
	Session  *SessionInput
}

// Login logs in with a password.
//
// An unknown account, one that waits for its confirmation and a wrong password
// are INVALID_CREDENTIALS alike, after the same work and spending the same
// kind of attempts: whether a stranger's is one too many depends on what was
// typed alone.
// DISABLED is said only after the right password. A hash below the present
// setting is replaced. What the server was too busy to decide about spends no
// attempt, and attempts at one account take turns, so that right passwords at
// once are not taken for wrong ones.
func (s *Service) Login(ctx context.Context, c Caller, in LoginInput) (*Login, error) {
	var wrong problems
	id, err := parseIdentifier(in.Email, in.Username)
	wrong.add(err)
	if in.Password == "" {
		wrong.add(refuse(Required, "password"))
	}
	choice, err := parseSession(in.Session)
	wrong.add(err)
	if err := wrong.err(); err != nil {
		return nil, err
	}
	leave, err := s.admit(ctx, in.Password)
	if err != nil {
		return nil, err
	}
	defer leave()
	u, err := s.findUser(ctx, id)
	if err != nil {
		return nil, err
	}
	rehashed, err := s.tryPassword(ctx, c, id, u, in.Password)
	if err != nil {
		return nil, err
	}
	return s.startSession(ctx, c, choice, EventLogin, func(tx *store.Tx) (*ent.User, error) {
		locked, err := s.lockVerified(ctx, tx, u)
		if err != nil || rehashed == "" || locked.PasswordHash != u.PasswordHash {
			return locked, err
		}
		locked.PasswordHash = rehashed
		return locked, tx.User.Update().Where(userIs(u.ID)).SetPasswordHash(rehashed).Exec(ctx)
	})
}

// tryPassword spends the attempts of a login, refuses what provePassword does,
// and takes them back if the password is right. It returns a new hash if the
// stored one should be replaced.
func (s *Service) tryPassword(ctx context.Context, c Caller, id identifier, u *ent.User, given string) (rehashed string, err error) {
	place, name, account := s.loginAttempts(c, id, u)
	if err := s.spend(ctx, place); err != nil {
		return "", err // before it waits for anybody
	}
	pass, err := s.takeTurn(ctx, account.whom)
	if err != nil {
		return "", s.undecided(ctx, err, place)
	}
	defer pass()
	if err := s.spend(ctx, name); err != nil {
		return "", s.tellLocked(ctx, c, u, account.whom, err)
	}
	judged := u
	if err := s.spend(ctx, account); errors.Is(err, refuse(RateLimited)) {
		if err := s.tellLocked(ctx, c, u, account.whom, nil); err != nil {
			return "", err
		}
		judged = nil            // whose password is not even looked at
		account.limit.Count = 0 // nothing was spent that could be given back
	} else if err != nil {
		return "", err
	}
	rehashed, err = s.provePassword(ctx, c, judged, given)
	if errors.Is(err, refuse(InvalidCredentials)) {
		return "", s.countLoginDay(ctx, id, u, name, account, err)
	}
	if err != nil {
		return "", s.undecided(ctx, err, place, name, account)
	}
	return rehashed, s.giveBack(ctx, place, name, account)
}

// provePassword refuses a wrong password, an unknown user and a disabled
// account. It returns a new hash if the stored one should be replaced.
func (s *Service) provePassword(ctx context.Context, c Caller, u *ent.User, given string) (rehashed string, err error) {
	var stored *string
	userID := uuid.Nil
	if u != nil {
		stored, userID = &u.PasswordHash, u.ID
	}
	ok, rehash, err := s.verify(ctx, given, stored)
	if err != nil {
		return "", err
	}
	failure := happening{event: EventLogin, user: userID}
	if !ok {
		return "", s.recordAnd(ctx, c, failure, refuse(InvalidCredentials))
	}
	if u.DisabledAt != nil {
		return "", s.recordAnd(ctx, c, failure, refuse(Disabled))
	}
	if !rehash {
		return "", nil
	}
	rehashed, err = s.hash(ctx, given)
	if errors.Is(err, refuse(Overloaded)) {
		return "", nil // the next login may find the time
	}
	return rehashed, err
}

// loginAttempts are by place, by what was typed, and by account or, where there
// is none, by what was typed again. A device that has logged in before has a
// count of its own, so that strangers who use up the others do not shut its
// owner out.
func (s *Service) loginAttempts(c Caller, id identifier, u *ent.User) (place, name, account attempt) {
	place = attempt{s.limits.loginSource, source(c.IP)}
	switch {
	case u == nil:
		return place, attempt{s.limits.loginName, byIdentifier(id)}, attempt{s.limits.loginAccount, byIdentifier(id)}
	case s.knowsDevice(c, u):
		return place, attempt{s.limits.loginDevice, byUser(u.ID)}, attempt{whom: byUser(u.ID)}
	}
	return place, attempt{s.limits.loginName, byIdentifier(id)}, attempt{s.limits.loginAccount, byUser(u.ID)}
}

// countLoginDay counts a stranger's wrong password for the day, by what was
// typed and by account. Once those are too many, an address is shut to strangers
// until the day is over, and an account that has one: its owner still gets in
// from a known device, or with a reset letter. An account that can have no such
// letter is slowed by the limit on each quarter of an hour only; that of a
// username tells nobody whether there is an address. It returns the refusal.
func (s *Service) countLoginDay(ctx context.Context, id identifier, u *ent.User, name, account attempt, refusal error) error {
	if name.limit.Name == s.limits.loginDevice.Name {
		return refusal
	}
	account.limit = s.limits.loginAccount // also where it refused, and nothing was spent
	if id.field != "email" {
		name.limit.Count = 0 // there is nothing to shut
	}
	if u != nil && u.EmailKey == nil {
		account.limit.Count = 0
	}
	if err := s.countDay(ctx, attempt{s.limits.loginDay, name.whom}, name); err != nil {
		return err
	}
	if err := s.countDay(ctx, attempt{s.limits.accountDay, account.whom}, account); err != nil {
		return err
	}
	return refusal
}

// tellLocked records that guessing has used up the attempts on an account, and
// writes to its owner, once a day at most. For an account that does not exist
// the work is the same. It returns the refusal, if that is what it looks like.
func (s *Service) tellLocked(ctx context.Context, c Caller, u *ent.User, whom string, refusal error) error {
	if refusal != nil && !errors.Is(refusal, refuse(RateLimited)) {
		return refusal
	}
	first, err := s.firstToday(ctx, whom)
	if err != nil {
		return err
	}
	if !first {
		return refusal
	}
	locked, to := happening{event: EventLogin, outcome: string(RateLimited)}, ""
	if u != nil {
		locked.user = u.ID
		if u.EmailKey != nil {
			to = *u.EmailKey
		}
	}
	err = s.store.InTx(ctx, func(tx *store.Tx) error {
		if err := s.post(ctx, tx, mail.AccountLocked, to, s.letter(c, u), "", uuid.Nil); err != nil {
			return err
		}
		return s.record(ctx, tx, c, locked)
	})
	if err != nil {
		return err
	}
	return refusal
}

// firstToday reports that nobody was told today that attempts are used up.
func (s *Service) firstToday(ctx context.Context, whom string) (bool, error) {
	err := s.spend(ctx, attempt{s.limits.lockNotice, whom})
	if errors.Is(err, refuse(RateLimited)) {
		return false, nil
	}
	return err == nil, err
}

// findUser returns nil for an unknown identifier.
func (s *Service) findUser(ctx context.Context, id identifier) (*ent.User, error) {
	is := user.EmailKey(id.key)
	if id.field == "username" {
		is = user.UsernameKey(id.key)
	}
	u, err := s.store.User.Query().Where(is).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("find the user: %w", err)
	}
	return u, nil
}

// lockVerified locks a user whose password was verified before the
// transaction, and refuses if the password is another one by now: a change or
// a reset that committed meanwhile wins.
func (s *Service) lockVerified(ctx context.Context, tx *store.Tx, verified *ent.User) (*ent.User, error) {
	u, err := tx.LockUser(ctx, verified.ID)
	if ent.IsNotFound(err) {
		return nil, refuse(InvalidCredentials)
	}
	if err != nil {
		return nil, fmt.Errorf("lock the user: %w", err)
	}
	if !samePassword(u, verified) {
		return nil, refuse(InvalidCredentials)
	}
	return u, nil
}

// samePassword reports that the password is still the one that was verified.
// Another hash of the same password, made by a login beside this one, is no
// change.
func samePassword(now, verified *ent.User) bool {
	return now.PasswordHash == verified.PasswordHash || now.PasswordChangedAt.Equal(verified.PasswordChangedAt)
}

func userIs(id uuid.UUID) predicate.User { return user.ID(id) }
