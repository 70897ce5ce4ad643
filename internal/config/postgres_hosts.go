package config

import (
	"errors"
	"net/url"
	"strings"
)

var (
	errNoURL = errors.New("is not a URL; special characters in the user or password must be percent-encoded")
	errHosts = errors.New("must have the form postgres://user:password@host/name; write several hosts as one:5432,two:5432, and the directory of a socket as %2Fdirectory or ?host=/directory")
)

// parsePostgres parses a URL of PostgreSQL's. Its hosts may be several, each with
// a port, or directories of sockets, which is more than a URL's host can be: they
// are moved to the query then, where the driver reads them. No error quotes it.
func parsePostgres(text string) (*url.URL, url.Values, error) {
	list, start, end := writtenHosts(text)
	moved := strings.ContainsAny(list, "%") || strings.Contains(list, ",") && strings.Contains(list, ":")
	if moved {
		text = text[:start] + text[end:]
	}
	u, err := url.Parse(text)
	if err != nil {
		return nil, nil, errNoURL
	}
	query, err := url.ParseQuery(u.RawQuery)
	if cutShort(u, query) {
		return nil, nil, errNoURL
	}
	if err != nil {
		return nil, nil, errors.New("the part after the question mark is not valid")
	}
	if !moved {
		return u, query, nil
	}
	hosts, ports, err := splitHosts(list)
	switch {
	case err != nil:
		return nil, nil, err
	case query.Has("host"):
		return nil, nil, errTwoHosts
	case ports != "" && query.Has("port"):
		return nil, nil, errors.New("has the port twice")
	}
	query.Set("host", hosts)
	if ports != "" {
		query.Set("port", ports)
	}
	return u, query, nil
}

// cutShort reports that the end of the URL's host came too soon, as it does where
// the password has a slash or a question mark: the rest of it would be taken for a
// database or a parameter, and what is before it for a host.
func cutShort(u *url.URL, query url.Values) bool {
	if strings.Contains(u.EscapedPath(), "@") {
		return true
	}
	for name := range query {
		if strings.Contains(name, "@") {
			return true
		}
	}
	return false
}

var errTwoHosts = errors.New("has the host twice")

// writtenHosts finds what stands between the user and the path.
func writtenHosts(text string) (list string, start, end int) {
	start = strings.Index(text, "://")
	if start < 0 {
		return "", 0, 0
	}
	start += len("://")
	end = len(text)
	if i := strings.IndexAny(text[start:], "/?#"); i >= 0 {
		end = start + i
	}
	start += strings.LastIndexByte(text[start:end], '@') + 1
	return text[start:end], start, end
}

// splitHosts reads host:port,host:port. Where one has a port, all get one.
func splitHosts(list string) (hosts, ports string, err error) {
	var names, numbers []string
	given := false
	for item := range strings.SplitSeq(list, ",") {
		host, port := item, ""
		if i := strings.LastIndexByte(item, ':'); i > strings.LastIndexByte(item, ']') {
			host, port = item[:i], item[i+1:]
			given = true
		}
		host, err := url.PathUnescape(strings.Trim(host, "[]"))
		if err != nil || host == "" || strings.Trim(port, "0123456789") != "" || strings.ContainsAny(host, ", ") {
			return "", "", errHosts
		}
		if port == "" {
			port = "5432"
		}
		names, numbers = append(names, host), append(numbers, port)
	}
	if !given {
		numbers = nil
	}
	return strings.Join(names, ","), strings.Join(numbers, ","), nil
}
