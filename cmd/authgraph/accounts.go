package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/internal/auth"
)

type userList struct {
	Prefix string     `arg:"" optional:"" help:"The beginning of the address or username."`
	After  *uuid.UUID `help:"The id of the last account of the page before. The list goes on after it."`
	Limit  int        `help:"The largest number of accounts." default:"100"`
	JSON   bool       `name:"json" help:"Print a JSON object per line."`
}

// Run lists accounts. That there are more, and how to see them, goes to standard
// error, so that the list itself can be read by programs.
func (cmd userList) Run(p *program) error {
	if cmd.Limit < 1 || cmd.Limit > 10_000 {
		return errors.New("--limit must be between 1 and 10000")
	}
	filter := auth.AccountFilter{Prefix: cmd.Prefix, Limit: cmd.Limit}
	if cmd.After != nil {
		filter.After = *cmd.After
	}
	return withDomain(p, func(s *auth.Service) error {
		page, more, err := s.Accounts(p.ctx, operator, filter)
		if errors.Is(err, auth.ErrNotFound) {
			return fmt.Errorf("--after: %w", errNoAccount)
		}
		if err != nil {
			return err
		}
		if err := cmd.print(p, s, page); err != nil {
			return err
		}
		if more {
			_, err = fmt.Fprintf(p.logTo, "there are more accounts: add --after=%s\n", page[len(page)-1].ID)
		}
		return err
	})
}

// accountLine is an account as JSON.
type accountLine struct {
	ID           uuid.UUID  `json:"id"`
	Email        *string    `json:"email"`
	Username     *string    `json:"username"`
	PendingEmail *string    `json:"pendingEmail"`
	Roles        []string   `json:"roles"`
	ConfirmedAt  *time.Time `json:"confirmedAt"`
	DisabledAt   *time.Time `json:"disabledAt"`
	CreatedAt    time.Time  `json:"createdAt"`
	UpdatedAt    time.Time  `json:"updatedAt"`
}

func (cmd userList) print(p *program, s *auth.Service, page []*ent.User) error {
	if cmd.JSON {
		lines := json.NewEncoder(p.out)
		for _, u := range page {
			line := accountLine{u.ID, u.Email, u.Username, u.PendingEmail, s.RolesOf(u), utc(u.ConfirmedAt), utc(u.DisabledAt), u.CreatedAt.UTC(), u.UpdatedAt.UTC()}
			if err := lines.Encode(line); err != nil {
				return err
			}
		}
		return nil
	}
	rows := [][]string{{"ID", "EMAIL", "USERNAME", "CREATED", "DISABLED"}}
	for _, u := range page {
		rows = append(rows, []string{u.ID.String(), text(u.Email), text(u.Username), moment(&u.CreatedAt), moment(u.DisabledAt)})
	}
	return table(p.out, rows)
}

func utc(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	return new(t.UTC())
}

type userCreate struct {
	Name          string `arg:"" name:"address-or-username" help:"Address or username."`
	Locale        string `name:"locale" help:"The language of its e-mails, one of LOCALES. Without it, the first of them."`
	PasswordStdin bool   `help:"Read the password from standard input, and send no e-mail. An account with a username needs this."`
}

// Run makes an account.
func (cmd userCreate) Run(p *program) error {
	in := auth.CreateAccountInput{Username: &cmd.Name}
	if strings.Contains(cmd.Name, "@") { // no username has one
		in = auth.CreateAccountInput{Email: &cmd.Name}
	}
	if cmd.Locale != "" {
		in.Locale = &cmd.Locale
	}
	if cmd.PasswordStdin {
		given, err := readPassword(ending(p.ctx, p.in))
		if err != nil {
			return err
		}
		in.Password = &given
	} else if in.Email == nil {
		return errors.New("an account with a username gets no e-mail to choose a password; give it one with --password-stdin")
	}
	return withDomain(p, func(s *auth.Service) error {
		u, err := s.CreateAccount(p.ctx, operator, in)
		if err := told(err); err != nil {
			return err
		}
		if in.Password == nil {
			return say(p, nil, "made %s; its owner gets an e-mail to choose a password", u.ID)
		}
		return say(p, nil, "made %s", u.ID)
	})
}

// readPassword reads the one line that was piped in. A mark before it is of the
// file, not of the password. What nobody could type at a form is refused: the
// account would be shut.
func readPassword(from io.Reader) (string, error) {
	const most = 64 << 10
	given, err := io.ReadAll(io.LimitReader(from, most))
	if errors.Is(err, errNotSure) {
		return "", err
	}
	if err != nil {
		return "", fmt.Errorf("--password-stdin: %w", err)
	}
	line := strings.TrimSuffix(strings.TrimSuffix(strings.TrimPrefix(string(given), "\ufeff"), "\n"), "\r")
	switch {
	case !utf8.ValidString(line):
		return "", errors.New("--password-stdin: what was piped in is not in UTF-8")
	case strings.ContainsAny(line, "\r\n\x00"):
		return "", errors.New("--password-stdin: what was piped in is more than one line")
	}
	return line, nil
}

// told says a refusal in the words for people.
func told(err error) error {
	var all auth.Errors
	if one := (*auth.Error)(nil); !errors.As(err, &all) && errors.As(err, &one) {
		all = auth.Errors{one}
	}
	if len(all) == 0 {
		return err
	}
	words := make([]string, len(all))
	for i, one := range all {
		words[i] = one.Message()
	}
	return errors.New(strings.Join(words, " "))
}
