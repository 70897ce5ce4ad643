package auth

import (
	"context"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/internal/mail"
	"github.com/authgraph/authgraph/internal/store"
)

// passwordLogins is the feature of logging in with a password.
type passwordLogins struct {
	*core
	limits   *limits
	captchas *captchas
	guesses  *guesses
	letters  *letters
	proofs   *proofs
	sessions *sessions
	users    *users
	devices  *devices
	events   *events
}

// LoginInput has exactly one of address and username, and the password.
type LoginInput struct {
	Email    *string
	Username *string
	Password string
	Captcha  *string
	Session  *SessionInput
}

// Login logs in with a password.
//
// An unknown account, an account that is not confirmed, and a wrong password
// all give INVALID_CREDENTIALS, after the same work. They also count against
// the same kinds of limits. Whether a stranger is RATE_LIMITED depends only on
// what was typed. DISABLED is said only after the right password.
//
// A hash that is weaker than the present setting is replaced. If the server was
// too busy to decide, no attempt is counted. Attempts at one account wait for
// each other, so that several right passwords at once do not count as wrong
// ones. The account is read before anything is counted, so that one statement
// counts the attempt by place, identifier and account.
func (f *passwordLogins) Login(ctx context.Context, c Caller, in LoginInput) (*Outcome, error) {
	id, choice, err := checkLogin(in)
	if err != nil {
		return nil, err
	}
	leave, err := f.proofs.admit(ctx, in.Password)
	if err != nil {
		return nil, err
	}
	defer leave()
	if err := f.solved(ctx, c, in.Captcha); err != nil {
		return nil, err
	}
	u, err := f.users.find(ctx, id)
	if err != nil {
		return nil, err
	}
	var rehashed string
	var outcome *Outcome
	err = f.guesses.tryAnd(ctx, f.guess(c, id, u), func(blind bool) (err error) {
		rehashed, err = f.judge(ctx, c, u, blind, in.Password)
		return err
	}, func(owed []attempt) (err error) {
		outcome, err = f.begin(ctx, c, choice, u, rehashed, owed)
		return err
	})
	return outcome, err
}

// begin begins the session after the right password, and stores its new hash if
// there is one.
func (f *passwordLogins) begin(ctx context.Context, c Caller, choice sessionChoice, u *ent.User, rehashed string, owed []attempt) (*Outcome, error) {
	by := byPassword(EventLogin, u)
	by.owed = owed
	if rehashed == "" {
		by.unchanged = u
	}
	return f.sessions.finish(ctx, c, choice, by, func(tx *store.Tx) (*ent.User, error) {
		locked, err := f.users.lockVerified(ctx, tx, u)
		if err != nil || rehashed == "" || !sameHash(locked, u) {
			return locked, err
		}
		locked.PasswordHash = &rehashed
		return locked, tx.User.Update().Where(userIs(u.ID)).SetPasswordHash(rehashed).Exec(ctx)
	})
}

// solved asks for the CAPTCHA, where login wants one. A bad answer counts as an
// attempt from its place.
func (f *passwordLogins) solved(ctx context.Context, c Caller, answer *string) error {
	if !f.captchas.wants("login") {
		return nil
	}
	place := attempt{f.limits.loginSource, source(c.IP)}
	if err := f.limits.spend(ctx, place); err != nil {
		return err
	}
	if err := f.captchas.check(ctx, c, "login", answer); err != nil {
		return err
	}
	return f.limits.giveBack(ctx, place)
}

// checkLogin collects what is wrong with the input before anything is counted.
func checkLogin(in LoginInput) (id identifier, choice sessionChoice, err error) {
	var wrong problems
	id, err = parseIdentifier(in.Email, in.Username)
	wrong.add(err)
	if in.Password == "" {
		wrong.add(refuse(Required, "password"))
	}
	choice, err = parseSession(in.Session)
	wrong.add(err)
	return id, choice, wrong.err()
}

// guess counts a login by place, by identifier and by account. If there is no account, it
// counts the identifier twice. A known device has a count of its own, so that
// strangers who use up the others do not lock out the owner.
func (f *passwordLogins) guess(c Caller, id identifier, u *ent.User) guess {
	g := guess{place: attempt{f.limits.loginSource, source(c.IP)}, placeNow: true, exhausted: func(ctx context.Context) error { return f.tellLocked(ctx, c, u) }}
	account := byIdentifier(id)
	if u != nil {
		account = byUser(u.ID)
	}
	g.turn = account
	if u != nil && f.devices.knows(c, u) {
		g.open = attempt{f.limits.loginDevice, account}
		return g
	}
	g.open = attempt{f.limits.loginName, byIdentifier(id)}
	g.silent = attempt{f.limits.loginAccount, account}
	g.days = f.days(id, u, g)
	return g
}

// days counts a stranger's wrong passwords over a day, by identifier and by
// account. When they are too many, an address is closed to strangers until the
// day is over, whether it has an account or not. So is an account that has an
// address. Its owner still gets in from a known device or with a reset e-mail.
// An account without an address cannot get a reset e-mail: only the limit on
// each quarter of an hour slows attempts at it. The answers at a username do
// not show whether its account has an address.
func (f *passwordLogins) days(id identifier, u *ent.User, g guess) []dayLimit {
	name := dayLimit{wrong: attempt{f.limits.loginDay, g.open.whom}, shuts: g.open}
	account := dayLimit{wrong: attempt{f.limits.accountDay, g.silent.whom}, shuts: g.silent}
	if id.field != "email" {
		name.shuts = attempt{}
	}
	if u != nil && u.EmailKey == nil {
		account.shuts = attempt{}
	}
	return []dayLimit{name, account}
}

// judge refuses a wrong password, an unknown user and a disabled account. It
// returns a new hash if the stored one should be replaced.
func (f *passwordLogins) judge(ctx context.Context, c Caller, u *ent.User, blind bool, given string) (rehashed string, err error) {
	var stored *string
	userID := uuid.Nil
	if u != nil && !blind {
		stored, userID = u.PasswordHash, u.ID
	}
	ok, rehash, err := f.proofs.verify(ctx, given, stored, "request", c.RequestID, "account", userID)
	if err != nil {
		return "", err
	}
	failure := happening{event: EventLogin, user: userID}
	if !ok {
		return "", f.events.recordAnd(ctx, c, failure, refuse(InvalidCredentials))
	}
	if u.DisabledAt != nil {
		return "", f.events.recordAnd(ctx, c, failure, refuse(Disabled))
	}
	if !rehash {
		return "", nil
	}
	rehashed, err = f.proofs.hash(ctx, given)
	if is(err, Overloaded) {
		return "", nil // the next login tries again
	}
	return rehashed, err
}

// tellLocked records that guesses have used up the attempts at an account, and
// writes to its owner. If there is no account, the work is the same.
func (f *passwordLogins) tellLocked(ctx context.Context, c Caller, u *ent.User) error {
	locked, to := happening{event: EventLogin, outcome: string(RateLimited)}, ""
	if u != nil {
		locked.user = u.ID
		if u.EmailKey != nil {
			to = *u.EmailKey
		}
	}
	return f.store.InTx(ctx, func(tx *store.Tx) error {
		if err := f.letters.post(ctx, tx, mail.AccountLocked, to, f.letters.letter(c, u), "", uuid.Nil); err != nil {
			return err
		}
		return f.events.record(ctx, tx, c, locked)
	})
}
