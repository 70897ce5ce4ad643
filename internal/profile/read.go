package profile

import (
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"
)

// Values is a stored document for a reader who asks for some of its fields. It is
// quicker than a Document: most requests for a profile only read it.
type Values []member

type member struct {
	name string
	raw  json.RawMessage
}

// errUnreadable says that a stored document is no JSON object. It quotes nothing.
var errUnreadable = errors.New("read a profile: it is not a JSON object")

// Read reads a stored document. It is the only way to read one, so that nobody
// reads it in another way. An empty text and null are a document without values.
func Read(text string) (Values, error) {
	if text == "" || text == Empty {
		return nil, nil
	}
	b := []byte(text)
	if !utf8.Valid(b) || !json.Valid(b) {
		return nil, errUnreadable
	}
	if values, ok := scan(text, b); ok {
		return values, nil
	}
	document := Document{} // written by somebody else, with spaces or escapes in names
	if err := json.Unmarshal(b, &document); err != nil {
		return nil, errUnreadable
	}
	var values Values
	for name, raw := range document {
		values = append(values, member{name, raw})
	}
	return values, nil
}

// Parse is Read for those who change the document, or need all of it.
func Parse(text string) (Document, error) {
	values, err := Read(text)
	if err != nil {
		return nil, err
	}
	return values.Document(), nil
}

// Document is all values, by name.
func (v Values) Document() Document {
	d := make(Document, len(v))
	for _, m := range v {
		d[m.name] = m.raw
	}
	return d
}

// Shown is a field's value, as Field.Shown. Of two members of one name, the last
// counts.
func (v Values) Shown(f *Field) (json.RawMessage, bool) {
	for i := len(v) - 1; i >= 0; i-- {
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
		if isSpace(b[from]) || isSpace(b[i-1]) {
			return nil, false
		}
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

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }
