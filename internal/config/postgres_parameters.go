package config

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// unknown is a parameter that PostgreSQL's own library, another driver or a
// provider knows, and our driver does not: it would ask the server for it, which
// refuses it.
type unknown struct {
	// harmless are the values that ask for nothing that is not so anyway, and all
	// if instead is empty.
	harmless []string
	// instead is what to write for another value.
	instead string
}

const proven = "write sslmode=verify-full instead, which makes the server prove who it is"

var unknowns = map[string]unknown{
	"channel_binding": {[]string{"disable", "prefer"}, proven},
	"require_auth":    {nil, proven},
	"requirepeer":     {nil, "leave it out; the driver cannot check who owns a socket"},
	"gssencmode":      {[]string{"disable", "prefer"}, "leave it out; TLS protects the connection"},
	"gssdelegation":   {[]string{"0"}, "leave it out"},
	"gsslib":          {},

	// Go keeps connections alive by itself, and the store has deadlines of its own.
	"keepalives": {}, "keepalives_idle": {}, "keepalives_interval": {}, "keepalives_count": {}, "tcp_user_timeout": {}, "tcpKeepAlive": {},
	"pool_timeout": {}, "socket_timeout": {}, "socketTimeout": {},
	"loginTimeout":    {nil, "write connect_timeout, in seconds"},
	"ApplicationName": {nil, "write application_name"},

	"ssl":            {[]string{"true", "1", "on", "require"}, "write sslmode=disable"},
	"requiressl":     {nil, "write sslmode=require, or better verify-full"},
	"sslaccept":      {[]string{"strict"}, "write sslmode=require"},
	"sslcertmode":    {[]string{"allow"}, "leave it out; the client shows a certificate if sslcert names one"},
	"sslcompression": {},
	"sslcrl":         {nil, "leave it out; the driver reads no lists of revoked certificates"},
	"sslcrldir":      {nil, "leave it out; the driver reads no lists of revoked certificates"},
	"sslidentity":    {nil, "write sslcert and sslkey, with files in PEM"},
	"sslpassword":    {nil, "leave it out, and use a key without a password for sslkey"},
	"sslkeylogfile":  {nil, "leave it out"},

	// What drivers with a pool of their own are told.
	"pool_min_conns": {}, "pool_max_conn_lifetime": {}, "pool_max_conn_lifetime_jitter": {}, "pool_max_conn_idle_time": {},
	"pool_health_check_period": {}, "statement_cache_capacity": {}, "description_cache_capacity": {}, "default_query_exec_mode": {},
	// What tells other drivers apart at some providers.
	"supa": {}, "workaround": {}, "uselibpqcompat": {},
}

// poolers are what says that there is a pooler in transaction mode, and limits
// how many connections there may be. Other settings are theirs, see crossCheck.
var (
	poolers = map[string]string{"pgbouncer": "true", "statement_cache_size": "0", "prepareThreshold": "0"}
	limits  = []string{"connection_limit", "pool_max_conns"}
)

// parameters replaces what the driver does not understand. No error quotes a
// value, which may be a secret in the wrong place.
func parameters(query url.Values) error {
	for _, name := range slices.Sorted(maps.Keys(query)) {
		value := query.Get(name)
		if len(query[name]) > 1 {
			return fmt.Errorf("has %s twice", shownName(name))
		}
		f, known := unknowns[name]
		_, pooler := poolers[name]
		switch {
		case value == "", pooler, slices.Contains(limits, name):
			query.Del(name)
		case known && (f.instead == "" || slices.Contains(f.harmless, value)),
			name == "channel_binding" && query.Get("sslmode") == "verify-full",
			name == "ssl" && query.Get("sslmode") == "disable":
			query.Del(name)
		case known:
			return fmt.Errorf("%s is not supported here: %s", name, f.instead)
		}
	}
	return errors.Join(sessionParameters(query), schema(query))
}

// shownName is a parameter's name, unless it may be something else.
func shownName(name string) string {
	if len(name) > 40 || strings.ContainsFunc(name, func(c rune) bool { return c != '_' && (c < 'a' || c > 'z') }) {
		return "a parameter"
	}
	return name
}

// sessionParameters refuses, of what the driver does understand, what would be of
// no use.
func sessionParameters(query url.Values) error {
	switch query.Get("target_session_attrs") {
	case "", "any", "read-write", "primary":
	default:
		return errors.New("target_session_attrs must be read-write or primary, because the server must accept writes")
	}
	if text := query.Get("connect_timeout"); text != "" {
		seconds, err := strconv.Atoi(text)
		if err != nil {
			return errors.New("connect_timeout must be a number of seconds")
		}
		if seconds <= 0 { // without end
			query.Del("connect_timeout")
		}
	}
	if query.Get("client_encoding") == "auto" {
		query.Del("client_encoding")
	}
	return nil
}

// schema has tables found where other drivers are told by a parameter of theirs.
func schema(query url.Values) error {
	for _, name := range []string{"schema", "currentSchema"} {
		value := query.Get(name)
		if value == "" {
			continue
		}
		if query.Has("search_path") {
			return fmt.Errorf("has %s and search_path, which mean the same; leave one of them out", name)
		}
		query.Del(name)
		if value == "public" { // where they are anyway; a pooler would not take it
			continue
		}
		query.Set("search_path", `"`+strings.ReplaceAll(value, `"`, `""`)+`"`)
	}
	return nil
}

// poolerDemands says what a URL written for a pooler asks of other settings.
func (r *reader) poolerDemands(c *Config, s *Settings) {
	for _, v := range []*Value{&s.DatabaseURL, &s.ListenURL} {
		if v.bad || !strings.HasPrefix(v.text, "postgres") {
			continue
		}
		_, query, err := parsePostgres(v.text)
		if err != nil {
			continue // told before
		}
		for _, name := range slices.Sorted(maps.Keys(poolers)) {
			switch {
			case query.Get(name) != poolers[name]:
			case v == &s.ListenURL:
				r.wrong(v, "leads to a pooler (it has %s), but LISTEN needs a direct connection", name)
			case !c.Store.Unprepared:
				r.wrong(v, "leads to a pooler (it has %s): set AUTHGRAPH_DATABASE_PREPARE=false, and AUTHGRAPH_LISTEN_URL to a direct connection", name)
			}
		}
		for _, name := range limits {
			if query.Get(name) != "" && v == &s.DatabaseURL && !s.DatabasePool.set() {
				r.wrong(v, "has a %s: set AUTHGRAPH_DATABASE_POOL instead", name)
			}
		}
	}
}
