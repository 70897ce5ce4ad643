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

// rootSecret reads a secret that keys are derived from.
func rootSecret(v *Value) (string, error) {
	if v.text == "" {
		return "", nil
	}
	if _, err := secret.New(v.text); err != nil {
		return "", inner(err)
	}
	return v.text, nil
}

// hashing reads how new passwords are hashed.
func hashing(v *Value) (password.Scheme, error) {
	s, err := password.ParseScheme(v.text)
	if err != nil {
		return s, inner(err)
	}
	return s, nil
}

// peppers reads a list of id:base64.
func peppers(v *Value) ([]password.Pepper, error) {
	list, err := each(v, func(item string) (password.Pepper, error) {
		id, text, _ := strings.Cut(item, ":")
		key, err := base64.StdEncoding.DecodeString(text)
		if err != nil || id == "" || text == "" {
			return password.Pepper{}, errors.New("must be id:base64, or several of these with commas between them")
		}
		return password.Pepper{ID: id, Key: key}, nil
	})
	if err != nil {
		return nil, err
	}
	if _, err := password.New(password.Options{Peppers: list}); err != nil {
		return nil, inner(err)
	}
	return list, nil
}

var headerPattern = regexp.MustCompile("^[a-z0-9!#$%&'+.^_`|~-]{1,64}$")

// headers reads names of request headers. An asterisk would mean none where
// cookies are sent along.
func headers(v *Value) ([]string, error) {
	return each(v, func(item string) (string, error) {
		name := strings.ToLower(item)
		if !headerPattern.MatchString(name) {
			return "", errors.New(quote(v, item) + " is not the name of a header such as x-tenant")
		}
		return name, nil
	})
}

var scopePattern = regexp.MustCompile(`^[a-z][a-z0-9_.-]*(:[a-z0-9_.-]+)*$`)

// scopes reads the operator's scopes. The ones that mean something to the
// program cannot be defined again: "session" and "setup"
// mark what is no API token.
func scopes(v *Value) ([]string, error) {
	seen := map[string]bool{}
	return each(v, func(item string) (string, error) {
		var problem string
		switch {
		case !scopePattern.MatchString(item) || len(item) > 64:
			problem = "is not a scope such as orders:read"
		case slices.Contains([]string{"account:read", "sessions:read", "tokens:read", "factors:read"}, item):
			problem = "always exists; leave it out"
		case item == "session" || item == "setup":
			problem = "is the scope of sessions, and an API token cannot have it"
		case seen[item]:
			problem = "is there twice"
		default:
			seen[item] = true
			return item, nil
		}
		return "", errors.New(quote(v, item) + " " + problem)
	})
}

// inner drops the outermost words of an error, which name what the mistake
// names already.
func inner(err error) error {
	if cause := errors.Unwrap(err); cause != nil {
		return cause
	}
	return err
}
