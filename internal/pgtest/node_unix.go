//go:build linux || darwin || freebsd || netbsd || openbsd

package pgtest

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"net/url"
	"os"
	"testing"
)

// Node is a server of its own, for a test that stops or kills it, starts it
// again, or lets a standby take its place. What it has committed stays, however
// its processes end. It listens on a port of 127.0.0.1 and always is a throwaway
// one, whatever $AUTHGRAPH_TEST_POSTGRES says.
type Node struct {
	// URL leads to the database postgres, which is empty at first.
	URL string

	t       testing.TB
	bin     string
	process *process
}

// lasting are the settings of a Node. Only a power cut could take what it
// committed, so fsync stays off.
var lasting = []string{"synchronous_commit=on", "full_page_writes=on", "wal_level=replica", "max_wal_senders=4", "wal_keep_size=64MB"}

// NewNode starts a server, and ends it with the test. Where it cannot start one
// it skips the test, or fails it in CI, as Server does.
func NewNode(t testing.TB, settings ...string) *Node {
	t.Helper()
	bin, err := locate(os.Getenv)
	if err != nil {
		refuse(t, err.Error(), os.Getenv("CI"))
	}
	return startNode(t, bin, options{tcp: true, settings: append(lasting[:len(lasting):len(lasting)], settings...)})
}

func startNode(t testing.TB, bin string, o options) *Node {
	t.Helper()
	p, err := launch(bin, o)
	if err != nil {
		t.Fatalf("start PostgreSQL: %v", err)
	}
	t.Cleanup(p.stop)
	n := &Node{URL: p.url.String(), t: t, bin: bin, process: p}
	n.awaitAnswer()
	return n
}

// Standby makes a server that follows this one. From then on this one
// acknowledges nothing that the standby has not stored.
func (n *Node) Standby() *Node {
	n.t.Helper()
	password, _ := n.process.url.User.Password()
	follows := url.URL{Scheme: "postgres", User: url.User("postgres"), RawQuery: url.Values{"host": {n.process.dir}, "port": {n.process.url.Port()}}.Encode()}
	standby := startNode(n.t, n.bin, options{tcp: true, settings: lasting, follows: follows.String(), password: password})
	n.Query(`ALTER SYSTEM SET synchronous_standby_names = '*'`)
	n.Query(`SELECT pg_reload_conf()`)
	n.await("the standby does not follow", func() bool {
		return n.Query(`SELECT coalesce(string_agg(sync_state, ' '), '') FROM pg_stat_replication`) == "sync"
	})
	return standby
}

// Promote makes a standby the server that takes writes.
func (n *Node) Promote() {
	n.t.Helper()
	if n.Query(`SELECT pg_promote()`) != "true" {
		n.t.Fatalf("the standby is not promoted:\n%s", n.process.log())
	}
}

// NewProxy opens a way to the server, until the test ends.
func (n *Node) NewProxy() *Proxy {
	n.t.Helper()
	return newProxy(n.t, n.URL, func(ctx context.Context) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", n.process.url.Host)
	})
}

// Query runs one statement, and returns the one value that it answers, if any.
func (n *Node) Query(statement string) (value string) {
	n.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	db, err := sql.Open("postgres", n.URL)
	if err != nil {
		n.t.Fatal("the driver refuses the URL of the server") // its error may quote it
	}
	defer db.Close()
	rows, err := db.QueryContext(ctx, statement)
	if err != nil {
		n.t.Fatalf("%s: %v", statement, err)
	}
	defer rows.Close()
	if rows.Next() {
		err = rows.Scan(&value)
	}
	if err := fmt.Sprint(err, rows.Err()); err != "<nil> <nil>" {
		n.t.Fatalf("%s: %v", statement, err)
	}
	return value
}

// awaitAnswer waits until the server answers.
func (n *Node) awaitAnswer() {
	n.t.Helper()
	db, err := sql.Open("postgres", n.URL)
	if err != nil {
		n.t.Fatal("the driver refuses the URL of the server") // its error may quote it
	}
	defer db.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := awaitReady(ctx, db, n.process.exited); err != nil {
		n.t.Fatalf("%v\n%s", err, n.process.log())
	}
}
