package config

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/authgraph/authgraph/internal/mail"
	"github.com/authgraph/authgraph/internal/origin"
)

// database reads sqlite:path or a PostgreSQL URL, and writes the protection of
// the connection into the latter: PGSSLMODE, or another default of the driver,
// must not weaken what the operator did not.
func database(v *Value) (string, error) {
	kind, path, _ := strings.Cut(v.text, ":")
	switch kind {
	case "":
		return "", nil
	case "sqlite":
		if path = strings.TrimPrefix(path, "//"); path == "" || strings.HasPrefix(path, ":memory:") {
			return "", errors.New("sqlite: needs the path of a file")
		}
		return v.text, nil
	case "postgres", "postgresql":
		return postgresURL(v.text)
	}
	return "", errors.New("must begin with sqlite: or postgres://")
}

// sslModes are those of the driver. All but verify-full are warned of.
var sslModes = []string{"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}

var errManyHosts = errors.New("not a URL (several hosts are written postgres://one,two/name?port=5432,5433)")

// postgresURL checks a URL and completes it. No error quotes it.
func postgresURL(text string) (string, error) {
	u, err := url.Parse(text)
	if err != nil {
		if strings.Contains(text, ",") {
			return "", errManyHosts
		}
		return "", errors.New("not a URL (a special character in the user or password must be percent-encoded)")
	}
	query, err := url.ParseQuery(u.RawQuery)
	hosts := postgresHosts(u, query)
	switch mode := query.Get("sslmode"); {
	case err != nil:
		return "", errors.New("has a query that is none")
	case u.Host != "" && query.Has("host"):
		return "", errors.New("names its host twice")
	case u.Opaque != "" || len(hosts) == 0 || slices.Contains(hosts, ""):
		return "", errors.New("must read postgres://user:password@host/name, or have the socket's directory as ?host=/directory")
	case strings.Count(u.Host, ":") > 1 && !strings.HasPrefix(u.Host, "["):
		return "", errManyHosts
	case strings.Contains(text, "#"):
		return "", errors.New("has a #, which must be written %23")
	case mode != "" && !slices.Contains(sslModes, mode):
		return "", fmt.Errorf("sslmode must be one of %s", strings.Join(sslModes, ", "))
	case mode == "" && allLocal(hosts):
		query.Set("sslmode", "disable")
	case mode == "":
		query.Set("sslmode", "verify-full")
	}
	if err := checkTLSFiles(query); err != nil {
		return "", err
	}
	u.RawQuery = query.Encode()
	return u.String(), nil
}

// postgresHosts are the hosts that the driver tries.
func postgresHosts(u *url.URL, query url.Values) []string {
	for _, text := range []string{query.Get("hostaddr"), query.Get("host"), u.Hostname()} {
		if text != "" {
			return strings.Split(text, ",")
		}
	}
	return nil
}

func allLocal(hosts []string) bool {
	return !slices.ContainsFunc(hosts, func(h string) bool { return !strings.HasPrefix(h, "/") && !origin.IsLoopback(h) })
}

// smtp reads the mail server.
func smtp(v *Value) (mail.Server, error) {
	if v.text == "" {
		return mail.Server{}, nil
	}
	return mail.ParseURL(v.text)
}

// sender reads who letters come from.
func sender(v *Value) (mail.Sender, error) { return mail.ParseSender(v.text) }

// databaseWait is how long a database is waited for: containers start together,
// and a developer wants to know at once.
func databaseWait(production bool) time.Duration {
	if production {
		return 30 * time.Second
	}
	return 0
}
