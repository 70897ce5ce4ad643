package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
)

// settingsFile reads the file of the setting CONFIG. Unknown keys are told like
// unknown variables.
func (r *reader) settingsFile(v *Value) map[string]string {
	if v.text == "" || v.bad {
		return nil
	}
	content, err := readFile(v.text)
	if err != nil {
		r.wrong(v, "%v", err)
		return nil
	}
	members, err := readObject(content)
	if err != nil {
		r.wrong(v, "%v", err)
		return nil
	}
	file := map[string]string{}
	for _, m := range members {
		if _, again := file[m.name]; again {
			r.inFile(m.key, "is there twice")
		}
		text, err := m.text(r.lists(m.name))
		switch {
		case m.name == v.row.name:
			r.inFile(m.key, "a settings file cannot name another")
		case !r.known(m.name):
			r.unknown(m.key, " (in the file)", "", strings.TrimPrefix(strings.ToUpper(m.name), prefix))
		case err != nil:
			r.inFile(m.key, err.Error())
		default:
			file[m.name] = text
		}
	}
	return file
}

func (r *reader) inFile(key, text string) {
	r.mistakes = append(r.mistakes, Mistake{Name: key, By: " (in the file)", Text: text})
}

// lists reports whether the setting takes several values.
func (r *reader) lists(name string) bool {
	for _, f := range r.fields {
		if f.row.name == name {
			return f.row.list
		}
	}
	return false
}

// member is one setting of the file.
type member struct {
	key   string // as written
	name  string // as the table has it
	value any
}

// readObject reads one JSON object. Unlike json.Unmarshal it keeps a key that
// is there twice.
func readObject(content []byte) ([]member, error) {
	errNoObject := errors.New("the file is not a JSON object")
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
		m.name = strings.ToUpper(strings.ReplaceAll(m.key, "-", "_"))
		if m.key != strings.ToLower(m.key) {
			m.name = m.key // only lower case is a key
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
	return members, nil
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
