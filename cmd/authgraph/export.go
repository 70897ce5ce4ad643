package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/mattn/go-isatty"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/profile"
	"github.com/authgraph/authgraph/internal/userfile"
)

type exportCommand struct {
	File           string `arg:"" optional:"" help:"The file to write. It must not exist. Without it, standard output."`
	PasswordHashes string `help:"with: whoever reads the file can try to guess the passwords. without: nobody can log in by it." enum:"with,without" required:""`
}

// Help is printed below the line of help.
func (exportCommand) Help() string {
	return `One JSON object per line, as import reads it; only you can read the file. Passkeys, authenticator apps, recovery codes
and identities at providers are not in it. To move everything, use a backup of the database.`
}

// Run exports all accounts.
func (cmd exportCommand) Run(p *program) error {
	if _, err := prepareProfile(p.config); err != nil {
		return err
	}
	return withDomain(p, func(s *auth.Service) error {
		done, err := cmd.write(p, s)
		if err != nil {
			return fmt.Errorf("export: %w", err)
		}
		said := fmt.Sprintf("exported %d accounts; not in the file: passkeys and authenticator apps of %d accounts, identities of %d",
			done.Accounts, done.WithFactors, done.WithIdentities)
		if done.WithoutProfile > 0 {
			said += fmt.Sprintf(", the unreadable profiles of %d", done.WithoutProfile)
		}
		_, err = fmt.Fprintln(p.logTo, said) // not among the accounts
		return err
	})
}

func (cmd exportCommand) write(p *program, s *auth.Service) (done auth.Exported, err error) {
	to := p.out
	if cmd.File != "" {
		file, err := os.OpenFile(cmd.File, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err != nil {
			return done, err
		}
		defer func() {
			if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
				err = errors.Join(err, os.Remove(cmd.File)) // half of the accounts look like all
			}
		}()
		to = file
	} else if out, is := to.(standardOut); is && cmd.PasswordHashes == "with" && terminal(out.Writer) {
		return done, errors.New("password hashes are not written to a terminal; name a file")
	}
	buffered := bufio.NewWriterSize(to, 64<<10)
	var line []byte
	done, err = s.ExportAccounts(p.ctx, operator, cmd.PasswordHashes == "with", func(u userfile.User, kept profile.Document) (err error) {
		if line, err = userfile.AppendJSON(line[:0], u, kept); err != nil {
			return err
		}
		_, err = buffered.Write(line)
		return err
	})
	return done, errors.Join(err, buffered.Flush())
}

func terminal(w io.Writer) bool {
	f, is := w.(*os.File)
	return is && isatty.IsTerminal(f.Fd())
}
