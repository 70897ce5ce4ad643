package config

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/authgraph/authgraph/internal/auth"
)

var (
	rolePattern       = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,31}$`)
	permissionPattern = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,31}:[a-z][a-z0-9_-]{0,31}$`)
)

// roles reads the list of roles, each perhaps with its permissions.
func roles(v *Value) ([]auth.Role, error) {
	list, err := each(v, func(item string) (auth.Role, error) {
		name, permissions, some := strings.Cut(item, "=")
		role := auth.Role{Name: strings.TrimSpace(name)}
		if !rolePattern.MatchString(role.Name) {
			return role, fmt.Errorf("%s is not a role: a letter from a to z, then up to 31 letters, digits, - or _", quote(v, role.Name))
		}
		if !some {
			return role, nil
		}
		for permission := range strings.SplitSeq(permissions, "+") {
			permission = strings.TrimSpace(permission)
			if permission != "*" && !permissionPattern.MatchString(permission) {
				return role, fmt.Errorf("the permissions of %s must be written as users:read+sessions:end, or *", role.Name)
			}
			role.Permissions = append(role.Permissions, permission)
		}
		return role, nil
	})
	switch {
	case err != nil:
		return nil, err
	case len(list) > auth.MaxRoles:
		return nil, fmt.Errorf("has %d roles; %d is the most", len(list), auth.MaxRoles)
	}
	for i, role := range list {
		if slices.ContainsFunc(list[:i], func(other auth.Role) bool { return other.Name == role.Name }) {
			return nil, fmt.Errorf("%s is there twice", role.Name)
		}
	}
	return list, nil
}

// textFile reads the path of a file. What it may say is known to those who use
// it.
func textFile(v *Value) (string, error) {
	path, err := existing(v)
	if path != "" {
		_, err = readFile(path, maxFile)
	}
	return path, err
}

// ProfileFile is the path that PROFILE names, or empty. It looks at no other
// setting: the schema can be printed where the server cannot run.
func (s Settings) ProfileFile(environ []string) (string, error) {
	r := s.resolve(environ)
	r.mistakes = nil
	path := read(r, &s.Profile, textFile)
	return path, r.err()
}

// claims reads the template of claims. Whether the profile has the fields that it
// refers to is known to those who read the profile.
func claims(v *Value) (*auth.ClaimsTemplate, error) {
	path, err := existing(v)
	if path == "" {
		return nil, err
	}
	content, err := readFile(path, maxFile)
	if err != nil {
		return nil, err
	}
	template, err := auth.ParseClaims(content)
	if err != nil {
		return nil, errors.New(strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	return template, nil
}
