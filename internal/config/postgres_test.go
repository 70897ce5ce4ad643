package config

import (
	"strings"
	"testing"
)

// TestPostgresURLs: URLs as providers and other programs write them are
// understood, or refused with what to write instead.
func TestPostgresURLs(t *testing.T) {
	t.Parallel()
	const full = "sslmode=verify-full"
	for _, test := range []struct {
		name, given string
		env         []string
		want        string // what the driver is given, or in words what is wrong
	}{
		{"libpq's parameters about the line", "db/x?keepalives=1&keepalives_idle=30&keepalives_interval=10&keepalives_count=3&tcp_user_timeout=1000", nil, "db/x?" + full},
		{"parameters that ask for nothing", "db/x?channel_binding=prefer&gssencmode=disable&gssdelegation=0&gsslib=gssapi&sslcompression=0&sslcertmode=allow", nil, "db/x?" + full},
		{"an empty parameter", "db/x?channel_binding=&sslcrl=", nil, "db/x?" + full},
		{"what the driver knows", "db/x?application_name=a&connect_timeout=3&sslsni=1&load_balance_hosts=disable&options=endpoint%3Dx", nil, "db/x?application_name=a&connect_timeout=3&load_balance_hosts=disable&options=endpoint%3Dx&sslmode=verify-full&sslsni=1"},
		{"what the server knows", "db/x?search_path=a&statement_timeout=1000", nil, "db/x?search_path=a&sslmode=verify-full&statement_timeout=1000"},
		{"a server that takes writes", "db/x?target_session_attrs=read-write", nil, "db/x?" + full + "&target_session_attrs=read-write"},
		{"a primary", "db/x?target_session_attrs=primary", nil, "db/x?" + full + "&target_session_attrs=primary"},
		{"a standby", "db/x?target_session_attrs=prefer-standby", nil, "target_session_attrs must be read-write or primary"},
		{"a read-only server", "db/x?target_session_attrs=read-only", nil, "target_session_attrs must be read-write or primary"},
		{"no end of waiting", "db/x?connect_timeout=0", nil, "db/x?" + full},
		{"words for a number", "db/x?connect_timeout=10s", nil, "connect_timeout must be a number of seconds"},

		{"channel binding beside a proven server", "db/x?sslmode=verify-full&channel_binding=require", nil, "db/x?" + full},
		{"channel binding by default", "db/x?channel_binding=require", nil, "db/x?" + full},
		{"channel binding in place of one", "db/x?sslmode=require&channel_binding=require", nil, "channel_binding is not supported here: write sslmode=verify-full"},
		{"GSS demanded", "db/x?gssencmode=require", nil, "gssencmode is not supported here: leave it out"},
		{"a way to log in demanded", "db/x?require_auth=scram-sha-256", nil, "require_auth is not supported here: write sslmode=verify-full"},
		{"an owner of the socket demanded", "/x?host=/run/pg&requirepeer=postgres", nil, "requirepeer is not supported here: leave it out"},
		{"revoked certificates", "db/x?sslcrl=/x", nil, "sslcrl is not supported here: leave it out"},
		{"a key with a password", "db/x?sslpassword=hunter2", nil, "sslpassword is not supported here: leave it out, and use a key without a password for sslkey"},
		{"TLS in other words", "db/x?ssl=true", nil, "db/x?" + full},
		{"TLS in other words, on this machine", "localhost/x?ssl=true", nil, "localhost/x?" + full},
		{"no TLS in other words", "db/x?ssl=false", nil, "ssl is not supported here: write sslmode=disable"},
		{"no TLS in both words", "db/x?ssl=0&sslmode=disable", nil, "db/x?sslmode=disable"},
		{"no proof in other words", "db/x?sslmode=no-verify", nil, "sslmode=no-verify is not supported; write sslmode=require"},
		{"no proof in still other words", "db/x?sslaccept=accept_invalid_certs", nil, "sslaccept is not supported here: write sslmode=require"},

		{"a schema", "db/x?schema=auth", nil, "db/x?search_path=%22auth%22&" + full},
		{"a schema with a quote", "db/x?currentSchema=a%22b", nil, "db/x?search_path=%22a%22%22b%22&" + full},
		{"the schema that is meant anyway", "db/x?schema=public", nil, "db/x?" + full},
		{"a schema twice", "db/x?schema=a&search_path=b", nil, "has schema and search_path"},
		{"a pooler", "db/x?pgbouncer=true", nil, "leads to a pooler (it has pgbouncer): set AUTHGRAPH_DATABASE_PREPARE=false, and AUTHGRAPH_LISTEN_URL to a direct connection"},
		{"a pooler that is known", "db/x?pgbouncer=true&statement_cache_size=0", []string{"AUTHGRAPH_DATABASE_PREPARE=false"}, "db/x?" + full},
		{"no pooler", "db/x?pgbouncer=false", nil, "db/x?" + full},
		{"few connections", "db/x?connection_limit=1&pool_timeout=20", nil, "has a connection_limit: set AUTHGRAPH_DATABASE_POOL instead"},
		{"few connections that are known", "db/x?connection_limit=5&pool_max_conns=5", []string{"AUTHGRAPH_DATABASE_POOL=5"}, "db/x?" + full},
		{"a parameter twice", "db/x?sslmode=verify-full&sslmode=disable", nil, "has sslmode twice"},
		{"a secret as a parameter twice", "db/x?HUNTER2=1&HUNTER2=2", nil, "has a parameter twice"},

		{"a socket", "%2Fvar%2Frun%2Fpostgresql/x", nil, "/x?host=%2Fvar%2Frun%2Fpostgresql&sslmode=disable"},
		{"a socket with a port", "%2frun%2fpg:5433/x?application_name=a", nil, "/x?application_name=a&host=%2Frun%2Fpg&port=5433&sslmode=disable"},
		{"a socket twice", "%2Frun%2Fpg/x?host=/run/pg", nil, "has the host twice"},
		{"a socket with an @", "%40pg/x", nil, "/x?host=%40pg&sslmode=disable"},
		{"several hosts", "one,two/x", nil, "one,two/x?" + full},
		{"several hosts with ports", "one:5432,two:5433/x", nil, "/x?host=one%2Ctwo&port=5432%2C5433&" + full},
		{"several hosts, some with ports", "one,two:5433/x", nil, "/x?host=one%2Ctwo&port=5432%2C5433&" + full},
		{"several addresses", "[::1]:1,[2001:db8::7]/x", nil, "/x?host=%3A%3A1%2C2001%3Adb8%3A%3A7&port=1%2C5432&" + full},
		{"several hosts, a port too many", "one:1,two/x?port=3", nil, "has the port twice"},
		{"several hosts, a port too few", "one,two,three/x?port=1,2", nil, "has another number of ports than of hosts"},
		{"a port that is none", "one:x,two/x", nil, "must have the form postgres://"},
		{"a host that is none", "one:1,:2/x", nil, "must have the form postgres://"},
		{"an escape that is none", "%2/x", nil, "must have the form postgres://"},
		{"a password cut short by a slash", "5432/2@db/x", nil, "is not a URL; special characters in the user or password must be percent-encoded"},
		{"a password cut short by a question mark", "5432?2@db/x", nil, "is not a URL; special characters in the user or password must be percent-encoded"},
		{"a database with an @", "db/x%40y", nil, "db/x%40y?" + full},
		{"the encoding that is meant anyway", "db/x?client_encoding=auto", nil, "db/x?" + full},
		{"another encoding", "db/x?client_encoding=LATIN1", nil, "has a client_encoding; leave it out"},
		{"a value that the driver refuses", "db/x?sslnegotiation=hunter2", nil, "PostgreSQL's driver refuses the value of sslnegotiation"},
		{"a port out of range", "db/x?port=99999", nil, "PostgreSQL's driver refuses the value of port"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c, _, err := Load(nil, production(append(test.env, "AUTHGRAPH_DATABASE_URL=postgres://u:hunter2@"+test.given)...))
			if err == nil {
				if got := c.Store.URL; got != "postgres://u:hunter2@"+test.want {
					t.Errorf("it is read as %s", got)
				}
				return
			}
			if !strings.HasPrefix(err.Error(), "AUTHGRAPH_DATABASE_URL: "+test.want) || strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "\n") {
				t.Errorf("Load() = %v, want %q", err, test.want)
			}
		})
	}
}

// TestListenURLPastAPooler: LISTEN does not go through one.
func TestListenURLPastAPooler(t *testing.T) {
	t.Parallel()
	_, _, err := Load(nil, production("AUTHGRAPH_DATABASE_URL=postgres://db/x", "AUTHGRAPH_LISTEN_URL=postgres://db/x?pgbouncer=true"))
	if err == nil || !strings.Contains(err.Error(), "AUTHGRAPH_LISTEN_URL: leads to a pooler (it has pgbouncer), but LISTEN needs a direct connection") {
		t.Errorf("Load() = %v", err)
	}
}

// TestDriversEnvironment: the driver reads variables of its own, and refuses those
// that PostgreSQL's library knows and it does not.
func TestDriversEnvironment(t *testing.T) {
	t.Setenv("PGCHANNELBINDING", "prefer")
	_, _, err := Load(nil, production("AUTHGRAPH_DATABASE_URL=postgres://db/x"))
	if err == nil || !strings.Contains(err.Error(), "does not support $PGCHANNELBINDING; remove it from the environment") {
		t.Errorf("Load() = %v", err)
	}
}
