package config

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/authgraph/authgraph/internal/mail"
	"github.com/authgraph/authgraph/internal/origin"
	"github.com/authgraph/authgraph/internal/store"
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

// postgresURL checks a URL and completes it. No error quotes it.
func postgresURL(text string) (string, error) {
	u, query, err := parsePostgres(text)
	if err != nil {
		return "", err
	}
	hosts := postgresHosts(u, query)
	switch {
	case u.Host != "" && query.Has("host"):
		return "", errTwoHosts
	case u.Opaque != "" || len(hosts) == 0 || slices.Contains(hosts, ""):
		return "", errHosts
	case strings.Contains(text, "#"):
		return "", errors.New("has a #, which must be written as %23")
	}
	switch mode := query.Get("sslmode"); {
	case mode == "no-verify":
		return "", errors.New("sslmode=no-verify is not supported; write sslmode=require")
	case mode != "" && !slices.Contains(sslModes, mode):
		return "", fmt.Errorf("sslmode must be one of %s", strings.Join(sslModes, ", "))
	case mode == "" && allLocal(hosts) && query.Get("ssl") == "":
		query.Set("sslmode", "disable")
	case mode == "":
		query.Set("sslmode", "verify-full")
	}
	if err := parameters(query); err != nil {
		return "", err
	}
	if err := checkTLSFiles(query); err != nil {
		return "", err
	}
	u.RawQuery = query.Encode()
	return u.String(), store.CheckPostgres(u.String())
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
	socket := func(h string) bool { return strings.HasPrefix(h, "/") || strings.HasPrefix(h, "@") }
	return !slices.ContainsFunc(hosts, func(h string) bool { return !socket(h) && !origin.IsLoopback(h) })
}

// smtp reads the mail server.
func smtp(v *Value) (mail.Server, error) {
	if v.text == "" {
		return mail.Server{}, nil
	}
	return mail.ParseURL(v.text)
}

// authorities reads a file of certificates; nil for the system's.
func authorities(v *Value) (*x509.CertPool, error) {
	path, err := existing(v)
	if path == "" {
		return nil, err
	}
	content, err := readFile(path, maxFile)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(content) {
		return nil, errors.New("the file has no certificate in PEM")
	}
	return pool, nil
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
