package main

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"time"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/foreignhash"
	"github.com/authgraph/authgraph/internal/userfile"
)

type importCommand struct {
	File   string `arg:"" help:"The file to read; - is standard input."`
	Format string `help:"How the file is written: jsonl, csv, firebase or auth0. Without it, the beginning of the file tells." enum:",jsonl,csv,firebase,auth0" default:""`
	DryRun bool   `help:"Check everything, and store nothing."`
	Check  string `help:"ADDRESS or ADDRESS:PASSWORD. Look only whether this password opens the account with this address (or username) in the file. Without a password it is read from the terminal, or else from standard input."`
	Errors string `help:"Write the lines that failed, with reasons, to this new file as well."`

	FirebaseHashConfig   string `help:"A file with the password hash parameters of the Firebase project, as its console shows them."`
	WithoutSecondFactors bool   `help:"Also import accounts that asked for a second factor. Their password alone opens them then."`
}

// Help is printed below the line of help.
func (importCommand) Help() string {
	return `Accounts that are there already are left as they are, so that the command can be run again. No e-mails are sent.
Password hashes of many other programs are taken over, and replaced at the first login. docs/import.md has the
formats. The exit status is 1 if a line failed.`
}

// Run imports accounts, or checks one password.
func (cmd importCommand) Run(p *program) (err error) {
	options := userfile.Options{Format: userfile.Format(cmd.Format)}
	if options.Firebase, err = cmd.firebase(); err != nil {
		return err
	}
	if _, err := prepareProfile(p.config); err != nil {
		return err
	}
	file, size, err := cmd.open(p)
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // it was only read
	shown := newProgress(p.logTo, file, size)
	reader, err := userfile.New(shown, options)
	if err != nil {
		return err
	}
	if cmd.Check != "" {
		return withOpened(p, func(o *opened) error { return cmd.check(p, o, reader) })
	}
	failed, err := newFailures(p.logTo, cmd.Errors, shown)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, failed.close()) }()
	return withDomain(p, func(s *auth.Service) error {
		run := &importRun{
			p: p, service: s, reader: reader, failed: failed, shown: shown,
			options: auth.ImportOptions{DryRun: cmd.DryRun, WithoutSecondFactors: cmd.WithoutSecondFactors, Began: clock(p)},
		}
		return run.all()
	})
}

// clock is the time by the domain's own clock.
func clock(p *program) time.Time {
	if p.config.Auth.Now != nil {
		return p.config.Auth.Now()
	}
	return time.Now()
}

func (cmd importCommand) open(p *program) (io.ReadCloser, int64, error) {
	if cmd.File == "-" {
		return ending(p.ctx, p.in), 0, nil
	}
	file, err := os.Open(cmd.File)
	if err != nil {
		return nil, 0, err
	}
	info, err := file.Stat()
	if err == nil && info.IsDir() {
		err = fmt.Errorf("%s is a directory", cmd.File)
	}
	if err != nil {
		return nil, 0, errors.Join(err, file.Close())
	}
	return file, info.Size(), nil
}

func (cmd importCommand) firebase() (*foreignhash.FirebaseConfig, error) {
	if cmd.FirebaseHashConfig == "" {
		return nil, nil
	}
	text, err := os.ReadFile(cmd.FirebaseHashConfig)
	if err != nil {
		return nil, err
	}
	config, err := foreignhash.ParseFirebaseConfig(string(text))
	if err != nil {
		return nil, fmt.Errorf("--firebase-hash-config: %w", err)
	}
	return config, nil
}

// importRun is one import.
type importRun struct {
	p       *program
	service *auth.Service
	reader  *userfile.Reader
	options auth.ImportOptions
	failed  *failures
	shown   *progress

	batch  []userfile.User
	unread []*userfile.LineError // lines of this batch that could not be read

	made, there int
	last        int // the line up to which everything was decided
}

var errLinesFailed = errors.New("some accounts were not imported; see the lines above")

// all imports the file, batch by batch, and says what came of it.
func (r *importRun) all() error {
	began := time.Now()
	err := r.batches()
	r.shown.done()
	verb := "imported"
	if r.options.DryRun {
		verb = "would import"
	}
	took := time.Since(began)
	if said := say(r.p, nil, "%s %d accounts; %d were there already; %d failed (%s, %d lines in %s)",
		verb, r.made, r.there, r.failed.count, r.reader.Format(), r.last, took.Round(time.Millisecond)); said != nil {
		return errors.Join(err, said)
	}
	switch {
	case r.p.ctx.Err() != nil:
		return fmt.Errorf("interrupted after line %d; run the command again to go on", r.last)
	case err != nil:
		return fmt.Errorf("the import ended after line %d: %w", r.last, err)
	case r.failed.count > 0:
		return errLinesFailed
	}
	return nil
}

// batches reads the file to its end.
func (r *importRun) batches() error {
	for {
		u, err := r.reader.Next()
		wrong := (*userfile.LineError)(nil)
		switch {
		case err == nil:
			r.batch = append(r.batch, u)
		case errors.As(err, &wrong):
			r.unread = append(r.unread, wrong)
		case errors.Is(err, io.EOF):
			return r.store()
		default:
			return errors.Join(r.store(), err)
		}
		if len(r.batch) == auth.ImportBatch || len(r.unread) == auth.ImportBatch {
			if err := r.store(); err != nil {
				return err
			}
		}
		if err := r.p.ctx.Err(); err != nil {
			return err
		}
	}
}

// store stores a batch, and tells in the order of the file what failed.
func (r *importRun) store() error {
	results, err := r.service.ImportAccounts(r.p.ctx, operator, r.batch, r.options)
	if err != nil {
		return err
	}
	for _, one := range results {
		r.tellUnread(one.Line)
		switch {
		case one.Err != nil:
			r.failed.tell(one.Line, one.Reason())
		case one.There:
			r.there++
		default:
			r.made++
		}
		r.last = one.Line
	}
	r.tellUnread(math.MaxInt)
	r.batch = r.batch[:0]
	r.shown.at(r.last)
	return nil
}

// tellUnread tells of lines before one that could not be read.
func (r *importRun) tellUnread(before int) {
	for len(r.unread) > 0 && r.unread[0].Line < before {
		r.failed.tell(r.unread[0].Line, r.unread[0].Err.Error())
		r.last = r.unread[0].Line
		r.unread = r.unread[1:]
	}
}
