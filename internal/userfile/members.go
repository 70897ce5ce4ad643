package userfile

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/authgraph/authgraph/internal/strictjson"
)

// maxDepth is how deep an account may nest: Auth0's metadata are the
// application's own.
const maxDepth = 32

// members are those of a JSON object. The first one of another type than
// expected is remembered in err. null is as if it were not there.
type members struct {
	of   map[string]any
	seen map[string]bool
	err  error
}

func readMembers(text []byte) (*members, error) {
	of, err := strictjson.ParseObject(text, maxDepth)
	if twice := (*strictjson.DuplicateError)(nil); errors.As(err, &twice) {
		return nil, errors.New("an object has the same member twice") // without its name, which may be anything
	}
	if err != nil {
		return nil, fmt.Errorf("it is not a JSON object, or a broken one: %w", err)
	}
	return &members{of: of, seen: map[string]bool{}}, nil
}

// member returns a value of the type T, or its zero value.
func member[T any](m *members, name, kind string) (value T) {
	m.seen[name] = true
	any, some := m.of[name]
	if !some || any == nil {
		return value
	}
	value, ok := any.(T)
	if !ok {
		m.fail("%s must be %s", name, kind)
	}
	return value
}

func (m *members) fail(format string, args ...any) {
	if m.err == nil {
		m.err = fmt.Errorf(format, args...)
	}
}

func (m *members) text(name string) string { return member[string](m, name, "a text") }

func (m *members) flag(name string) bool { return member[bool](m, name, "true or false") }

func (m *members) list(name string) []any { return member[[]any](m, name, "a list") }

func (m *members) object(name string) map[string]any {
	return member[map[string]any](m, name, "an object")
}

func (m *members) number(name string) json.Number {
	return member[json.Number](m, name, "a number")
}

// below is an object within this one; nil if there is none.
func (m *members) below(name string) *members {
	of := m.object(name)
	if of == nil {
		return nil
	}
	return &members{of: of, seen: map[string]bool{}}
}

// moment reads a time. Others may write it without a fraction or with one.
func (m *members) moment(name string) (t time.Time) {
	if text := m.text(name); text != "" {
		var err error
		if t, err = time.Parse(time.RFC3339Nano, text); err != nil {
			m.fail("%s must be a time as in RFC 3339, such as 2026-01-31T12:00:00Z", name)
		}
	}
	return t
}

func (m *members) texts(name string) []string {
	var all []string
	for _, one := range m.list(name) {
		text, ok := one.(string)
		if !ok {
			m.fail("%s must be a list of texts", name)
		}
		all = append(all, text)
	}
	return all
}

// only refuses members that nobody asked for. They could be misspelt.
func (m *members) only() {
	for name := range m.of {
		if !m.seen[name] {
			known := make([]string, 0, len(m.seen))
			for name := range m.seen {
				known = append(known, name)
			}
			m.fail("there is a member that is not known; these are: %s", strings.Join(sorted(known), ", "))
			return
		}
	}
}
