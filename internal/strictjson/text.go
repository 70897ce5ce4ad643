package strictjson

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// What may follow a backslash, but for u, and what it means.
const escapes, meanings = `"\/bfnrt`, "\"\\/\b\f\n\r\t"

// text reads a string; the reader stands at its opening quote.
func (r *reader) text() (string, error) {
	r.i++
	start := r.i
	for ; r.i < len(r.b); r.i++ {
		switch c := r.b[r.i]; {
		case c == '"':
			s := string(r.b[start:r.i])
			r.i++
			return s, nil
		case c == '\\':
			return r.escaped(append(make([]byte, 0, 2*(r.i-start)+64), r.b[start:r.i]...))
		case c < ' ':
			return "", ErrSyntax
		}
	}
	return "", ErrSyntax
}

// escaped reads on, from the first backslash of a string.
func (r *reader) escaped(s []byte) (string, error) {
	for r.i < len(r.b) {
		c := r.b[r.i]
		r.i++
		switch {
		case c == '"':
			return string(s), nil
		case c < ' ':
			return "", ErrSyntax
		case c != '\\':
			s = append(s, c)
			continue
		}
		if r.i >= len(r.b) {
			return "", ErrSyntax
		}
		c = r.b[r.i]
		r.i++
		if i := strings.IndexByte(escapes, c); i >= 0 {
			s = append(s, meanings[i])
			continue
		}
		if c != 'u' {
			return "", ErrSyntax
		}
		char, err := r.unicode()
		if err != nil {
			return "", err
		}
		s = utf8.AppendRune(s, char)
	}
	return "", ErrSyntax
}

// unicode reads what follows \u, and the second half of a surrogate pair.
func (r *reader) unicode() (rune, error) {
	first, ok := hex4(r.b[r.i:])
	if !ok {
		return 0, ErrSyntax
	}
	r.i += 4
	if !utf16.IsSurrogate(first) {
		return first, nil
	}
	if len(r.b)-r.i < 6 || r.b[r.i] != '\\' || r.b[r.i+1] != 'u' {
		return 0, ErrUnicode
	}
	second, ok := hex4(r.b[r.i+2:])
	if !ok {
		return 0, ErrSyntax
	}
	pair := utf16.DecodeRune(first, second)
	if pair == utf8.RuneError {
		return 0, ErrUnicode
	}
	r.i += 6
	return pair, nil
}

// hex4 reads four hexadecimal digits.
func hex4(b []byte) (rune, bool) {
	n, err := strconv.ParseUint(string(b[:min(4, len(b))]), 16, 16)
	return rune(n), err == nil && len(b) >= 4
}
