package mail

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
)

// mailboxSize is how many messages a Mailbox keeps.
const mailboxSize = 200

// Caught is a message in the development mailbox, as its JSON shows it.
type Caught struct {
	ID      uuid.UUID `json:"id"`
	To      string    `json:"to"`
	Subject string    `json:"subject"`
	Letter  string    `json:"letter"`
	At      time.Time `json:"at"`
	Token   string    `json:"token,omitempty"`
	Link    string    `json:"link,omitempty"`
	Text    string    `json:"text"`
	HTML    string    `json:"html"`
}

// Mailbox is the transport of development: it sends nothing and keeps the
// latest 200 messages in memory for the developer to read. It shows tokens and
// must never be reachable in production. It is safe for concurrent use.
type Mailbox struct {
	mu     sync.Mutex
	caught []Caught // oldest first
}

// Send keeps the message. It refuses the addresses that SMTP would refuse.
func (b *Mailbox) Send(_ context.Context, m Message) error {
	if err := checkAddress(m.To); err != nil {
		return &Error{step: "write the mail", permanent: true, cause: err}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.caught) == mailboxSize {
		b.caught = slices.Delete(b.caught, 0, 1)
	}
	b.caught = append(b.caught, Caught{
		ID: m.ID, To: m.To, Subject: m.Subject, Letter: m.Letter, At: m.At,
		Token: m.Token, Link: m.Link, Text: m.Text, HTML: m.HTML,
	})
	return nil
}

// Messages returns what was caught, newest first; never nil.
func (b *Mailbox) Messages() []Caught {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := append(make([]Caught, 0, len(b.caught)), b.caught...)
	slices.Reverse(out)
	return out
}
