package auth

import (
	"time"

	"github.com/authgraph/authgraph/internal/limit"
)

// factorTable is every throttle on codes of a second factor. A code of an app has
// six digits, and three of them are good at a time: of a million guesses three
// succeed.
type factorTable struct {
	// Wrong codes of an app after the right password, by account. Given back on
	// success.
	factorAccount limit.Limit
	// The same over a day, and in a row (NIST SP 800-63B-4 section 3.2.2 allows 100):
	// then an app no longer opens the account to strangers' browsers.
	factorDay, factorRow limit.Limit
	// The same from browsers that have logged in since the factors last changed: a
	// stranger who knows the password does not shut the owner out.
	factorDevice limit.Limit
	// Wrong codes within one session or at one beginning of an app, and those that can
	// be guessed within all sessions of an account over a day.
	factorSession, factorSessionDay limit.Limit
	// Answers to one challenge: the fifth wrong one voids it.
	challengeTries limit.Limit
}

// newFactorTable makes the table of its setting. It can be off, but for answers to
// one challenge.
func newFactorTable(base limit.Limit) factorTable {
	named := func(name string) limit.Limit { return limit.Limit{Name: name, Count: base.Count, Per: base.Per} }
	// As in newLimitTable: two windows may meet, and then hold ten times the setting.
	daily := func(name string) limit.Limit {
		return limit.Limit{Name: name, Count: max(0, 5*base.Count-1), Per: max(base.Per, min(day, 96*base.Per)), Shared: true}
	}
	// What is counted after the others has a name that comes before theirs, see
	// limit.GiveBack. The day within sessions is counted before a code is looked at.
	within := daily("codes_within_day")
	within.Count = 5 * base.Count
	row := limit.Limit{Name: "codes_in_a_row", Count: 100, Per: 365 * day}
	if base.Count == 0 {
		row.Count = 0
	}
	return factorTable{
		factorAccount: named("factor_account"), factorDevice: named("factor_device"), factorSession: named("factor_session"),
		factorDay: daily("factor_day"), factorSessionDay: within, factorRow: row,
		challengeTries: limit.Limit{Name: "challenge", Count: 5, Per: time.Hour},
	}
}
