package profile

import (
	"encoding/json"
	"errors"
	"strings"
)

// Values is a stored document for a reader who asks for some of its fields. It is
// quicker than a Document: most requests for a profile only read it.
type Values []member

type member struct {
	name string
	raw  json.RawMessage
}

// Read reads a stored document.
func Read(text string) (Values, error) {
	b := []byte(text)
	if !json.Valid(b) {
		return nil, errors.New("read a profile: not JSON")
	}
	if values, ok := scan(text, b); ok {
		return values, nil
	}
	document, err := Parse(text) // written by somebody else, with spaces or escapes in names
	if err != nil {
		return nil, err
	}
	var values Values
	for name, raw := range document {
		values = append(values, member{name, raw})
	}
	return values, nil
}

// Shown is a field's value, as Field.Shown.
func (v Values) Shown(f *Field) (json.RawMessage, bool) {
	for i := range v {
		if v[i].name == f.Name {
			return f.shown(v[i].raw)
		}
	}
	return nil, false
}

// scan finds the members of an object that is written as Document.Text writes
// it. The text is valid JSON.
func scan(text string, b []byte) (Values, bool) {
	if b[0] != '{' {
		return nil, false
	}
	values := make(Values, 0, 16)
	for i := 1; i < len(b) && b[i] != '}'; {
		if b[i] == ',' {
			i++
		}
		if b[i] != '"' {
			return nil, false
		}
		end := strings.IndexByte(text[i+1:], '"') + i + 1
		name := text[i+1 : end]
		if strings.IndexByte(name, '\\') >= 0 || b[end+1] != ':' {
			return nil, false
		}
		from := end + 2
		i = skip(b, from)
		values = append(values, member{name, b[from:i:i]})
	}
	return values, true
}

// skip returns where the value that begins at i ends.
func skip(b []byte, i int) int {
	for depth := 0; ; i++ {
		switch b[i] {
		case '"':
			for i++; b[i] != '"'; i++ {
				if b[i] == '\\' {
					i++
				}
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return i
			}
			depth--
		case ',':
			if depth == 0 {
				return i
			}
		}
	}
}
