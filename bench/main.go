package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/authgraph/authgraph/bench/seed"
)

const usage = `bench measures authgraph on this machine.

  bench run [-quick] [-million] [-only B1,B3] [-o DIR]   measures, and prints a table
  bench seed -users N -url URL                           fills a database with accounts
  bench hash                                             hashes passwords, and nothing else
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	commands := map[string]func(context.Context, []string) error{"run": runCommand, "seed": seedCommand, "hash": hashCommand}
	if len(os.Args) < 2 || commands[os.Args[1]] == nil {
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
	}
	if err := commands[os.Args[1]](ctx, os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1) //nolint:gocritic // there is nothing left to stop
	}
}

// seedCommand fills the database that it is given.
func seedCommand(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("bench seed", flag.ExitOnError)
	o := seed.Options{}
	flags.StringVar(&o.URL, "url", "", "database, as AUTHGRAPH_DATABASE_URL is")
	flags.IntVar(&o.Accounts, "users", 1000, "accounts to make, each with a session")
	flags.IntVar(&o.Events, "events", 2, "events of each account")
	flags.IntVar(&o.Sample, "sample", 0, "of how many sessions the refresh tokens are printed, each behind its address")
	flags.StringVar(&o.Secret, "secret", os.Getenv("AUTHGRAPH_SECRET"), "AUTHGRAPH_SECRET, which such tokens are made under")
	_ = flags.Parse(args) // it exits by itself
	began := time.Now()
	o.Report = func(accounts int) {
		fmt.Fprintf(os.Stderr, "\r%d accounts in %v ", accounts, time.Since(began).Round(time.Second))
	}
	sample, err := seed.Fill(ctx, o)
	fmt.Fprintln(os.Stderr)
	for _, s := range sample {
		fmt.Println(s.Email, s.Refresh)
	}
	return err
}
