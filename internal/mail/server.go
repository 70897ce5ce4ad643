package mail

import (
	"errors"
	"net"
	netmail "net/mail"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
)

// Security is how a connection to a mail server is protected.
type Security int

// The schemes of an SMTP URL.
const (
	// STARTTLS upgrades the connection before anything is said, and refuses a
	// server that cannot (smtp://).
	STARTTLS Security = iota
	// ImplicitTLS speaks TLS from the first byte (smtps://, RFC 8314).
	ImplicitTLS
	// Insecure speaks plain text (smtp+insecure://).
	Insecure
)

// Server is a mail server to hand letters to.
type Server struct {
	Host     string
	Port     int
	Username string
	Password string
	Security Security
}

// String is the server's URL without the credentials.
func (s Server) String() string {
	scheme := map[Security]string{STARTTLS: "smtp", ImplicitTLS: "smtps", Insecure: "smtp+insecure"}[s.Security]
	return scheme + "://" + s.address()
}

// GoString is String, for %#v.
func (s Server) GoString() string { return s.String() }

func (s Server) address() string { return net.JoinHostPort(s.Host, strconv.Itoa(s.Port)) }

// ParseURL reads smtp://user:password@host:port (STARTTLS required),
// smtps://… or smtp+insecure://host:port. Credentials may be left out, or the password
// alone where the server takes tokens; the
// port is 587, 465 and 25 where it is. Only smtp+insecure:// sends them in plain text,
// for a server on the same machine or network. It refuses anything after the port. No
// error quotes the URL, which holds the password.
func ParseURL(raw string) (Server, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return Server{}, errors.New("is not a URL; special characters in the user or password must be percent-encoded")
	}
	s := Server{Host: u.Hostname()}
	switch u.Scheme {
	case "smtp":
		s.Security, s.Port = STARTTLS, 587
	case "smtps":
		s.Security, s.Port = ImplicitTLS, 465
	case "smtp+insecure":
		s.Security, s.Port = Insecure, 25
	default:
		return Server{}, errors.New("must begin with smtp://, smtps:// or smtp+insecure://")
	}
	if s.Host == "" {
		return Server{}, errors.New("has no host")
	}
	if p := u.Port(); p != "" {
		if s.Port, err = strconv.Atoi(p); err != nil || s.Port < 1 || s.Port > 65535 {
			return Server{}, errors.New("the port is not a number from 1 to 65535")
		}
	}
	if strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" || u.Opaque != "" {
		return Server{}, errors.New("must end after the host and port")
	}
	if u.User != nil {
		s.Username = u.User.Username()
		s.Password, _ = u.User.Password()
		if s.Username == "" {
			return Server{}, errors.New("has a password without a user")
		}
	}
	return s, nil
}

// Sender is whom letters come from.
type Sender struct {
	Name    string
	Address string
}

// ParseSender reads "Name <address>" or an address alone. The address must be
// ASCII and have a domain, which also makes the Message-ID and the greeting.
func ParseSender(s string) (Sender, error) {
	a, err := netmail.ParseAddress(s)
	if err != nil {
		return Sender{}, errors.New(`must have the form "Name <address>", or be an address`)
	}
	sender := Sender{Name: a.Name, Address: a.Address}
	if _, err := idna.Lookup.ToASCII(sender.domain()); err != nil || checkAddress(a.Address) != nil {
		return Sender{}, errors.New("the address is not valid")
	}
	if strings.ContainsFunc(a.Address, func(r rune) bool { return r > unicode.MaxASCII }) {
		return Sender{}, errors.New("the address must be ASCII; write its domain in the xn-- form")
	}
	if strings.ContainsFunc(a.Name, unicode.IsControl) {
		return Sender{}, errors.New("the name has control characters")
	}
	return sender, nil
}

// domain is what follows the last @.
func (s Sender) domain() string { return s.Address[strings.LastIndexByte(s.Address, '@')+1:] }
