package config

import (
	"encoding/base64"
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/authgraph/authgraph/internal/password"
	"github.com/authgraph/authgraph/internal/secret"
)

// secret reads a secret that keys are derived from.
func (r *reader) secret(v *Value) string {
	if v.text == "" || v.bad {
		return ""
	}
	if _, err := secret.New(v.text); err != nil {
		r.wrong(v, "%v", inner(err))
	}
	return v.text
}

// peppers reads a list of id:base64.
func (r *reader) peppers(v *Value) []password.Pepper {
	var peppers []password.Pepper
	for _, item := range r.list(v) {
		id, text, _ := strings.Cut(item, ":")
		key, err := base64.StdEncoding.DecodeString(text)
		if err != nil || id == "" || text == "" {
			r.wrong(v, "must be id:base64, with commas in between")
			return nil
		}
		peppers = append(peppers, password.Pepper{ID: id, Key: key})
	}
	if _, err := password.New(password.Options{Peppers: peppers}); err != nil {
		r.wrong(v, "%v", inner(err))
	}
	return peppers
}

var scopePattern = regexp.MustCompile(`^[a-z][a-z0-9_.-]*(:[a-z0-9_.-]+)*$`)

// scopes reads the operator's scopes. The ones that mean something to the
// program cannot be defined again: "session" marks what is no API token.
func (r *reader) scopes(v *Value) []string {
	list := r.list(v)
	for i, item := range list {
		switch {
		case !scopePattern.MatchString(item) || len(item) > 64:
			r.wrong(v, "%s is not a scope, as orders:read", quote(v, item))
		case slices.Contains([]string{"account:read", "sessions:read", "tokens:read"}, item):
			r.wrong(v, "%s always exists; leave it out", quote(v, item))
		case item == "session":
			r.wrong(v, "%s is what sessions have and no API token may", quote(v, item))
		case slices.Contains(list[:i], item):
			r.wrong(v, "%s is there twice", quote(v, item))
		}
	}
	return list
}

// inner drops the outermost words of an error, which name what the mistake
// names already.
func inner(err error) error {
	if cause := errors.Unwrap(err); cause != nil {
		return cause
	}
	return err
}
