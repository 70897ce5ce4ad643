package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/internal/auth"
)

// userCommand is what the operator does to accounts. An account is named by
// its id, address or username.
type userCommand struct {
	List     userList     `cmd:"" help:"List all accounts, or those whose address or username begins with a prefix."`
	Create   userCreate   `cmd:"" help:"Make an account. Its owner gets an e-mail to choose a password."`
	Show     userShow     `cmd:"" help:"Show an account."`
	Disable  userDisable  `cmd:"" help:"Disable an account: its sessions end, links in its e-mails stop working, and its API tokens are refused until it is enabled."`
	Enable   userEnable   `cmd:"" help:"Enable a disabled account."`
	Delete   userDelete   `cmd:"" help:"Delete an account and all that belongs to it."`
	Sessions userSessions `cmd:"" help:"List where an account is logged in."`
	Revoke   userRevoke   `cmd:"" help:"End an account's sessions, or one of them."`
	Roles    userRoles    `cmd:"" help:"Show the roles of an account, or set them."`
	Factors  userFactors  `cmd:"" help:"List an account's passkeys and authenticator apps."`

	Identities userIdentities `cmd:"" help:"List with which providers an account logs in."`
	Unlink     userUnlink     `cmd:"" help:"Let an identity log in to an account no more. Its sessions end."`
	MoveIssuer userMoveIssuer `cmd:"" help:"Give all identities of an issuer another one, when a provider has moved to another URL."`

	ResetFactors userResetFactors `cmd:"" help:"Remove an account's passkeys, authenticator apps and recovery codes, when its owner has lost them. Its sessions end."`
}

type account struct {
	Account string `arg:"" help:"Id, address or username."`
}

// on runs a command on the account that it names.
func (a account) on(p *program, do func(s *auth.Service, u *ent.User) error) error {
	return withDomain(p, func(s *auth.Service) error {
		u, err := s.Account(p.ctx, operator, a.Account)
		if errors.Is(err, auth.ErrNotFound) {
			return errNoAccount
		}
		if err != nil {
			return err
		}
		return do(s, u)
	})
}

// operator is the caller of the commands: who can run them can read the
// database and its secret, and may do everything.
var operator = auth.Caller{}.AsOperator()

var (
	errNoAccount = errors.New("there is no such account")
	errNoSession = errors.New("the account has no such session")
)

type userShow struct{ account }

// Run prints an account.
func (cmd userShow) Run(p *program) error {
	return cmd.on(p, func(s *auth.Service, u *ent.User) error {
		factors, err := factorRows(p, s, u)
		if err != nil {
			return err
		}
		linked, err := identityRows(p, s, u)
		if err != nil {
			return err
		}
		return table(p.out, append([][]string{
			{"id", u.ID.String()},
			{"email", text(u.Email)}, {"username", text(u.Username)}, {"pending email", text(u.PendingEmail)},
			{"roles", strings.Join(s.RolesOf(u), " ")},
			{"confirmed", moment(u.ConfirmedAt)}, {"disabled", moment(u.DisabledAt)},
			{"created", moment(&u.CreatedAt)}, {"updated", moment(&u.UpdatedAt)},
		}, append(factors, linked...)...))
	})
}

type userDisable struct{ account }

// Run disables an account.
func (cmd userDisable) Run(p *program) error {
	return cmd.on(p, func(s *auth.Service, u *ent.User) error {
		return say(p, s.DisableAccount(p.ctx, operator, u.ID), "disabled %s", u.ID)
	})
}

type userEnable struct{ account }

// Run enables an account.
func (cmd userEnable) Run(p *program) error {
	return cmd.on(p, func(s *auth.Service, u *ent.User) error {
		return say(p, s.EnableAccount(p.ctx, operator, u.ID), "enabled %s", u.ID)
	})
}

type userDelete struct {
	account
	Yes bool `help:"Do not ask for a confirmation."`
}

// Run deletes an account, once that was said to be meant.
func (cmd userDelete) Run(p *program) error {
	return cmd.on(p, func(s *auth.Service, u *ent.User) error {
		name := "without a name"
		switch {
		case u.Email != nil:
			name = *u.Email
		case u.Username != nil:
			name = *u.Username
		}
		if err := p.sure(cmd.Yes, fmt.Sprintf("Delete the account %s (%s) and all that belongs to it? This cannot be undone.", name, u.ID)); err != nil {
			return err
		}
		return say(p, s.RemoveAccount(p.ctx, operator, u.ID), "deleted %s", u.ID)
	})
}

type userSessions struct{ account }

// Run lists sessions.
func (cmd userSessions) Run(p *program) error {
	return cmd.on(p, func(s *auth.Service, u *ent.User) error {
		sessions, err := s.Sessions(p.ctx, auth.Caller{}, u)
		if err != nil {
			return err
		}
		rows := [][]string{{"ID", "LAST USED", "ADDRESS", "BEGAN", "ENDS", "DEVICE"}}
		for _, one := range sessions {
			rows = append(rows, []string{
				one.ID.String(), moment(&one.LastUsedAt), text(one.IPAddress), moment(&one.CreatedAt), moment(&one.EndsAt), text(one.DeviceName),
			})
		}
		return table(p.out, rows)
	})
}

type userRevoke struct {
	account
	Session *uuid.UUID `help:"Only this session."`
}

// Run ends sessions.
func (cmd userRevoke) Run(p *program) error {
	return cmd.on(p, func(s *auth.Service, u *ent.User) error {
		if cmd.Session == nil {
			n, err := s.EndSessions(p.ctx, operator, u.ID)
			return say(p, err, "ended %d sessions of %s", n, u.ID)
		}
		err := s.EndSession(p.ctx, operator, u.ID, *cmd.Session)
		if errors.Is(err, auth.ErrNotFound) {
			return errNoSession
		}
		return say(p, err, "ended session %s of %s", *cmd.Session, u.ID)
	})
}

func say(p *program, err error, format string, args ...any) error {
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.out, format+"\n", args...)
	return err
}

func table(w io.Writer, rows [][]string) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		for i, cell := range row {
			if i > 0 {
				fmt.Fprint(t, "\t") //nolint:errcheck // Flush tells
			}
			fmt.Fprint(t, cell) //nolint:errcheck // Flush tells
		}
		fmt.Fprintln(t) //nolint:errcheck // Flush tells
	}
	return t.Flush()
}

func text(s *string) string {
	if s == nil {
		return "-"
	}
	return *s
}

func moment(t *time.Time) string {
	if t == nil || t.IsZero() {
		return "-"
	}
	return t.UTC().Format(time.RFC3339)
}
