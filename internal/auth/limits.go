package auth

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/internal/limit"
	"github.com/authgraph/authgraph/internal/store"
)

// Limits are the settings from which the table below is made.
type Limits struct {
	Login, SignUp, Mail, Factor limit.Limit
}

// limitTable is every limit that there is. A place is an IP address, as source
// counts it.
type limitTable struct {
	// Wrong passwords for one identifier as typed, whether an account has it or
	// not. The answer must not tell whether there is an account, or that two
	// identifiers belong to the same one. Given back on success.
	loginName limit.Limit
	// Wrong passwords for one account, by any of its identifiers. It refuses
	// with the answer of a wrong password, for the same reason.
	loginAccount limit.Limit
	// The two above, over a day. They stop an attacker who stays just below
	// them (NIST SP 800-63B-4 section 3.2.2 allows 100 wrong passwords in a
	// row). Only a wrong password counts.
	loginDay, accountDay limit.Limit
	// Wrong passwords for one account from known devices. A stranger who uses
	// up the limits above does not lock out the owner.
	loginDevice limit.Limit
	// E-mails that tell an owner that the attempts are used up.
	lockNotice limit.Limit
	// Attempts at any password or mailed token from one place. Given back
	// on success.
	loginSource limit.Limit
	// Wrong passwords for one confirmation token.
	confirmToken limit.Limit
	// Wrong passwords in one session. Without it, a thief with an access token
	// could guess the password.
	sessionPassword limit.Limit
	// Over a day: wrong passwords for one account in all its sessions, and in
	// all its change-of-address e-mails, which may have gone to a mistyped
	// address.
	sessionDay, letterDay limit.Limit
	// Sign-ups from one place.
	signUpSource limit.Limit
	// Changes of one account that the application may be asked about.
	accountChange limit.Limit
	// Requests for reset e-mails from one place.
	resetSource limit.Limit
	// E-mails to one address after sign-ups, and the share of one place.
	signUpLetter, signUpLetterSource limit.Limit
	// E-mails to one address after reset requests, and the share of one place.
	resetLetter, resetLetterSource limit.Limit
	// E-mails to one address after requests to change to it, and the share of
	// one place.
	changeLetter, changeLetterSource limit.Limit
	// E-mails of all kinds except notices.
	allLetters limit.Limit

	factorTable
	emailTable
	providerTable
}

func newLimitTable(l Limits) limitTable {
	named := func(name string, base limit.Limit, count int) limit.Limit {
		return limit.Limit{Name: name, Count: count, Per: base.Per}
	}
	shared := func(name string, base limit.Limit, count int) limit.Limit {
		return limit.Limit{Name: name, Count: count, Per: base.Per, Shared: true}
	}
	// Each window of a day allows five times the setting. Attempts around the
	// end of a window can use two windows, so ten times. If the setting has a
	// shorter period, the window is shorter too. The attempt that goes over the
	// limit was verified already.
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
		accountChange:      named("account_change", l.SignUp, l.SignUp.Count),
		resetSource:        shared("reset_source", l.SignUp, l.SignUp.Count),
		signUpLetter:       named("sign_up_letter", l.Mail, l.Mail.Count),
		signUpLetterSource: named("sign_up_letter_source", l.Mail, share),
		resetLetter:        named("reset_letter", l.Mail, l.Mail.Count),
		resetLetterSource:  named("reset_letter_source", l.Mail, share),
		changeLetter:       named("change_letter", l.Mail, l.Mail.Count),
		changeLetterSource: named("change_letter_source", l.Mail, share),
		allLetters:         shared("all_letters", l.Mail, 1000*l.Mail.Count),
		factorTable:        newFactorTable(l.Factor),
		emailTable:         newEmailTable(l.SignUp, l.Mail, share),
		providerTable:      newProviderTable(l.Login),
	}
}

// attempt is one row of the table, counted for one account, address or place.
type attempt struct {
	limit limit.Limit
	whom  string
}

func (a attempt) counted() limit.Attempt { return limit.Attempt{Limit: a.limit, Whom: a.whom} }

// limits is the table and the counters.
type limits struct {
	limitTable
	limiter *limit.Limiter
}

// spend counts the attempts one after the other until one is over its limit.
// Then it answers RATE_LIMITED, and the attempts counted before stay counted.
func (l *limits) spend(ctx context.Context, attempts ...attempt) error {
	for _, a := range attempts {
		if err := l.limiter.Spend(ctx, a.counted()); err != nil {
			return limited(err)
		}
	}
	return nil
}

// spendAll is spend for up to three limits in one statement. It also returns how
// many of them it counted.
func (l *limits) spendAll(ctx context.Context, attempts ...attempt) (counted int, err error) {
	counted, err = l.limiter.SpendAll(ctx, allCounted(attempts)...)
	return counted, limited(err)
}

// limited turns a limit's refusal into RATE_LIMITED.
func limited(err error) error {
	var exceeded *limit.Exceeded
	if errors.As(err, &exceeded) {
		return &Error{Code: RateLimited, RetryAfter: exceeded.RetryAfter}
	}
	return err
}

// giveBack takes back what was counted when it turned out not to be a guess.
func (l *limits) giveBack(ctx context.Context, attempts ...attempt) error {
	return l.limiter.GiveBack(ctx, allCounted(attempts)...)
}

// giveBackIn is giveBack in a transaction.
func (l *limits) giveBackIn(ctx context.Context, tx *store.Tx, attempts ...attempt) error {
	return l.limiter.GiveBackIn(ctx, tx, allCounted(attempts)...)
}

func allCounted(attempts []attempt) []limit.Attempt {
	all := make([]limit.Attempt, len(attempts))
	for i, a := range attempts {
		all[i] = a.counted()
	}
	return all
}

// settle takes back what was counted for a right secret, and all wrong ones in a row
// before it.
func (l *limits) settle(ctx context.Context, g guess) error {
	return l.limiter.Settle(ctx, g.row.counted(), g.place.counted(), g.open.counted(), g.day.counted(), g.silent.counted())
}

// undecided takes back what was counted for a password that the server was too
// busy to verify: nothing was guessed. It returns the error.
func (l *limits) undecided(ctx context.Context, err error, attempts ...attempt) error {
	if !is(err, Overloaded) {
		return err
	}
	if err := l.giveBack(ctx, attempts...); err != nil {
		return err
	}
	return err
}

// source is how attempts from one place are counted. IPv6 counts by /64, which
// is what one subscriber gets. IPv4 inside IPv6 counts as plain IPv4.
func source(ip netip.Addr) string {
	ip = ip.Unmap().WithZone("")
	if ip.Is6() {
		return netip.PrefixFrom(ip, 64).Masked().String()
	}
	return ip.String()
}

// byUser is how attempts at an account are counted.
func byUser(id uuid.UUID) string { return "user:" + id.String() }

// byIdentifier is how attempts at an identifier are counted, whether an account
// has it or not.
func byIdentifier(id identifier) string { return id.field + ":" + id.key }

// retryAfterFault is the waiting time that a client is told when we do not know
// a better one.
const retryAfterFault = time.Second
