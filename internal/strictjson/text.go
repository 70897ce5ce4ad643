package strictjson

import (
	"unicode/utf16"
	"unicode/utf8"
)

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
		switch c {
		case '"', '\\', '/':
			s = append(s, c)
		case 'b':
			s = append(s, '\b')
		case 'f':
			s = append(s, '\f')
		case 'n':
			s = append(s, '\n')
		case 'r':
			s = append(s, '\r')
		case 't':
			s = append(s, '\t')
		case 'u':
			char, err := r.unicode()
			if err != nil {
				return "", err
			}
			s = utf8.AppendRune(s, char)
		default:
			return "", ErrSyntax
		}
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
	if len(b) < 4 {
		return 0, false
	}
	var v rune
	for i := range 4 {
		switch c := b[i]; {
		case c >= '0' && c <= '9':
			v = v<<4 | rune(c-'0')
		case c >= 'a' && c <= 'f':
			v = v<<4 | rune(c-'a'+10)
		case c >= 'A' && c <= 'F':
			v = v<<4 | rune(c-'A'+10)
		default:
			return 0, false
		}
	}
	return v, true
}
