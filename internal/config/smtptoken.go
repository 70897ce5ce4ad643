package config

import (
	"errors"
	"net/url"
	"strings"

	"github.com/authgraph/authgraph/internal/origin"
)

// readMailTokens reads how a mail server's tokens are got. One that takes tokens takes no
// password, and one that takes neither has no user.
func readMailTokens(r *reader, c *Config, s *Settings) {
	o := &c.SMTPTokens
	o.URL = read(r, &s.SMTPTokenURL, tokenEndpoint)
	o.ClientID = read(r, &s.SMTPClientID, words(500))
	o.ClientSecret, o.RefreshToken = s.SMTPClientSecret.text, s.SMTPRefreshToken.text
	o.Scope = strings.Fields(read(r, &s.SMTPScope, words(1000)))
	for _, v := range []*Value{&s.SMTPClientID, &s.SMTPClientSecret, &s.SMTPScope, &s.SMTPRefreshToken} {
		if v.text != "" && !s.SMTPTokenURL.set() {
			r.wrong(v, "needs SMTP_TOKEN_URL")
		}
	}
	switch {
	case s.SMTPTokenURL.bad || s.SMTPClientID.bad: // of a mistake nothing follows
	case o.URL == "" && c.SMTP.Username != "" && c.SMTP.Password == "":
		r.wrong(&s.SMTPURL, "has a user without a password")
	case o.URL == "":
	case o.ClientID == "":
		r.wrong(&s.SMTPTokenURL, "needs SMTP_CLIENT_ID")
	case c.SMTP.Host != "" && (c.SMTP.Username == "" || c.SMTP.Password != ""):
		r.wrong(&s.SMTPURL, "must have a user and no password, since SMTP_TOKEN_URL is set")
	}
}

// tokenEndpoint reads a URL that secrets are sent to: https, or this machine.
func tokenEndpoint(v *Value) (string, error) {
	if v.text == "" {
		return "", nil
	}
	u, err := url.Parse(v.text)
	local := err == nil && u.Scheme == "http" && origin.IsLoopback(u.Hostname())
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" || u.Scheme != "https" && !local {
		return "", errors.New("is not a URL such as https://login.example.com/token")
	}
	return v.text, nil
}
