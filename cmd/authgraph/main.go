// Command authgraph is user accounts as a GraphQL API: see the README.
//
//	serve.go     serve (the default): the only wiring
//	migrate.go   migrate
//	config.go    config, schema
//	health.go    health
//	roles.go     user roles
//	providers.go providers
//	profile.go   profile check, and the file of profile fields
//	user.go      user show, disable, enable, delete, sessions, revoke
//	accounts.go  user list, create
//	identities.go user identities, unlink, move-issuer
//	keys.go      keys list, rotate
//	discard.go   keys discard
//	audit.go     audit
//	backup.go    backup
//	restore.go   restore
//	import.go    import; importcheck.go, import --check
//	export.go    export
//	progress.go  how far an import is
//	mail.go      mail test
//	maillist.go  mail list, retry
//	mailpreview.go  mail preview
//	version.go   version
//	ask.go       what is asked before it is done
//	open.go      the domain on its database, for serve and the operator
//	post.go      from the outbox to mail
//	metrics.go   what Prometheus reads
//	memory.go    what a storm of logins took
//	log_queue.go a log that makes nobody wait
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/authgraph/authgraph/internal/config"
)

func main() { start() }

// start is the program as a process. Tests adjust what no setting says, such as
// the clock.
func start(adjust ...func(*config.Config)) {
	signal.Ignore(syscall.SIGPIPE) // a reader of the log who stops reading must not end the server
	ctx, stop := signal.NotifyContext(context.Background(), ends()...)
	go func() {
		<-ctx.Done()
		signal.Ignore(syscall.SIGHUP) // a terminal that closes may send two
		stop()                        // any other second signal ends the program at once
	}()
	err := run(ctx, os.Args[1:], os.Environ(), os.Stdin, standardOut{os.Stdout}, os.Stderr, adjust...)
	if err != nil && !errors.Is(err, errNobodyReads) {
		complain(err)
		os.Exit(1)
	}
}

// ends are the signals that end the program in good order. nohup has SIGHUP
// ignored: that is the wish to outlive the terminal.
func ends() []os.Signal {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	return signals
}

// complain says why the program ends, but not to a reader who keeps it waiting.
func complain(err error) {
	q := newLogQueue(os.Stderr)
	fmt.Fprintln(q, "authgraph:", err)
	q.close()
}

// standardOut is what a command prints to. A reader such as head may close it early,
// which is no failure.
type standardOut struct{ io.Writer }

// errNobodyReads ends a command early, and well.
var errNobodyReads = errors.New("nobody reads the output")

// Write fails with errNobodyReads when the reader has gone.
func (o standardOut) Write(p []byte) (int, error) {
	n, err := o.Writer.Write(p)
	if errors.Is(err, syscall.EPIPE) {
		err = errNobodyReads
	}
	return n, err
}

// commandLine is every command, and the settings that all of them know.
type commandLine struct {
	config.Settings
	Serve     serveCommand     `cmd:"" default:"withargs" help:"Serve the API (the default)."`
	Migrate   migrateCommand   `cmd:"" help:"Bring the database's schema up to date, and exit."`
	Config    configCommand    `cmd:"" help:"Print the settings in effect, with secrets masked."`
	Schema    schemaCommand    `cmd:"" help:"Print the GraphQL schema."`
	Health    healthCommand    `cmd:"" help:"Ask a running server whether it is ready; exit with 1 if it is not."`
	User      userCommand      `cmd:"" help:"List, make, look at, disable, enable or delete accounts, and end their sessions."`
	Keys      keysCommand      `cmd:"" help:"List or rotate the keys that sign access tokens."`
	Mail      mailCommand      `cmd:"" help:"Try the mail server, look at e-mails, try failed ones again."`
	Providers providersCommand `cmd:"" help:"Print what to register at each provider of PROVIDERS, and whether it can be asked."`
	Profile   profileCommand   `cmd:"" help:"Look at the fields that your application keeps of a person."`
	Audit     auditCommand     `cmd:"" help:"Print the audit log: who did what, when, from where, and how it ended."`
	Backup    backupCommand    `cmd:"" help:"Write a backup of an SQLite database to a new file, while the server runs."`
	Import    importCommand    `cmd:"" help:"Take accounts over from a file, with the password hashes of other programs."`
	Export    exportCommand    `cmd:"" help:"Write all accounts to a file, as import reads it."`
	Restore   restoreCommand   `cmd:"" help:"Put a backup in place, and end what may have been revoked since it was made."`
	Version   versionCommand   `cmd:"" help:"Print the version."`

	ShowVersion versionFlag `name:"version" help:"Print the version."`
}

// program is what a command works with.
type program struct {
	ctx     context.Context
	config  *config.Config
	profile string // path of the file of profile fields, for a command that has no config
	warn    []config.Warning
	in      *os.File
	out     io.Writer
	logTo   io.Writer
	environ []string
}

// errHelped ends a run that was asked for help, and gave it.
var errHelped = errors.New("helped")

// printHelp always fails: after help that was printed well, kong would end the
// process.
func printHelp(o kong.HelpOptions, line *kong.Context) error {
	return cmp.Or(kong.DefaultHelpPrinter(o, line), errHelped)
}

// run is the program, without its process: it returns when ctx ends or the
// command is done.
func run(ctx context.Context, args, environ []string, in *os.File, out, logTo io.Writer, adjust ...func(*config.Config)) error {
	var line commandLine
	options := append(config.Options(),
		kong.Name("authgraph"), kong.Description("User accounts as a GraphQL API."),
		kong.Writers(out, logTo), kong.Help(printHelp))
	parser, err := kong.New(&line, options...)
	if err != nil {
		return fmt.Errorf("build the command line: %w", err)
	}
	if len(args) > 0 && args[0] == "help" {
		args = append(slices.Clone(args[1:]), "--help")
	}
	command, err := parser.Parse(args)
	if errors.Is(err, errHelped) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("%w; see authgraph --help", err)
	}
	p := &program{ctx: ctx, in: in, out: out, logTo: logTo, environ: environ}
	name := command.Command()
	if name == "schema" {
		if p.profile, err = line.Settings.ProfileFile(environ); err != nil {
			return err
		}
	}
	if name != "schema" && name != "version" { // they need no other settings
		if p.config, p.warn, err = line.Settings.Config(environ); err != nil {
			return err
		}
		for _, change := range adjust {
			change(p.config)
		}
	}
	return command.Run(p)
}
