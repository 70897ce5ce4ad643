package edge

import (
	"regexp"
	"strconv"
	"strings"
)

// media is a media type or a media range, with the parameters that matter here
// (RFC 9110 sections 8.3.1 and 12.5.1). Names are in lower case. charset and q
// are empty if they were not sent: neither may be empty.
type media struct{ name, charset, q string }

// parseMedia reads a media type byte by byte. mime.ParseMediaType would trim
// every Unicode space and decode RFC 2231. Then this server could accept a type
// that a firewall in front takes for another one.
func parseMedia(text string) (m media, ok bool) {
	text = strings.Trim(text, " \t")
	kind, rest := cutToken(text)
	if kind == "" || !strings.HasPrefix(rest, "/") {
		return m, false
	}
	subtype, rest := cutToken(rest[1:])
	if subtype == "" {
		return m, false
	}
	m.name = strings.ToLower(kind + "/" + subtype)
	for rest = strings.TrimLeft(rest, " \t"); rest != ""; rest = strings.TrimLeft(rest, " \t") {
		if rest[0] != ';' {
			return m, false
		}
		if rest = strings.TrimLeft(rest[1:], " \t"); rest == "" {
			break // some clients end with a semicolon
		}
		if rest, ok = m.parameter(rest); !ok {
			return m, false
		}
	}
	return m, true
}

// parameter reads one parameter and returns the rest.
func (m *media) parameter(text string) (rest string, ok bool) {
	name, rest := cutToken(text)
	if name == "" || strings.Contains(name, "*") || !strings.HasPrefix(rest, "=") {
		return "", false
	}
	value, rest := cutToken(rest[1:])
	if value == "" {
		if value, rest, ok = cutQuoted(rest); !ok {
			return "", false
		}
	}
	var once *string
	switch strings.ToLower(name) {
	case "charset":
		once = &m.charset
	case "q":
		once = &m.q
	default:
		return rest, true
	}
	if value == "" || *once != "" {
		return "", false
	}
	*once = value
	return rest, true
}

// cutToken cuts a token off the beginning (RFC 9110 section 5.6.2).
func cutToken(text string) (token, rest string) {
	for i := range len(text) {
		if c := text[i]; (c|0x20 < 'a' || c|0x20 > 'z') && (c < '0' || c > '9') && strings.IndexByte("!#$%&'*+-.^_`|~", c) < 0 {
			return text[:i], text[i:]
		}
	}
	return text, ""
}

// cutQuoted cuts a quoted string of ASCII off the beginning, and returns its
// content.
func cutQuoted(text string) (value, rest string, ok bool) {
	if !strings.HasPrefix(text, `"`) {
		return "", "", false
	}
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		if text[i] == '"' {
			return b.String(), text[i+1:], true
		}
		if text[i] == '\\' && i+1 < len(text) {
			i++
		}
		if c := text[i]; c < ' ' && c != '\t' || c > '~' {
			return "", "", false
		}
		b.WriteByte(text[i])
	}
	return "", "", false
}

// weightPattern is a weight as in RFC 9110 section 12.4.2. It also accepts
// ".2", which Java sends.
var weightPattern = regexp.MustCompile(`^(0?\.[0-9]{1,3}|0\.?|1(\.0{0,3})?)$`)

// weight reads the number of a q parameter.
func weight(text string) (q float64, ok bool) {
	if !weightPattern.MatchString(text) {
		return 0, false
	}
	q, err := strconv.ParseFloat(text, 64)
	return q, err == nil
}
