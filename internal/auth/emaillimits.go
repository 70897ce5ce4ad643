package auth

import "github.com/authgraph/authgraph/internal/limit"

// emailTable is every limit on codes that are sent by e-mail. Answers to one are
// counted as those to a challenge.
type emailTable struct {
	// Requests for codes from one place.
	emailSource limit.Limit
	// E-mails with a code to one address, and the share of one place. They are apart
	// from those with a link to reset: nobody can use up one by the other.
	emailLetter, emailLetterSource limit.Limit
}

func newEmailTable(source, mail limit.Limit, share int) emailTable {
	return emailTable{
		emailSource:       limit.Limit{Name: "email_source", Count: source.Count, Per: source.Per, Shared: true},
		emailLetter:       limit.Limit{Name: "email_letter", Count: mail.Count, Per: mail.Per},
		emailLetterSource: limit.Limit{Name: "email_letter_source", Count: share, Per: mail.Per},
	}
}
