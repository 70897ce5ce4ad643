package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/crypto/argon2"
)

// hashes is what `bench hash` prints.
type hashes struct {
	CPU       float64 // of one, in µs
	PerSecond float64
}

// hashCommand hashes passwords as authgraph does by default, and nothing else, in a
// process of its own: what a login cannot do without.
func hashCommand(_ context.Context, args []string) error {
	flags := flag.NewFlagSet("bench hash", flag.ExitOnError)
	lasts := flags.Duration("for", time.Second, "how long")
	atOnce := flags.Int("at-once", 1, "how many at a time")
	_ = flags.Parse(args) // it exits by itself
	hashMany(*atOnce, func(done int) bool { return done < warmHashes })
	began, used := time.Now(), ownCPU()
	n := float64(hashMany(*atOnce, func(int) bool { return time.Since(began) < *lasts }))
	return json.NewEncoder(os.Stdout).Encode(hashes{
		CPU:       float64((ownCPU() - used).Microseconds()) / n,
		PerSecond: n / time.Since(began).Seconds(),
	})
}

// warmHashes is how many each worker makes before they count: memory that is touched
// for the first time costs more than the hash, where the machine is a virtual one.
const warmHashes = 10

// hashMany hashes with so many workers, each for as long as it has more to do, and
// returns how many hashes there were.
func hashMany(workers int, more func(done int) bool) int64 {
	var all sync.WaitGroup
	var made atomic.Int64
	for range workers {
		all.Go(func() {
			for done := 0; more(done); done++ {
				argon2.IDKey([]byte("correct horse battery"), []byte("0123456789abcdef"), 2, 19456, 1, 32)
				made.Add(1)
			}
		})
	}
	all.Wait()
	return made.Load()
}

func ownCPU() time.Duration {
	var used syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &used) // it cannot fail for this process
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// hash runs hashCommand.
func (b *bench) hash(ctx context.Context, lasts time.Duration, atOnce int) (h hashes, err error) {
	self, err := os.Executable()
	if err != nil {
		return h, err
	}
	out, err := exec.CommandContext(ctx, self, "hash", "-for", lasts.String(), "-at-once", fmt.Sprint(atOnce)).Output() //nolint:gosec // ourselves
	if err != nil {
		return h, fmt.Errorf("hash: %w", err)
	}
	return h, json.Unmarshal(out, &h)
}
