package config

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/authgraph/authgraph/internal/origin"
)

// No error in this file wraps one of url.Parse, which quotes the whole URL
// with its password.

// publicURL reads where the server is reached from outside: what all links and
// tokens begin with, and where cookies are for. Plain http is for this machine alone, as
// cookies without Secure would be.
func publicURL(production bool) kind[string] {
	return func(v *Value) (string, error) {
		if v.text == "" {
			return "", nil
		}
		u, err := origin.ParseURL(v.text)
		switch {
		case err != nil:
		case production && u.Origin.Scheme != "https":
			err = errors.New("must begin with https:// in production")
		case !u.Origin.Safe():
			err = errors.New("must begin with https://; http is for localhost only")
		}
		if err != nil {
			return "", showing(v, err)
		}
		return u.String(), nil
	}
}

// allowed are the origins of a list, and its patterns.
type allowed struct {
	origins  []origin.Origin
	patterns []origin.Pattern
}

// origins reads a list of origins and patterns.
func origins(v *Value) (allowed, error) {
	items, err := each(v, func(item string) (string, error) { return item, nil })
	var list allowed
	for _, item := range items {
		if origin.IsPattern(item) {
			list.patterns, err = once(list.patterns, item, origin.ParsePattern)
		} else {
			list.origins, err = once(list.origins, item, origin.Parse)
		}
		if err != nil {
			return allowed{}, fmt.Errorf("%s: %w", quote(v, item), err)
		}
	}
	return list, err
}

// once appends what parse makes of an item, unless it is there.
func once[T comparable](list []T, item string, parse func(string) (T, error)) ([]T, error) {
	one, err := parse(item)
	if err != nil || slices.Contains(list, one) {
		return list, err
	}
	return append(list, one), nil
}

// page reads the URL of a page that links lead to. Its path and query are
// free; the fragment is where the token goes.
func page(production bool) kind[string] {
	return func(v *Value) (string, error) {
		if v.text == "" {
			return "", nil
		}
		if err := checkPage(v.text, production); err != nil {
			return "", showing(v, err)
		}
		return v.text, nil
	}
}

func checkPage(text string, production bool) error {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return errors.New("must be an absolute https URL")
	}
	switch {
	case u.User != nil:
		return errors.New("must not contain a user or password")
	case strings.Contains(text, "#"):
		return errors.New("must not have a fragment (#…)")
	case strings.ContainsFunc(text, func(c rune) bool { return c <= ' ' || c > '~' || strings.ContainsRune(`"<>\`, c) }):
		return errors.New("has characters that must be percent-encoded")
	case production && u.Scheme != "https":
		return errors.New("must begin with https:// in production")
	case u.Scheme != "https" && !origin.IsLoopback(u.Hostname()):
		return errors.New("must begin with https://; http is for localhost only")
	}
	return origin.CheckHost(u.Host)
}

// issuer reads the iss of tokens, which others compare byte by byte.
func issuer(v *Value) (string, error) {
	if v.text == "" {
		return "", nil
	}
	u, err := url.Parse(v.text)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil ||
		strings.ContainsAny(v.text, "?#") || strings.ContainsFunc(v.text, notToken) {
		return "", showing(v, errors.New("must be an http or https URL without user, query or fragment"))
	}
	return v.text, nil
}

// audience reads the aud of tokens.
func audience(v *Value) (string, error) {
	if len(v.text) > 255 || strings.ContainsFunc(v.text, notToken) {
		return "", errors.New("must be at most 255 visible ASCII characters")
	}
	return v.text, nil
}

func notToken(c rune) bool { return c <= ' ' || c > '~' }
