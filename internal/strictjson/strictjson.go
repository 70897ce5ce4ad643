// Package strictjson reads JSON that has one reading only. encoding/json
// replaces broken text, takes the last of two members of one name and matches
// names in any letter case: two different passwords become equal, or one value
// hides behind another. Here such texts are refused.
//
// It knows nothing of what it reads. Each caller says how many bytes it reads,
// and how deep they may nest.
package strictjson

import (
	"encoding/json"
	"errors"
	"unicode/utf8"
)

// What is wrong with a text. No error quotes what was read, but for the name
// in a [DuplicateError].
var (
	ErrSyntax  = errors.New("not JSON")
	ErrUnicode = errors.New("text that is not UTF-8, or half of a surrogate pair")
	ErrDepth   = errors.New("nested too deeply")
)

// DuplicateError says that an object has a member twice.
type DuplicateError struct{ Name string }

func (*DuplicateError) Error() string { return "a name is there twice in one object" }

// Parse reads one JSON text (RFC 8259) and nothing around it, as string,
// json.Number, bool, nil, map[string]any or []any. More than depth arrays and
// objects within each other are ErrDepth; the stack that reading takes grows
// with depth. The result shares no memory with b.
func Parse(b []byte, depth int) (any, error) {
	if !utf8.Valid(b) {
		return nil, ErrUnicode
	}
	r := reader{b: b, depth: depth}
	v, err := r.value()
	if err != nil {
		return nil, err
	}
	if r.space(); r.i < len(r.b) {
		return nil, ErrSyntax
	}
	return v, nil
}

// ParseObject is Parse for a text that must be an object; any other is
// ErrSyntax.
func ParseObject(b []byte, depth int) (map[string]any, error) {
	v, err := Parse(b, depth)
	members, ok := v.(map[string]any)
	if err == nil && !ok {
		err = ErrSyntax
	}
	return members, err
}

type reader struct {
	b     []byte
	i     int
	depth int // arrays and objects that may still open
}

func (r *reader) space() {
	for r.i < len(r.b) {
		switch r.b[r.i] {
		case ' ', '\t', '\n', '\r':
			r.i++
		default:
			return
		}
	}
}

// next skips space and takes the byte c if it stands there.
func (r *reader) next(c byte) bool {
	r.space()
	if r.i < len(r.b) && r.b[r.i] == c {
		r.i++
		return true
	}
	return false
}

func (r *reader) value() (any, error) {
	r.space()
	if r.i >= len(r.b) {
		return nil, ErrSyntax
	}
	switch c := r.b[r.i]; c {
	case '{':
		return r.nested(r.object)
	case '[':
		return r.nested(r.array)
	case '"':
		return r.text()
	case 't':
		return true, r.word("true")
	case 'f':
		return false, r.word("false")
	case 'n':
		return nil, r.word("null")
	default:
		return r.number()
	}
}

func (r *reader) word(w string) error {
	if len(r.b)-r.i < len(w) || string(r.b[r.i:r.i+len(w)]) != w {
		return ErrSyntax
	}
	r.i += len(w)
	return nil
}

func (r *reader) nested(read func() (any, error)) (any, error) {
	if r.depth == 0 {
		return nil, ErrDepth
	}
	r.depth--
	r.i++ // the bracket
	v, err := read()
	r.depth++
	return v, err
}

func (r *reader) array() (any, error) {
	list := []any{}
	if r.next(']') {
		return list, nil
	}
	for {
		v, err := r.value()
		if err != nil {
			return nil, err
		}
		list = append(list, v)
		if r.next(']') {
			return list, nil
		}
		if !r.next(',') {
			return nil, ErrSyntax
		}
	}
}

func (r *reader) object() (any, error) {
	members := map[string]any{}
	if r.next('}') {
		return members, nil
	}
	for {
		if r.space(); r.i >= len(r.b) || r.b[r.i] != '"' {
			return nil, ErrSyntax
		}
		name, err := r.text()
		if err != nil {
			return nil, err
		}
		if _, twice := members[name]; twice {
			return nil, &DuplicateError{name}
		}
		if !r.next(':') {
			return nil, ErrSyntax
		}
		if members[name], err = r.value(); err != nil {
			return nil, err
		}
		if r.next('}') {
			return members, nil
		}
		if !r.next(',') {
			return nil, ErrSyntax
		}
	}
}

func (r *reader) number() (any, error) {
	start := r.i
	if r.b[r.i] == '-' {
		r.i++
	}
	if r.i < len(r.b) && r.b[r.i] == '0' {
		r.i++
	} else if !r.digits() {
		return nil, ErrSyntax
	}
	if r.i < len(r.b) && r.b[r.i] == '.' {
		if r.i++; !r.digits() {
			return nil, ErrSyntax
		}
	}
	if r.i < len(r.b) && (r.b[r.i] == 'e' || r.b[r.i] == 'E') {
		r.i++
		if r.i < len(r.b) && (r.b[r.i] == '+' || r.b[r.i] == '-') {
			r.i++
		}
		if !r.digits() {
			return nil, ErrSyntax
		}
	}
	return json.Number(r.b[start:r.i]), nil
}

func (r *reader) digits() bool {
	start := r.i
	for r.i < len(r.b) && r.b[r.i] >= '0' && r.b[r.i] <= '9' {
		r.i++
	}
	return r.i > start
}
