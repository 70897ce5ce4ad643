package graph

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/authgraph/authgraph/graph/profile"
	"github.com/authgraph/authgraph/internal/auth"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/graph/scalar"
	stored "github.com/authgraph/authgraph/internal/profile"
)

// profileFile continues the schema where the operator has declared fields.
const profileFile = "profile.graphqls"

// standIns are the scalars in that file which stand for the operator's types.
var standIns = regexp.MustCompile(`(?m)^"[^"\n]*"\nscalar Profile(Input)?\n`)

// SDL is the published schema. p is the operator's fields; nil if there are none.
// It refuses types of the operator's that have the name of one of ours: the schema
// that is printed is the one that is served.
func SDL(p *profile.Definition) (string, error) {
	if _, err := loadSchema(p); err != nil {
		return "", err
	}
	return published(p), nil
}

// published is the text of the schema.
func published(p *profile.Definition) string {
	var text strings.Builder
	for _, source := range sources {
		switch {
		case source.BuiltIn:
		case source.Name != profileFile:
			text.WriteString(source.Input)
		case p != nil:
			text.WriteString(standIns.ReplaceAllString(source.Input, ""))
			text.WriteString("\n" + p.SDL)
		}
	}
	return text.String()
}

// loadSchema is the published schema, for those who run it and those who print it.
func loadSchema(p *profile.Definition) (*ast.Schema, error) {
	if err := collisions(p); err != nil {
		return nil, err
	}
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: "schema", Input: published(p)})
	if err != nil {
		return nil, fmt.Errorf("the profile does not fit the schema: %w", err)
	}
	return schema, nil
}

// collisions refuses enums of the operator's that have the name of another type.
func collisions(p *profile.Definition) error {
	if p == nil {
		return nil
	}
	var wrong []error
	for _, name := range slices.SortedFunc(maps.Keys(p.Enums), func(a, b string) int { return p.Enums[a] - p.Enums[b] }) {
		if parsedSchema.Types[name] != nil {
			wrong = append(wrong, fmt.Errorf("line %d: %s is a type of authgraph's schema; choose another name", p.Enums[name], name))
		}
	}
	return errors.Join(wrong...)
}

// withProfile adds the lists of the operator's fields to how long lists are.
func withProfile(elements map[string]int, p *profile.Definition) map[string]int {
	if p != nil {
		for _, name := range p.Lists {
			elements[name] = max(elements[name], stored.MaxItems)
		}
	}
	return elements
}

// profileOf is what is kept of a person; nil if nothing is that clients can see, or if
// it cannot be read.
func profileOf(s *auth.Service, c auth.Caller, u *ent.User) *scalar.Profile {
	values := s.Kept(c, u)
	if !slices.ContainsFunc(s.Profile.Fields, func(f stored.Field) bool {
		_, some := values.Shown(&f)
		return some && !f.Hidden
	}) {
		return nil
	}
	return &scalar.Profile{Fields: s.Profile, Values: values}
}
