package mail

import (
	"strings"

	netmail "net/mail"

	gomail "github.com/wneessen/go-mail"
)

// compose makes the mail. Its envelope has one recipient, its Message-ID and
// Date do not change when sending is repeated, and Auto-Submitted (RFC 3834)
// keeps vacation programs from answering.
func compose(from Sender, m Message) (*gomail.Msg, error) {
	if err := checkAddress(m.To); err != nil {
		return nil, err
	}
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	msg.FromMailAddress(&netmail.Address{Name: from.Name, Address: from.Address})
	msg.ToMailAddress(&netmail.Address{Address: m.To})
	msg.Subject(strings.Join(strings.Fields(m.Subject), " "))
	msg.SetMessageIDWithValue(m.ID.String() + "@" + from.domain())
	msg.SetDateWithValue(m.At.UTC())
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	return msg, nil
}
