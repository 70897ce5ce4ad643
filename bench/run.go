// Bench measures authgraph beside the least that a gqlgen server can do, on this
// machine, and says how that stands to the goals.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/authgraph/authgraph/bench/meter"
	"github.com/authgraph/authgraph/bench/report"
	"github.com/authgraph/authgraph/internal/pgtest"
)

// bench is a run.
type bench struct {
	pace
	dir               string // for all that is made, in memory if there is room
	binary, yardstick string // programs
	meter             *meter.Meter
	measures          []report.Measure
}

// row is a group of measures that are taken together.
type row struct {
	names   []string
	measure func(context.Context, *bench) error
}

var rows = []row{
	{[]string{"B1", "B11"}, meKept},
	{[]string{"B2"}, meAsked},
	{[]string{"B3"}, login},
	{[]string{"B4", "B11"}, refresh},
	{[]string{"B5"}, storms},
	{[]string{"B6"}, starts},
	{[]string{"B7", "B8"}, sizes},
	{[]string{"B9"}, growth},
	{[]string{"B12"}, meProfile},
}

// runCommand measures and reports. A row that fails is left out, and is an error at
// the end.
func runCommand(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("bench run", flag.ExitOnError)
	hasty := flags.Bool("quick", false, "two short rounds, to see that it works; the figures mean little")
	grown := flags.Bool("million", false, "grow to a million accounts")
	only := flags.String("only", "", "rows to measure, as B1,B3; empty: all")
	out := flags.String("o", "", "directory for results.md and results.svg; empty: only print")
	_ = flags.Parse(args) // it exits by itself
	b := &bench{pace: full}
	if *hasty {
		b.pace = quick
	}
	if *grown {
		b.accounts = million
	}
	began := time.Now()
	end, err := b.prepare(ctx)
	if err != nil {
		return err
	}
	defer end()
	failed := b.measureRows(ctx, *only)
	text := b.text()
	fmt.Print(text)
	fmt.Fprintf(os.Stderr, "took %v\n", time.Since(began).Round(time.Second))
	if *out == "" || failed != nil {
		return failed
	}
	return errors.Join(
		os.WriteFile(filepath.Join(*out, "results.md"), []byte(text), 0o644),                       //nolint:gosec // for everybody
		os.WriteFile(filepath.Join(*out, "results.svg"), []byte(report.Chart(b.charted())), 0o644)) //nolint:gosec // for everybody
}

// prepare builds the programs and starts PostgreSQL.
func (b *bench) prepare(ctx context.Context) (end func(), err error) {
	if b.dir, err = os.MkdirTemp(pgtest.Memory(), "authgraph-bench-"); err != nil {
		return nil, err
	}
	clear := func() { _ = os.RemoveAll(b.dir) } // what is left is the system's to clear
	b.binary, b.yardstick = filepath.Join(b.dir, "authgraph"), filepath.Join(b.dir, "yardstick")
	err = errors.Join(build(ctx, b.binary, "..", "./cmd/authgraph"), build(ctx, b.yardstick, ".", "./yardstick"))
	if err != nil {
		clear()
		return nil, err
	}
	m, stopMeter, err := meter.Start(ctx)
	if err != nil {
		clear()
		return nil, err
	}
	b.meter = m
	return func() { stopMeter(); clear() }, nil
}

// build makes a stripped static program.
func build(ctx context.Context, path, dir, from string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", path, from) //nolint:gosec // our own arguments
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build %s: %w\n%s", from, err, out)
	}
	return nil
}

func (b *bench) measureRows(ctx context.Context, only string) error {
	var failed error
	for _, r := range rows {
		wanted := only == "" || slices.ContainsFunc(r.names, func(name string) bool {
			return slices.Contains(strings.Split(only, ","), name)
		})
		if !wanted || ctx.Err() != nil {
			continue
		}
		name := strings.Join(r.names, ", ")
		began := time.Now()
		err := r.measure(ctx, b)
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, time.Since(began).Round(time.Second/10))
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", name, err))
		}
	}
	return errors.Join(failed, ctx.Err())
}

// text is the report.
func (b *bench) text() string {
	counts := "statements are counted by pg_stat_statements"
	if !b.meter.Statements {
		counts = "statements are not counted, for want of pg_stat_statements"
	}
	return fmt.Sprintf(`# Measured

By `+"`make bench`"+`, see [README.md](README.md): %d rounds on %d cores that the load shares, %s, PostgreSQL %s; %s.
CPU is of the server and PostgreSQL together. **Y** is that of a gqlgen server with a static `+"`me`"+`.

%s`, b.rounds, runtime.NumCPU(), runtime.Version(), b.meter.Version, counts, report.Table(b.sorted()))
}

// charted is what is shown at a glance: what was measured in every round, but for
// growth, which is a table of its own.
func (b *bench) charted() []report.Measure {
	return slices.DeleteFunc(slices.Clone(b.measures), func(m report.Measure) bool { return len(m.Values) == 1 || m.Row == "B9" })
}

// sorted is by row, B2 before B11, each row in the order of its measures.
func (b *bench) sorted() []report.Measure {
	slices.SortStableFunc(b.measures, func(x, y report.Measure) int {
		if len(x.Row) != len(y.Row) {
			return len(x.Row) - len(y.Row)
		}
		return strings.Compare(x.Row, y.Row)
	})
	return b.measures
}
