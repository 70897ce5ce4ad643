package auth

import (
	"slices"
	"strings"

	"github.com/authgraph/authgraph/ent"
)

// MaxRoles is how many roles the operator's list may have.
const MaxRoles = 32

// Role is what an account can be in the application. The operator lists all of
// them. A role that is not in the list does not exist.
type Role struct {
	Name string
	// Permissions are what its holders may do to other accounts. Nothing asks
	// for them yet.
	Permissions []string
}

// defaultRoles are the list where the operator has none.
var defaultRoles = []Role{{Name: "user"}}

// listedRoles is the operator's list.
func (s *Settings) listedRoles() []Role {
	if len(s.Roles) == 0 {
		return defaultRoles
	}
	return s.Roles
}

// RoleNames lists every role. The first is the default role.
func (s *Settings) RoleNames() []string {
	names := make([]string, len(s.listedRoles()))
	for i, role := range s.listedRoles() {
		names[i] = role.Name
	}
	return names
}

// RolesOf lists the roles of an account, in the order of the operator's list.
// The default role is not stored: everybody has it. What is stored and not
// listed does not count.
func (s *Settings) RolesOf(u *ent.User) []string {
	list := s.listedRoles()
	if u.Roles == "" {
		return []string{list[0].Name}
	}
	stored := strings.Fields(u.Roles)
	names := make([]string, 0, len(stored)+1)
	for i, role := range list {
		if i == 0 || slices.Contains(stored, role.Name) {
			names = append(names, role.Name)
		}
	}
	return names
}

// storedRoles is how roles are stored: names apart by spaces, in the order of
// the list, without the default role. It refuses a name that is not listed.
func (s *Settings) storedRoles(given []string) (string, error) {
	list := s.RoleNames()
	for _, name := range given {
		if !slices.Contains(list, name) {
			return "", &Error{Code: Invalid, Field: []string{"roles"}, Text: "There is no such role. The setting ROLES lists them: " + strings.Join(list, ", ") + "."}
		}
	}
	var stored []string
	for _, name := range list[1:] {
		if slices.Contains(given, name) {
			stored = append(stored, name)
		}
	}
	return strings.Join(stored, " "), nil
}
