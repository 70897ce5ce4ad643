package auth

import "github.com/authgraph/authgraph/internal/limit"

// emailTable is every limit on codes that are sent by e-mail. Answers to one are
// counted as those to a challenge.
type emailTable struct {
	// Requests for codes from one place.
	emailSource limit.Limit
	// E-mails with a code to log in, to one address, and the share of one place. They are
	// apart from those with a link to reset: nobody can use up one by the other.
	emailLetter, emailLetterSource limit.Limit
	// E-mails with a code to prove presence, to the owner of a session: strangers cannot
	// use them up.
	presenceLetter limit.Limit
	// Wrong codes to log in, by the address that they were sent to, over a day and in a
	// row. No setting switches them off: codes that are asked for again and again are one
	// secret of eight digits. They refuse with the answer of a wrong code, since the
	// answer must not tell whether there is an account. A row is forgotten sooner than
	// that of an app, because anybody can fill it.
	emailDay, emailRow limit.Limit
}

func newEmailTable(source, mail limit.Limit, share int) emailTable {
	return emailTable{
		emailSource:       limit.Limit{Name: "email_source", Count: source.Count, Per: source.Per, Shared: true},
		emailLetter:       limit.Limit{Name: "email_letter", Count: mail.Count, Per: mail.Per},
		emailLetterSource: limit.Limit{Name: "email_letter_source", Count: share, Per: mail.Per},
		presenceLetter:    limit.Limit{Name: "presence_letter", Count: mail.Count, Per: mail.Per},
		// The row is counted last, so its name comes first, see limit.GiveBack.
		emailDay: limit.Limit{Name: "email_codes_within_day", Count: 50, Per: day, Shared: true},
		emailRow: limit.Limit{Name: "email_codes_in_a_row", Count: 100, Per: 30 * day},
	}
}
