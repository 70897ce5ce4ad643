package store_test

import (
	"crypto/tls"
	"database/sql"
	"encoding/binary"
	"io"
	"net"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/lib/pq"

	"github.com/authgraph/authgraph/internal/pgtest"
	"github.com/authgraph/authgraph/internal/store"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

// poolerSaying is the URL of a pooler that refuses every connection with this
// message.
func poolerSaying(t *testing.T, code, message string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			var size [4]byte
			if _, err := io.ReadFull(c, size[:]); err == nil {
				_, _ = io.CopyN(io.Discard, c, int64(binary.BigEndian.Uint32(size[:]))-4)
			}
			body := "SFATAL\x00C" + code + "\x00M" + message + "\x00\x00"
			_, _ = c.Write(binary.BigEndian.AppendUint32([]byte("E"), uint32(len(body)+4)))
			_, _ = io.WriteString(c, body)
			c.Close()
		}
	}()
	return "postgres://u@" + l.Addr().String() + "/x?sslmode=disable"
}

// TestPoolersAreExplained: the pooler refuses something that this program sends
// and that the operator does not know.
func TestPoolersAreExplained(t *testing.T) {
	t.Parallel()
	for _, message := range []string{
		"unsupported startup parameter: statement_timeout", "unsupported startup parameter in options: lock_timeout",
		"Feature not supported: RDS Proxy currently doesn't support the option lock_timeout",
	} {
		at := poolerSaying(t, "08P01", message)
		_, err := store.Open(t.Context(), store.Options{URL: at})
		if err == nil || !strings.Contains(err.Error(), message) || !strings.Contains(err.Error(), "set AUTHGRAPH_DATABASE_PREPARE=false, and AUTHGRAPH_LISTEN_URL to a direct connection") {
			t.Errorf("Open() = %v", err)
		}
		_, err = store.Open(t.Context(), store.Options{URL: at, Unprepared: true})
		if err == nil || !strings.Contains(err.Error(), message) || !strings.Contains(err.Error(), "this parameter is in the URL, remove it") {
			t.Errorf("Open() without sessions = %v", err)
		}
	}
}

func TestUnknownParameterIsExplained(t *testing.T) {
	t.Parallel()
	_, err := store.Open(t.Context(), store.Options{URL: storetest.PostgresURL(t) + "&no_such_thing=1"})
	if err == nil || !strings.Contains(err.Error(), `"no_such_thing"`) || !strings.Contains(err.Error(), "this parameter is in the URL, remove it") {
		t.Errorf("Open() = %v", err)
	}
}

// TestOpenRefusesOtherEncodings: otherwise the first character that the
// encoding lacks would cause a fault.
func TestOpenRefusesOtherEncodings(t *testing.T) {
	t.Parallel()
	u, err := url.Parse(pgtest.Server(t).CreateDatabase(t))
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("postgres", u.String())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, encoding := range []string{"SQL_ASCII", "LATIN1"} {
		name := strings.Trim(u.Path, "/") + "_" + strings.ToLower(encoding)
		run := func(statement string) {
			t.Helper()
			if _, err := db.ExecContext(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
		run("CREATE DATABASE " + pq.QuoteIdentifier(name) + " ENCODING '" + encoding + "' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
		other := *u
		other.Path = "/" + name
		_, err := store.Open(t.Context(), store.Options{URL: other.String()})
		if err == nil || !strings.Contains(err.Error(), "is encoded in "+encoding+" and must be in UTF8") {
			t.Errorf("Open() of %s = %v", encoding, err)
		}
		run("DROP DATABASE " + pq.QuoteIdentifier(name) + " WITH (FORCE)")
	}
}

// TestTablesInASchema: the tables are in the schema of search_path, which other
// programs call schema.
func TestTablesInASchema(t *testing.T) {
	t.Parallel()
	to := pgtest.Server(t).CreateDatabase(t)
	operate(t, to)(`CREATE SCHEMA "Auth"`)
	s := storetest.Open(t, to+"&search_path="+url.QueryEscape(`"Auth"`))
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.InTx(t.Context(), func(tx *store.Tx) error { return writeThrottle(t.Context(), tx, "x") }); err != nil {
		t.Error(err)
	}
	if n := number(t, s, `SELECT count(*) FROM "Auth".throttles WHERE id = $1`, "x"); n != 1 {
		t.Errorf("%d rows are there", n)
	}
}

// TestRefusedTLSIsExplained: many providers use their own certificate
// authority, and local servers often have no TLS.
func TestRefusedTLSIsExplained(t *testing.T) {
	t.Parallel()
	own := httptest.NewTLSServer(nil) // for its certificate
	defer own.Close()
	for answer, want := range map[string]string{"S": "name the file of its certificate as sslrootcert=", "N": "write sslmode=disable"} {
		l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		go func() {
			for {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				_, _ = io.ReadFull(conn, make([]byte, 8)) // the request for TLS; Open reports every failure
				_, _ = io.WriteString(conn, answer)
				_ = tls.Server(conn, own.TLS).HandshakeContext(t.Context())
				_ = conn.Close()
			}
		}()
		_, err = store.Open(t.Context(), store.Options{URL: "postgres://u:hunter2@" + l.Addr().String() + "/x?sslmode=verify-full"})
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("Open() of a server that answers %s = %v", answer, err)
		}
	}
}
