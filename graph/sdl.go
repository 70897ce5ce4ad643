package graph

import (
	"fmt"
	"regexp"
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
func SDL(p *profile.Definition) string {
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

// loadSchema is the published schema, for those who run it.
func loadSchema(p *profile.Definition) (*ast.Schema, error) {
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: "schema", Input: SDL(p)})
	if err != nil { // an enum of the operator's has the name of a type of ours
		return nil, fmt.Errorf("the profile does not fit the schema: %w", err)
	}
	return schema, nil
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

// profileOf is what is kept of a person; nil if nothing is.
func profileOf(s *auth.Service, u *ent.User) *scalar.Profile {
	if u.Profile == stored.Empty {
		return nil
	}
	return &scalar.Profile{Fields: s.Profile, Text: u.Profile}
}
