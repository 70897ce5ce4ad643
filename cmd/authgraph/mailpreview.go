package main

import (
	"fmt"
	"strings"

	"github.com/authgraph/authgraph/internal/mail"
)

type mailPreview struct {
	Letter string `arg:"" help:"The name of an e-mail, such as confirm."`
	HTML   bool   `name:"html" help:"Print the HTML part and not the text."`
}

// Help is printed below the line of help.
func (mailPreview) Help() string {
	return "The content is made up. The e-mails are: " + strings.Join(mail.Names(), ", ") + "."
}

// Run prints an e-mail with your templates and settings. It needs no database.
func (cmd mailPreview) Run(p *program) error {
	renderer, err := mail.NewRenderer(p.config.Letters)
	if err != nil {
		return fmt.Errorf("AUTHGRAPH_MAIL_TEMPLATES: %w", err)
	}
	m, err := renderer.Sample(cmd.Letter)
	if err != nil {
		return fmt.Errorf("%w; there are %s", err, strings.Join(mail.Names(), ", "))
	}
	if cmd.HTML {
		_, err = fmt.Fprint(p.out, m.HTML)
		return err
	}
	_, err = fmt.Fprintf(p.out, "From: %s <%s>\nTo: %s\nSubject: %s\n\n%s", p.config.MailFrom.Name, p.config.MailFrom.Address, m.To, m.Subject, m.Text)
	return err
}
