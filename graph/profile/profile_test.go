package profile

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/authgraph/authgraph/internal/profile"
)

const file = `
"What the shop keeps."
type Profile {
  "Name shown to others."
  name: String @editable(required: true, maxLength: 80)
  year: Int @editable(min: 1900, max: 2030.5) @deprecated(reason: "Nobody asks.")
  likes: [Interest!] @editable(once: true, maxItems: 10)
  plan: Plan
  level: Level @hidden
}
enum Interest { "Paintings." ART SPORT }
enum Plan { FREE PRO }
enum Level { LOW HIGH }
`

func TestParse(t *testing.T) {
	d, err := Parse(file)
	if err != nil {
		t.Fatal(err)
	}
	want := &profile.Schema{Fields: []profile.Field{
		{Name: "name", Editable: true, Required: true, MaxLength: 80},
		{Name: "year", Kind: profile.Int, Editable: true, Min: new(1900.0), Max: new(2030.5)},
		{Name: "likes", Kind: profile.Enum, List: true, Values: []string{"ART", "SPORT"}, Editable: true, Once: true, MaxItems: 10},
		{Name: "plan", Kind: profile.Enum, Values: []string{"FREE", "PRO"}},
		{Name: "level", Kind: profile.Enum, Values: []string{"LOW", "HIGH"}, Hidden: true},
	}}
	if diff := cmp.Diff(want, d.Fields); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"likes"}, d.Lists); diff != "" {
		t.Errorf("lists (-want +got):\n%s", diff)
	}
	const sdl = `"""
What the shop keeps.
"""
type Profile {
  """
  Name shown to others.
  """
  name: String
  """
  Declared by the application.
  """
  year: Int @deprecated(reason: "Nobody asks.")
  """
  Declared by the application.
  """
  likes: [Interest!]
  """
  Declared by the application.
  """
  plan: Plan
}
"""
The fields of ` + "`Profile`" + ` that its owner may set.
"""
input ProfileInput {
  """
  Name shown to others.
  """
  name: String
  """
  Declared by the application.
  """
  year: Int @deprecated(reason: "Nobody asks.")
  """
  Declared by the application.
  """
  likes: [Interest!]
}
"""
Declared by the application.
"""
enum Interest {
  """
  Paintings.
  """
  ART
  """
  Declared by the application.
  """
  SPORT
}
"""
Declared by the application.
"""
enum Plan {
  """
  Declared by the application.
  """
  FREE
  """
  Declared by the application.
  """
  PRO
}
`
	if diff := cmp.Diff(sdl, d.SDL); diff != "" {
		t.Errorf("SDL (-want +got):\n%s", diff)
	}
}

// The example in the documentation can be copied.
func TestTheExampleInTheDocumentation(t *testing.T) {
	text, err := os.ReadFile("../../docs/profile.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "```graphql\n")
	example, _, _ := strings.Cut(rest, "```")
	d, err := Parse(example)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range d.Fields.Fields {
		if f.Required && f.Kind == profile.Boolean {
			t.Errorf("%s demands an answer, which may be false", f.Name)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for text, want := range map[string]string{
		``:                                                                      "the file has no type Profile",
		`type Profile {`:                                                        "line 1: ",
		`enum Profile { A }`:                                                    "Profile must be a type",
		`type Profile { a: String }`:                                            "no field is @editable",
		`type Profile { a: String! @editable }`:                                 "cannot be non-null",
		`type Profile { a: [String] @editable }`:                                "write [String!]",
		`type Profile { a: [[Int!]!] @editable }`:                               "a list of lists",
		`type Profile { a(x: Int): Int @editable }`:                             "cannot have arguments",
		`type Profile { a: Profile @editable }`:                                 "cannot be of type Profile",
		`type Profile { a: Nothing @editable }`:                                 "Nothing",
		`type Profile { a: Int @editable a: Int }`:                              "a",
		`type Profile { __a: Int @editable }`:                                   "__",
		`type Profile { a: Int @editable @hidden }`:                             "@editable and @hidden",
		`type Profile { a: Int @editable(maxLength: 3) }`:                       "maxLength does not fit",
		`type Profile { a: String @editable(min: 3) }`:                          "min does not fit",
		`type Profile { a: Int @editable(pattern: "x") }`:                       "pattern does not fit",
		`type Profile { a: Int @editable(maxItems: 3) }`:                        "maxItems does not fit",
		`type Profile { a: [Int!] @editable(maxItems: 51) }`:                    "between 1 and 50",
		`type Profile { a: String @editable(maxLength: 0) }`:                    "between 1 and 4096",
		`type Profile { a: String @editable(pattern: "(") }`:                    "not a regular expression",
		`type Profile { a: Int @editable(min: 3, max: 2) }`:                     "min is more than max",
		`type Profile { a: Int @editable(unknown: 1) }`:                         "unknown",
		`type Profile { a: Int @unknown }`:                                      "unknown",
		`type Profile { a: Int @editable(max: "x", required: 1) }`:              "max is of another type",
		`type Profile { a: Int @editable } type Other { a: Int }`:               "Other cannot be here",
		`type Profile { a: Int @editable } input Other { a: Int }`:              "Other cannot be here",
		`type Profile { a: Int @editable } scalar Other`:                        "Other cannot be here",
		`type Profile { a: Int @editable } extend type Query { b: Int }`:        "extends nothing",
		`schema { query: Profile } type Profile { a: Int @editable }`:           "extends nothing",
		`interface I { a: Int } type Profile implements I { a: Int @editable }`: "I cannot be here",
		`directive @x on FIELD_DEFINITION type Profile { a: Int @editable @x }`: "@x",
		`type Profile { a: Int @editable } type Mutation { b: Int }`:            "Mutation cannot be here",
		"type Profile {\n a: __TypeKind @editable }":                            "line 2: a cannot be of type __TypeKind",
		`type Profile { a: Int @editable } extend enum __TypeKind { X }`:        "line 1: __TypeKind is extended",
		`type Profile { a: Int @editable } extend type Profile { b: Int }`:      "Profile is extended",
		`type Profile { a: E @editable } enum E { A true }`:                     "true cannot be a value",
		`type Profile { a: Int @editable } enum __Mine { A }`:                   "__Mine",
		`type Profile { a: Int @editable } enum DateTime { A }`:                 "DateTime",
		`type Profile { ` + many() + ` }`:                                       "50 is the most",
	} {
		_, err := Parse(text)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
	_, err := Parse("type Profile {\n a: Int!\n b: [Int]\n}")
	if err == nil || strings.Count(err.Error(), "line ") != 3 {
		t.Errorf("of three mistakes are told: %v", err)
	}
}

func many() string {
	var s strings.Builder
	for i := range profile.MaxFields + 1 {
		s.WriteString("f" + strings.Repeat("x", i) + ": Int @editable ")
	}
	return s.String()
}
