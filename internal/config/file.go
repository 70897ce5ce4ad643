package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/authgraph/authgraph/internal/strictjson"
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
	if isUTF16(string(content)) {
		r.wrong(v, "the file %v", errUTF16)
		return
	}
	members, err := readObject(bytes.TrimPrefix(content, []byte("\ufeff"))) // RFC 8259 section 8.1
	if twice, ok := errors.AsType[*strictjson.DuplicateError](err); ok {
		r.inFile(twice.Name, "is there twice")
		return
	}
	if err != nil {
		r.wrong(v, "%v", err)
		return
	}
	for _, m := range members {
		switch {
		case m.name == v.row.name:
			r.inFile(m.key, "a settings file cannot name another settings file")
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

// readObject reads the settings of a file, in the order of their keys.
func readObject(content []byte) ([]member, error) {
	const depth = 8 // lists of texts are 2; what is deeper is refused in words of its own
	object, err := strictjson.ParseObject(content, depth)
	switch {
	case errors.Is(err, strictjson.ErrSyntax):
		return nil, errors.New("the file must hold one JSON object and nothing else")
	case err != nil:
		return nil, fmt.Errorf("the file is not valid JSON (%w)", err)
	}
	members := make([]member, 0, len(object))
	for _, key := range slices.Sorted(maps.Keys(object)) {
		m := member{key: key, value: object[key]}
		if key == strings.ToLower(key) {
			m.name = settingName(key)
		}
		members = append(members, m)
	}
	return members, nil
}

// settingName is a key as the table has it.
func settingName(key string) string { return strings.ToUpper(strings.ReplaceAll(key, "-", "_")) }

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
				return "", errors.New("must be a list of strings")
			}
			items[i] = item
		}
		return strings.Join(items, ","), nil
	}
	return "", errors.New("must be a string, a number, true or false")
}
