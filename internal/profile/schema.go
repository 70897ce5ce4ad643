// Package profile is what an application keeps of a person: fields that the
// operator declares, and values that are checked against them.
//
//	schema.go    the fields: names, kinds, bounds
//	check.go     what a person typed, to what is stored
//	document.go  what is stored, and what of it still fits
//	read.go      the one way to read what is stored
//
// The package knows no GraphQL, no account and no database. The fields come from
// package graph/profile, which reads the operator's file.
package profile

import "regexp"

// Kind is the type of a field, or of the items of its list.
type Kind int8

// The kinds.
const (
	String Kind = iota
	Int
	Float
	Boolean
	ID
	DateTime
	Enum
)

const (
	// MaxItems is the longest list.
	MaxItems = 50
	// MaxText is the size of all values together that their owner sets, in bytes
	// of JSON.
	MaxText = 4 << 10
	// MaxFields is how many fields there may be.
	MaxFields = 50
)

// Field is one thing to know about a person. Every field may be empty, since
// there are accounts from before it was declared.
type Field struct {
	Name string
	Kind Kind
	List bool
	// Values of an Enum.
	Values []string

	// Editable fields are set by their owner. Hidden ones are not shown to them.
	Editable, Hidden bool
	// Required fields are given at sign-up, and not cleared.
	Required bool
	// Once means that a value stays as it was first set.
	Once bool

	// MaxLength is in characters (code points). 0 means none.
	MaxLength int
	Min, Max  *float64
	// MaxItems is at most the constant of that name.
	MaxItems int
	// Pattern is found in the text. RE2 takes linear time.
	Pattern *regexp.Regexp
}

// Schema is all fields, in the order of the operator's file.
type Schema struct{ Fields []Field }

// Field finds a field, or returns nil.
func (s *Schema) Field(name string) *Field {
	if s == nil {
		return nil
	}
	for i := range s.Fields {
		if s.Fields[i].Name == name {
			return &s.Fields[i]
		}
	}
	return nil
}

// Longest is how many bytes of JSON a value can have, also one that is a text with
// quotes around each item.
func (f *Field) Longest() int {
	const (
		escaped = 6 // of a character: \u2028
		quotes  = 5 // of an item of a list in a text: \" twice, and a comma
	)
	one := MaxText
	switch f.Kind {
	case Int, Float, DateTime, Boolean:
		one = len("2006-01-02T15:04:05.999999Z")
	case Enum:
		one = 0
		for _, value := range f.Values {
			one = max(one, len(value))
		}
	case String, ID:
		if f.MaxLength > 0 {
			one = min(one, escaped*f.MaxLength)
		}
	}
	if f.List {
		return min(MaxText, f.mostItems()*(one+quotes)+2)
	}
	return one
}
