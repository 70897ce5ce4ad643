package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/internal/mail"
)

// mailCommand is for trying the mail server, and for e-mails that it did not take.
type mailCommand struct {
	List    mailList    `cmd:"" help:"List e-mails: what waits, what was sent, what failed and why."`
	Retry   mailRetry   `cmd:"" help:"Try e-mails that failed again."`
	Preview mailPreview `cmd:"" help:"Print an e-mail with made-up content, to see your own templates."`

	Test mailTest `cmd:"" help:"Send a test e-mail now, without the queue, and print what the mail server answers."`
}

type mailTest struct {
	Address string `arg:"" help:"The address to send it to."`
}

// Run sends a mail and prints the server's answer. It needs no database.
func (cmd mailTest) Run(p *program) error {
	if p.config.Mailbox {
		return errors.New("AUTHGRAPH_SMTP_URL is not set: the development mailbox catches all e-mails, and none is sent")
	}
	office, err := newPostOffice(p.config)
	if err != nil {
		return err
	}
	defer office.close()
	service := p.config.Letters.Service
	answer, err := office.smtp.Try(p.ctx, mail.Message{
		ID: uuid.New(), Letter: "test", To: cmd.Address, At: time.Now(), Subject: "Test e-mail from " + service,
		Text: "This is a test. E-mails from " + service + " arrive here.\n",
		HTML: "<p>This is a test. E-mails arrive here.</p>\n",
	})
	if refused := (*mail.Error)(nil); errors.As(err, &refused) && refused.Answer() != "" {
		return fmt.Errorf("AUTHGRAPH_SMTP_URL: %w\nthe server's answer: %q", err, refused.Answer())
	}
	if err != nil {
		return fmt.Errorf("AUTHGRAPH_SMTP_URL: %w", err)
	}
	return say(p, nil, "the mail server accepted the e-mail: %q", answer)
}
