// Package locale finds the language of a person among those that are offered. What
// clients send is parsed and compared, and never used as a name of anything.
package locale

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/language"
)

// Bounds of what is read. RFC 5646 section 4.4.1 asks for at least 35 characters of
// a tag. Browsers send a handful of tags.
const (
	maxTag    = 35
	maxHeader = 512
)

// Max is how many languages can be offered.
const Max = 50

// ErrNotATag says that a text is no language tag.
var ErrNotATag = errors.New("not a language tag (BCP 47), such as de or pt-BR")

// Set are the languages that are offered, the default first. It is safe for
// concurrent use.
type Set struct {
	tags    []string
	matcher language.Matcher
}

// New makes a set out of tags in canonical form.
func New(tags ...string) (*Set, error) {
	switch {
	case len(tags) == 0:
		return nil, errors.New("there is no language")
	case len(tags) > Max:
		return nil, fmt.Errorf("there are %d languages; %d is the most", len(tags), Max)
	}
	parsed := make([]language.Tag, len(tags))
	for i, tag := range tags {
		t, err := language.Parse(tag)
		switch {
		case len(tag) > maxTag || err != nil || plain(t) == "":
			return nil, ErrNotATag
		case plain(t) != tag:
			return nil, fmt.Errorf("%s is written %s", tag, plain(t))
		case slices.Contains(tags[:i], tag):
			return nil, fmt.Errorf("%s is there twice", tag)
		}
		parsed[i] = t
	}
	return &Set{tags: slices.Clone(tags), matcher: language.NewMatcher(parsed)}, nil
}

// Tags are the languages that are offered, the default first.
func (s *Set) Tags() []string { return slices.Clone(s.tags) }

// Default is the language of everybody of whom nothing else is known.
func (s *Set) Default() string { return s.tags[0] }

// Offered is the language that is offered for a tag: de for de-AT. It is the default
// if there is none, or the tag is none.
func (s *Set) Offered(tag string) string {
	if t, err := parse(tag); err == nil {
		if i, ok := s.match(t); ok {
			return s.tags[i]
		}
	}
	return s.Default()
}

// Given reads a tag that a client sent. It returns the tag in canonical form and
// without extensions, or nothing if its language is not offered. A text that is no
// tag is ErrNotATag.
func (s *Set) Given(tag string) (string, error) {
	t, err := parse(tag)
	if err != nil {
		return "", err
	}
	return s.kept(t), nil
}

// Accepted reads an Accept-Language header. It returns the first tag in the order of
// preference whose language is offered, as Given does, or nothing. A header that cannot be
// read says nothing.
func (s *Set) Accepted(header string) string {
	if len(header) > maxHeader { // to the last tag that is whole
		header = header[:max(0, strings.LastIndexByte(header[:maxHeader], ','))]
	}
	wanted, _, err := language.ParseAcceptLanguage(header)
	if err != nil {
		return ""
	}
	for _, t := range wanted {
		if tag := s.kept(t); tag != "" {
			return tag
		}
	}
	return ""
}

// kept is a tag as it is stored, or nothing if its language is not offered.
func (s *Set) kept(t language.Tag) string {
	if _, ok := s.match(t); !ok {
		return ""
	}
	return plain(t)
}

// match finds what is offered for a tag. Languages that are only near each other do not
// match: who reads one does not always like to read the other.
func (s *Set) match(t language.Tag) (int, bool) {
	_, i, confidence := s.matcher.Match(t)
	return i, confidence >= language.High && plain(t) != ""
}

// parse reads a tag. One that is well formed but has an unknown part, such as a
// country that does not exist, counts without that part.
func parse(tag string) (language.Tag, error) {
	if tag == "" || len(tag) > maxTag {
		return language.Und, ErrNotATag
	}
	t, err := language.Parse(tag)
	var unknown language.ValueError
	if err != nil && !errors.As(err, &unknown) {
		return language.Und, ErrNotATag
	}
	return t, nil
}

// plain is a tag of language, script and country alone. It is empty if there is no
// language.
func plain(t language.Tag) string {
	base, script, region := t.Raw()
	if base.String() == "und" {
		return ""
	}
	short, err := language.Compose(base, script, region)
	if err != nil {
		return ""
	}
	return short.String()
}
