package store_test

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"testing"

	"github.com/lib/pq"

	"github.com/authgraph/authgraph/internal/pgtest"
	"github.com/authgraph/authgraph/internal/store"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

func TestNotThereYet(t *testing.T) {
	t.Parallel()
	for what, test := range map[string]struct {
		err  error
		want bool
	}{
		"starting up":         {&pq.Error{Code: "57P03"}, true},
		"a wrong password":    {&pq.Error{Code: "28P01"}, false},
		"a refused host":      {&pq.Error{Code: "28000"}, false},
		"an unknown database": {&pq.Error{Code: "3D000"}, false},
		"a broken connection": {io.EOF, true},
		"no answer":           {context.DeadlineExceeded, true},
		"told to stop":        {context.Canceled, false},
		"a bad certificate":   {x509.UnknownAuthorityError{}, false},
		"refused by TLS":      {&net.OpError{Op: "remote error", Err: errors.New("tls: bad certificate")}, false},
	} {
		if got := store.NotThereYet(fmt.Errorf("reach the database: %w", test.err)); got != test.want {
			t.Errorf("NotThereYet() of %s = %t", what, got)
		}
	}
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close() // nobody listens there any more
	for what, u := range map[string]string{
		"nobody listens": "postgres://u@" + closed.Addr().String() + "/app?sslmode=disable",
		"no such host":   "postgres://u@no-such-host.invalid/app?sslmode=disable",
		"no socket":      "postgres:///app?host=/no/such/folder&user=u&sslmode=disable",
	} {
		if _, err := store.Open(t.Context(), store.Options{URL: u}); !store.NotThereYet(err) {
			t.Errorf("%s: NotThereYet(%v) = false", what, err)
		}
	}
	if _, err := store.Open(t.Context(), store.Options{URL: "sqlite:" + t.TempDir()}); store.NotThereYet(err) {
		t.Errorf("a folder: NotThereYet(%v) = true", err)
	}
}

func TestNotThereYetOfAnUnknownDatabase(t *testing.T) {
	t.Parallel()
	pgtest.Server(t)
	u, err := url.Parse(storetest.PostgresURL(t))
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/nowhere"
	if _, err := store.Open(t.Context(), store.Options{URL: u.String()}); err == nil || store.NotThereYet(err) {
		t.Errorf("NotThereYet(%v) = true", err)
	}
}
