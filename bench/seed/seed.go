// Package seed fills a database with accounts that look as if they had signed up
// and logged in one after the other over the last week: each has an address, a
// session, and events in the audit log.
package seed

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/authgraph/authgraph/internal/password"
	"github.com/authgraph/authgraph/internal/secret"
	"github.com/authgraph/authgraph/internal/store"
)

// Password is that of every account.
const Password = "correct horse battery"

// Options say what to make.
type Options struct {
	// URL of the database, as AUTHGRAPH_DATABASE_URL is.
	URL string
	// Accounts to make, beside those that are there, and Events of each.
	Accounts, Events int
	// Sample is of how many sessions, evenly spread, the refresh tokens are
	// returned; Secret is AUTHGRAPH_SECRET, which those are made under.
	Sample int
	Secret string
	// Report, if any, is told now and then how many accounts there are.
	Report func(accounts int)
}

// Session is one of the sample.
type Session struct{ Email, Refresh string }

// batch is how many accounts are made at a time, and in a transaction.
const batch = 50_000

// Fill brings the schema up to date and makes the accounts.
func Fill(ctx context.Context, o Options) ([]Session, error) {
	s, err := store.Open(ctx, store.Options{URL: o.URL, MaxConns: 2, Patience: time.Minute})
	if err != nil {
		return nil, err
	}
	defer s.Close() //nolint:errcheck // what was made is committed
	if err := s.Migrate(ctx); err != nil {
		return nil, err
	}
	p, err := newPeople(ctx, o)
	if err != nil {
		return nil, err
	}
	w, err := newWriter(ctx, s, o.URL)
	if err != nil {
		return nil, err
	}
	defer w.close()
	for made := 0; made < o.Accounts; {
		n := min(batch, o.Accounts-made)
		if err := w.write(ctx, p.next(n)); err != nil {
			return nil, err
		}
		if made += n; o.Report != nil {
			o.Report(made)
		}
	}
	return p.sample, w.finish(ctx)
}

// people makes up the accounts.
type people struct {
	options Options
	root    *secret.Root // nil: no sample is wanted
	hash    string
	tag     string // of this run: addresses of two never meet
	from    time.Time
	made    int
	sample  []Session
}

func newPeople(ctx context.Context, o Options) (*people, error) {
	tag := make([]byte, 4)
	_, _ = rand.Read(tag) // it never fails
	p := &people{options: o, tag: hex.EncodeToString(tag), from: time.Now().UTC().Add(-week).Truncate(time.Microsecond)}
	hasher, err := password.New(password.Options{})
	if err != nil {
		return nil, err
	}
	if p.hash, err = hasher.Hash(ctx, Password); err != nil {
		return nil, fmt.Errorf("hash the password: %w", err)
	}
	if o.Sample > 0 {
		if p.root, err = secret.New(o.Secret); err != nil {
			return nil, err
		}
	}
	return p, nil
}
