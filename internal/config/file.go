package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// settingsFile reads the file of the setting CONFIG.
func (r *reader) settingsFile(v *Value) {
	if v.text == "" || v.bad {
		return
	}
	content, err := readFile(v.text, maxFile)
	if err != nil {
		r.wrong(v, "%v", err)
		return
	}
	members, err := readObject(content)
	if err != nil {
		r.wrong(v, "%v", err)
		return
	}
	for _, m := range members {
		switch {
		case m.name == v.row.name:
			r.inFile(m.key, "a settings file cannot name another")
		case m.name != "" && r.member(m.name) != nil:
			r.inFile(m.key, "is there twice")
		default:
			r.file = append(r.file, m)
		}
	}
}

func (r *reader) inFile(key, text string) {
	r.mistakes = append(r.mistakes, Mistake{Name: key, By: inFile, Text: text})
}

const inFile = " (in the file)"

// member is what the file has for a setting of the table, or nil.
func (r *reader) member(name string) *member {
	i := slices.IndexFunc(r.file, func(m member) bool { return m.name == name })
	if i < 0 {
		return nil
	}
	return &r.file[i]
}

// member is one setting of the file.
type member struct {
	key   string // as written
	name  string // as the table has it; none if the key is not in lower case
	value any
}

// readObject reads one JSON object. Unlike json.Unmarshal it keeps a key that
// is there twice.
func readObject(content []byte) ([]member, error) {
	errNoObject := errors.New("the file is not a JSON object")
	if !utf8.Valid(content) {
		return nil, errors.New("the file is not UTF-8") // encoding/json would change it in silence
	}
	d := json.NewDecoder(bytes.NewReader(content))
	d.UseNumber()
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, errNoObject
	}
	var members []member
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, errNoObject
		}
		m := member{key: key.(string)} // a key of an object is always one
		if m.key == strings.ToLower(m.key) {
			m.name = settingName(m.key)
		}
		if err := d.Decode(&m.value); err != nil {
			return nil, errNoObject
		}
		members = append(members, m)
	}
	if _, err := d.Token(); err != nil {
		return nil, errNoObject
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("something follows the JSON object in the file")
	}
	if unpaired(content) {
		return nil, errors.New("the file has half of a surrogate pair, which is no character")
	}
	return members, nil
}

// settingName is a key as the table has it.
func settingName(key string) string { return strings.ToUpper(strings.ReplaceAll(key, "-", "_")) }

// unpaired reports whether JSON has half of a surrogate pair, which
// encoding/json replaces in silence (RFC 8259 section 8.2).
func unpaired(content []byte) bool {
	for i := bytes.IndexByte(content, '\\'); i >= 0 && i+1 < len(content); {
		next := i + 2
		if half := escape(content[i:]); utf16.IsSurrogate(half) {
			next = i + 12
			if utf16.DecodeRune(half, escape(content[min(i+6, len(content)):])) == utf8.RuneError {
				return true
			}
		}
		after := bytes.IndexByte(content[next:], '\\')
		if after < 0 {
			return false
		}
		i = next + after
	}
	return false
}

// escape is the code unit of the \uXXXX that JSON begins with, or none.
func escape(content []byte) rune {
	if len(content) < 6 || content[0] != '\\' || content[1] != 'u' {
		return -1
	}
	n, err := strconv.ParseUint(string(content[2:6]), 16, 16)
	if err != nil {
		return -1
	}
	return rune(n)
}

// text is the value as one would write it in the environment.
func (m member) text(list bool) (string, error) {
	switch v := m.value.(type) {
	case string:
		return v, nil
	case json.Number:
		return v.String(), nil
	case bool:
		if v {
			return "true", nil
		}
		return "false", nil
	case []any:
		if !list {
			return "", errors.New("takes one value, not a list")
		}
		items := make([]string, len(v))
		for i := range v {
			item, err := member{value: v[i]}.text(false)
			if err != nil {
				return "", errors.New("is a list of something else than texts")
			}
			items[i] = item
		}
		return strings.Join(items, ","), nil
	}
	return "", errors.New("must be a text, a number, true or false")
}
