package pgtest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lib/pq"
)

// patience bounds every wait for the server: on a busy machine it takes its time.
const patience = 5 * time.Minute

// Cluster is a running PostgreSQL on which databases can be created and
// dropped at will. It is safe for use by parallel tests.
type Cluster struct {
	url      url.URL // of the database for administration; only its path is replaced
	admin    *sql.DB
	run      run
	strategy string // how CREATE DATABASE copies
	made     atomic.Int64
	closed   atomic.Bool

	mu        sync.Mutex
	templates map[string]*template
}

// template is a database that is prepared once and copied often.
type template struct {
	once sync.Once
	name string
	err  error
}

// connectGiven uses the server that the environment names.
func connectGiven(given string) (*Cluster, func(), error) {
	u, err := url.Parse(given)
	if err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") {
		// The cause is left out: it would quote the URL with its password.
		return nil, nil, fmt.Errorf("$%s is not a postgres:// URL", urlVariable)
	}
	if strings.Trim(u.Path, "/") == "" {
		u.Path = "/postgres"
	}
	c, err := connect(*u, nil, func() string { return "" })
	if err != nil {
		return nil, nil, fmt.Errorf("use the server of $%s: %w", urlVariable, err)
	}
	return c, sync.OnceFunc(c.close), nil
}

// connect waits until the server answers, marks this run and clears away what
// earlier runs left behind.
func connect(u url.URL, exited <-chan struct{}, log func() string) (*Cluster, error) {
	if q := u.Query(); !q.Has("connect_timeout") {
		q.Set("connect_timeout", strconv.Itoa(int(patience.Seconds())))
		u.RawQuery = q.Encode()
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	admin, err := sql.Open("postgres", u.String())
	if err != nil {
		return nil, errors.New("the driver refuses the URL of the server") // its error may quote it
	}
	admin.SetMaxIdleConns(4)
	admin.SetMaxOpenConns(8)
	c := &Cluster{url: u, admin: admin, templates: map[string]*template{}}
	if err := c.begin(ctx, exited, log); err != nil {
		admin.Close()
		return nil, err
	}
	return c, nil
}

func (c *Cluster) begin(ctx context.Context, exited <-chan struct{}, log func() string) error {
	if err := awaitReady(ctx, c.admin, exited); err != nil {
		return fmt.Errorf("%w\n%s", err, log())
	}
	var version int
	if err := c.admin.QueryRowContext(ctx, `SELECT current_setting('server_version_num')::int`).Scan(&version); err != nil {
		return fmt.Errorf("read the server's version: %w", err)
	}
	if version >= 15_00_00 {
		c.strategy = " STRATEGY FILE_COPY" // a quarter of the time that WAL_LOG takes
	}
	return c.run.begin(ctx, c.admin)
}

// awaitReady asks until the server answers, or has ended, or ctx has. A server
// that answers with an error of its own, such as a wrong password, is not
// asked again unless it says that it is starting.
func awaitReady(ctx context.Context, db *sql.DB, exited <-chan struct{}) error {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		err := db.PingContext(ctx)
		if err == nil {
			return nil
		}
		var refusal *pq.Error
		if exited == nil || errors.As(err, &refusal) && refusal.Code != "57P03" { // cannot_connect_now
			return fmt.Errorf("connect: %w", err)
		}
		select {
		case <-exited:
			return errors.New("postgres ended while it started")
		case <-ctx.Done():
			return fmt.Errorf("postgres is not ready after %v: %w", patience, err)
		case <-tick.C:
		}
	}
}

// CreateDatabase creates an empty database and returns its URL. The database
// is dropped when the test ends, whoever is still connected.
func (c *Cluster) CreateDatabase(t testing.TB) (url string) {
	t.Helper()
	return c.create(t, "template0")
}

// FromTemplate returns the URL of a copy of the template called name, which
// takes about 11 ms. The first caller's prepare makes the template: it is given
// the URL of an empty database, usually migrates it, and must have closed every
// connection when it returns. Its error fails each test that asks. The copy is
// dropped when the test ends.
func (c *Cluster) FromTemplate(t testing.TB, name string, prepare func(url string) error) (url string) {
	t.Helper()
	c.mu.Lock()
	tpl := c.templates[name]
	if tpl == nil {
		tpl = &template{}
		c.templates[name] = tpl
	}
	c.mu.Unlock()
	tpl.once.Do(func() {
		var u string
		if tpl.name, u, tpl.err = c.copyOf("template0"); tpl.err == nil {
			tpl.err = errors.New("prepare did not return") // it may call t.Fatal
			tpl.err = prepare(u)
		}
	})
	if tpl.err != nil {
		t.Fatalf("prepare the template database %s: %v", name, tpl.err)
	}
	return c.create(t, tpl.name)
}

// Database is CreateDatabase for a program that is not a test: the caller
// drops the database.
func (c *Cluster) Database() (url string, drop func() error, err error) {
	name, u, err := c.copyOf("template0")
	if err != nil {
		return "", nil, err
	}
	return u, func() error { return c.drop(name) }, nil
}

// Dial opens a bare connection to the server, past any driver, for a test that
// puts a proxy of its own in between.
func (c *Cluster) Dial(ctx context.Context) (net.Conn, error) {
	var d net.Dialer
	host, port := c.url.Hostname(), c.url.Port()
	if h := c.url.Query().Get("host"); h != "" {
		host = h
	}
	if p := c.url.Query().Get("port"); p != "" {
		port = p
	}
	if port == "" {
		port = "5432"
	}
	if strings.HasPrefix(host, "/") {
		return d.DialContext(ctx, "unix", host+"/.s.PGSQL."+port)
	}
	return d.DialContext(ctx, "tcp", net.JoinHostPort(host, port))
}

func (c *Cluster) create(t testing.TB, template string) string {
	t.Helper()
	name, u, err := c.copyOf(template)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.drop(name); err != nil {
			t.Error(err)
		}
	})
	return u
}

func (c *Cluster) copyOf(template string) (name, u string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	name = c.run.name(c.made.Add(1))
	_, err = c.admin.ExecContext(ctx, "CREATE DATABASE "+pq.QuoteIdentifier(name)+
		" TEMPLATE "+pq.QuoteIdentifier(template)+c.strategy)
	if err != nil {
		return "", "", fmt.Errorf("create a database: %w", err)
	}
	at := c.url
	at.Path = "/" + name
	return name, at.String(), nil
}

func (c *Cluster) drop(name string) error {
	if c.closed.Load() {
		return nil // the test stopped the cluster, and everything went with it
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return dropDatabase(ctx, c.admin, name)
}

// close drops what this run created and lets go of the server.
func (c *Cluster) close() {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	c.closed.Store(true)
	c.run.end(ctx, c.admin)
	c.admin.Close()
}

// randomID names a run or makes a password: 60 bits, so that it is a positive
// bigint as well.
func randomID() int64 {
	var b [8]byte
	rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	return int64(binary.BigEndian.Uint64(b[:]) >> 4)
}
