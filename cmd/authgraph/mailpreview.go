package main

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/authgraph/authgraph/internal/mail"
)

type mailPreview struct {
	Letter string `arg:"" help:"The name of an e-mail, such as confirm."`
	Locale string `name:"locale" help:"Its language, one of LOCALES. Without it, the first of them."`
	HTML   bool   `name:"html" help:"Print the HTML part and not the text."`
}

// Help is printed below the line of help.
func (mailPreview) Help() string {
	return "The content is made up. The e-mails are: " + strings.Join(mail.Names(), ", ") + "."
}

var errNoLanguage = errors.New("a language that is not offered")

// Run prints an e-mail with your templates and settings. It needs no database.
func (cmd mailPreview) Run(p *program) error {
	renderer, err := mail.NewRenderer(p.config.Letters)
	if err != nil {
		return fmt.Errorf("AUTHGRAPH_MAIL_TEMPLATES: %w", err)
	}
	offered := p.config.Letters.Locales
	if tag, err := offered.Given(cmd.Locale); cmd.Locale != "" && tag == "" {
		return fmt.Errorf("--locale: %w; there are %s", cmp.Or(err, errNoLanguage), strings.Join(offered.Tags(), ", "))
	}
	m, err := renderer.Sample(cmd.Letter, cmd.Locale)
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
