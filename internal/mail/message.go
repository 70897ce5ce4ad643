package mail

import (
	"errors"
	netmail "net/mail"
	"strings"
	"time"
	"unicode"

	"github.com/google/uuid"
)

// Message is a letter ready to be sent. It holds its token in the clear and
// must not be logged; its String names the id alone.
type Message struct {
	// ID is the outbox's id of the letter. It makes the Message-ID, which is
	// therefore the same however often sending is tried.
	ID uuid.UUID
	// Letter is the name of the letter.
	Letter string
	// To is the address it goes to, the only one.
	To string
	// At is the Date of the mail.
	At time.Time
	// Subject is a single line.
	Subject string
	// Text and HTML are the two alternatives of the body.
	Text, HTML string
	// Token and Link are what the letter carries, for the development
	// mailbox; both are empty in a notice.
	Token, Link string
}

// String names the message by its id, so that a careless %v tells no secret.
func (m Message) String() string { return "message " + m.ID.String() }

// GoString is String, for %#v.
func (m Message) GoString() string { return m.String() }

// checkAddress refuses what is not one plain address: anything that a mail
// server or client could take for a list, a comment, a display name or a
// second command. The error does not quote the address.
func checkAddress(addr string) error {
	special := strings.ContainsAny(addr, "<>()[],;:\\\" ") || strings.ContainsFunc(addr, unicode.IsControl)
	if addr == "" || len(addr) > 254 || special {
		return errors.New("the address is not valid")
	}
	parsed, err := netmail.ParseAddress(addr)
	if err != nil || parsed.Address != addr || parsed.Name != "" {
		return errors.New("the address is not valid")
	}
	return nil
}
