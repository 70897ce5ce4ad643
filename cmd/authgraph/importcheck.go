package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/mattn/go-isatty"
	"golang.org/x/term"

	"github.com/authgraph/authgraph/internal/userfile"
)

var errWrongPassword = errors.New("this password does not open the account: it is another one, or the hash or its parameters are not what they seem")

var errNotInFile = errors.New("the file has no account with this address or username")

// check looks whether a password opens an account of the file. It stores nothing.
func (cmd importCommand) check(p *program, o *opened, reader *userfile.Reader) error {
	name, given, some := strings.Cut(cmd.Check, ":")
	if !some {
		if cmd.File == "-" {
			return errors.New("--check: standard input is the file; give the password behind the address, or name a file")
		}
		var err error
		if given, err = askPassword(p); err != nil {
			return err
		}
	}
	u, err := findIn(reader, name)
	if err != nil {
		return err
	}
	if u.Hash == "" {
		return fmt.Errorf("line %d: this account has no password hash", u.Line)
	}
	stored, kinds, err := o.passwords.Adopt(p.ctx, u.Hash)
	if err != nil {
		return fmt.Errorf("line %d: %w", u.Line, err)
	}
	right, _, err := o.passwords.Verify(p.ctx, given, stored)
	if err != nil {
		return err
	}
	if !right {
		return fmt.Errorf("line %d: %w", u.Line, errWrongPassword)
	}
	return say(p, nil, "line %d: this password opens the account (%s)", u.Line, kinds[0])
}

// findIn finds the first account with an address or username, in any letter case.
func findIn(reader *userfile.Reader, name string) (userfile.User, error) {
	var unread error // the first line that cannot be read
	for {
		u, err := reader.Next()
		wrong := (*userfile.LineError)(nil)
		switch {
		case errors.As(err, &wrong):
			if unread == nil {
				unread = wrong
			}
		case errors.Is(err, io.EOF):
			return u, errors.Join(errNotInFile, unread)
		case err != nil:
			return u, err
		case strings.EqualFold(strings.TrimSpace(u.Email), name) || strings.EqualFold(u.Username, name):
			return u, nil
		}
	}
}

// askPassword asks on the terminal, where what is typed is not shown, or reads
// standard input.
func askPassword(p *program) (string, error) {
	if p.in == nil || !isatty.IsTerminal(p.in.Fd()) {
		return readPassword(ending(p.ctx, p.in))
	}
	terminal := int(p.in.Fd())
	before, err := term.GetState(terminal)
	if err != nil {
		return "", err
	}
	fmt.Fprint(p.logTo, "Password: ") //nolint:errcheck // the question is only a courtesy
	type answer struct {
		text []byte
		err  error
	}
	typed := make(chan answer, 1)
	go func() { // the terminal does not know when the program is to end
		text, err := term.ReadPassword(terminal)
		typed <- answer{text, err}
	}()
	select {
	case <-p.ctx.Done():
		return "", errors.Join(errNotSure, term.Restore(terminal, before)) // or the shell would show nothing
	case one := <-typed:
		fmt.Fprintln(p.logTo) //nolint:errcheck // as above
		return string(one.text), one.err
	}
}

// failures are lines that could not be imported. They are told of in standard
// error, and in a file if there is one.
type failures struct {
	count int
	to    io.Writer
	shown *progress
	file  *os.File
	into  *bufio.Writer
}

func newFailures(to io.Writer, path string, shown *progress) (*failures, error) {
	f := &failures{to: to, shown: shown}
	if path == "" {
		return f, nil
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("--errors: %w", err)
	}
	f.file, f.into = file, bufio.NewWriter(file)
	return f, nil
}

// tell says what is wrong with a line. A reason has no text of the file in it.
func (f *failures) tell(line int, reason string) {
	f.count++
	text := fmt.Sprintf("line %d: %s\n", line, reason)
	f.shown.clear()
	fmt.Fprint(f.to, text) //nolint:errcheck // the count and the exit status tell as well
	if f.into != nil {
		_, _ = f.into.WriteString(text) // Flush tells
	}
}

func (f *failures) close() error {
	if f.into == nil {
		return nil
	}
	return errors.Join(f.into.Flush(), f.file.Close())
}
