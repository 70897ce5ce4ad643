package main

import (
	"fmt"

	"github.com/authgraph/authgraph/internal/callout"
	"github.com/authgraph/authgraph/internal/config"
	"github.com/authgraph/authgraph/internal/mail"
)

// postOffice turns what the outbox hands over into mail.
type postOffice struct {
	courier *mail.Courier
	mailbox *mail.Mailbox // in development without SMTP
	smtp    *mail.SMTP
}

func newPostOffice(c *config.Config) (*postOffice, error) {
	renderer, err := mail.NewRenderer(c.Letters)
	if err != nil {
		return nil, fmt.Errorf("AUTHGRAPH_MAIL_TEMPLATES: %w", err) // the rest is made of settings that were checked
	}
	if c.Mailbox {
		mailbox := new(mail.Mailbox)
		return &postOffice{courier: mail.NewCourier(renderer, mailbox), mailbox: mailbox}, nil
	}
	options := mail.SMTPOptions{RootCAs: c.SMTPAuthorities}
	if c.SMTPTokens.URL != "" {
		options.Tokens = callout.NewMailToken(c.SMTPTokens)
	}
	smtp, err := mail.NewSMTP(c.SMTP, c.MailFrom, options)
	if err != nil {
		return nil, fmt.Errorf("AUTHGRAPH_SMTP_URL: %w", err)
	}
	return &postOffice{courier: mail.NewCourier(renderer, smtp), smtp: smtp}, nil
}

func (p *postOffice) close() {
	if p.smtp != nil {
		_ = p.smtp.Close() // every letter was answered for before
	}
}
