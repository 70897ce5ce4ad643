package auth

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/internal/limit"
)

// Limits are the three settings that the table below is made of.
type Limits struct {
	Login, SignUp, Mail limit.Limit
}

// limitTable is every throttle there is.
type limitTable struct {
	// Wrong passwords by the identifier that was typed, whether there is such an
	// account or not: the answer must not tell, neither that nor that two
	// identifiers are of one account. Given back on success.
	loginName limit.Limit
	// The same by account, whatever it was called. It refuses as a wrong password
	// does, for the same reason.
	loginAccount limit.Limit
	// The first two over a day, which ends the patience of somebody who keeps just
	// below them (NIST SP 800-63B-4 section 3.2.2 allows 100 wrong passwords in a
	// row). Spent only after a wrong password.
	loginDay, accountDay limit.Limit
	// Wrong passwords from devices that have logged in before, by account: a
	// stranger who exhausts the row above does not shut the owner out.
	loginDevice limit.Limit
	// Letters that tell an owner that attempts were used up.
	lockNotice limit.Limit
	// Attempts at any password or mailed token from one place. Given back on
	// success.
	loginSource limit.Limit
	// Wrong passwords at one confirmation token.
	confirmToken limit.Limit
	// Wrong passwords within one session: a stolen access token is no way to
	// guess at the password.
	sessionPassword limit.Limit
	// Wrong passwords of an account within all its sessions over a day, and at all
	// its letters about a change of address, which may have gone to a mistyped one.
	sessionDay, letterDay limit.Limit
	// Sign-ups from one place.
	signUpSource limit.Limit
	// Requests for reset letters from one place.
	resetSource limit.Limit
	// Letters to one address after sign-ups, and the share of one place.
	signUpLetter, signUpLetterSource limit.Limit
	// Letters to one address after requests to reset, and the share of one place.
	resetLetter, resetLetterSource limit.Limit
	// Letters to one address after requests to change to it, and the share of one place.
	changeLetter, changeLetterSource limit.Limit
	// Letters of all kinds but notices.
	allLetters limit.Limit
}

func newLimitTable(l Limits) limitTable {
	named := func(name string, base limit.Limit, count int) limit.Limit {
		return limit.Limit{Name: name, Count: count, Per: base.Per}
	}
	shared := func(name string, base limit.Limit, count int) limit.Limit {
		return limit.Limit{Name: name, Count: count, Per: base.Per, Shared: true}
	}
	// In windows of a day, two of which may meet: then they hold ten times the
	// setting. A setting that forgets sooner has a shorter day. The attempt that
	// exceeds it has been looked at already.
	daily := func(name string) limit.Limit {
		return limit.Limit{Name: name, Count: max(0, 5*l.Login.Count-1), Per: max(l.Login.Per, min(day, 96*l.Login.Per)), Shared: true}
	}
	share := (l.Mail.Count*3 + 4) / 5
	return limitTable{
		loginName:          named("login_name", l.Login, l.Login.Count),
		loginAccount:       named("login_account", l.Login, l.Login.Count),
		loginDay:           daily("login_day"),
		accountDay:         daily("account_day"),
		loginDevice:        named("login_device", l.Login, l.Login.Count),
		lockNotice:         limit.Limit{Name: "lock_notice", Count: 1, Per: day},
		loginSource:        shared("login_source", l.Login, 10*l.Login.Count),
		confirmToken:       named("confirm_token", l.Login, l.Login.Count),
		sessionDay:         daily("session_day"),
		letterDay:          daily("letter_day"),
		sessionPassword:    named("session_password", l.Login, l.Login.Count),
		signUpSource:       shared("sign_up_source", l.SignUp, l.SignUp.Count),
		resetSource:        shared("reset_source", l.SignUp, l.SignUp.Count),
		signUpLetter:       named("sign_up_letter", l.Mail, l.Mail.Count),
		signUpLetterSource: named("sign_up_letter_source", l.Mail, share),
		resetLetter:        named("reset_letter", l.Mail, l.Mail.Count),
		resetLetterSource:  named("reset_letter_source", l.Mail, share),
		changeLetter:       named("change_letter", l.Mail, l.Mail.Count),
		changeLetterSource: named("change_letter_source", l.Mail, share),
		allLetters:         shared("all_letters", l.Mail, 1000*l.Mail.Count),
	}
}

// attempt is one row of the table, spent for somebody.
type attempt struct {
	limit limit.Limit
	whom  string
}

func (a attempt) counted() limit.Attempt { return limit.Attempt{Limit: a.limit, Whom: a.whom} }

// limits is the table, and the counters it is spent from.
type limits struct {
	limitTable
	limiter *limit.Limiter
}

// spend counts the attempts one after the other, until one is too many: then
// it answers RATE_LIMITED, and the attempts counted before it stay counted.
func (l *limits) spend(ctx context.Context, attempts ...attempt) error {
	for _, a := range attempts {
		if err := l.limiter.Spend(ctx, a.counted()); err != nil {
			return limited(err)
		}
	}
	return nil
}

// spendBoth is spend for two rows at once. It says how many it counted.
func (l *limits) spendBoth(ctx context.Context, first, second attempt) (counted int, err error) {
	counted, err = l.limiter.SpendBoth(ctx, first.counted(), second.counted())
	return counted, limited(err)
}

// limited is RATE_LIMITED for a limit's refusal.
func limited(err error) error {
	var exceeded *limit.Exceeded
	if errors.As(err, &exceeded) {
		return &Error{Code: RateLimited, RetryAfter: exceeded.RetryAfter}
	}
	return err
}

// giveBack takes back what was spent, once it turned out to be no guess.
func (l *limits) giveBack(ctx context.Context, attempts ...attempt) error {
	all := make([]limit.Attempt, len(attempts))
	for i, a := range attempts {
		all[i] = a.counted()
	}
	return l.limiter.GiveBack(ctx, all...)
}

// undecided takes back what was spent for a password that the server was too
// busy to look at: nothing was guessed. It returns the error.
func (l *limits) undecided(ctx context.Context, err error, attempts ...attempt) error {
	if !is(err, Overloaded) {
		return err
	}
	if err := l.giveBack(ctx, attempts...); err != nil {
		return err
	}
	return err
}

// source is how attempts from one place are counted: IPv6 by the /64 that a
// subscriber gets, IPv4 written as IPv6 as the IPv4 address it is.
func source(ip netip.Addr) string {
	ip = ip.Unmap().WithZone("")
	if ip.Is6() {
		return netip.PrefixFrom(ip, 64).Masked().String()
	}
	return ip.String()
}

// byUser is how attempts on an account are counted.
func byUser(id uuid.UUID) string { return "user:" + id.String() }

// byIdentifier is how attempts on what was typed are counted, whether there is
// such an account or not.
func byIdentifier(id identifier) string { return id.field + ":" + id.key }

// retryAfterFault is what a client is told to wait when we cannot say better.
const retryAfterFault = time.Second
