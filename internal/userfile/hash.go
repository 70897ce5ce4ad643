package userfile

import (
	"errors"

	"github.com/authgraph/authgraph/internal/foreignhash"
	"github.com/authgraph/authgraph/internal/strictjson"
)

var errContradiction = errors.New("confirmed and confirmedAt, or disabled and disabledAt, contradict each other")

// passwordHash reads the member of that name: a text as its program wrote it, or
// an object that describes a hash.
func passwordHash(m *members) (string, error) {
	m.seen["passwordHash"] = true
	switch value := m.of["passwordHash"].(type) {
	case nil:
		return "", nil
	case string:
		return foreignhash.Translate(value)
	case map[string]any:
		return described(&members{of: value, seen: map[string]bool{}})
	}
	return "", errors.New("passwordHash must be a text or an object")
}

// described reads an object that describes a hash: Keycloak's two texts, or a
// fast hash and its salt.
func described(m *members) (text string, err error) {
	if about, secret := m.text("credentialData"), m.text("secretData"); about != "" || secret != "" {
		text, err = foreignhash.Keycloak(about, secret)
	} else {
		text, err = foreignhash.Described(m.text("format"), m.text("hash"), m.text("salt"), m.text("saltEncoding"), m.text("position"))
	}
	m.only()
	if m.err != nil {
		return "", m.err
	}
	return text, err
}

// hashCell is passwordHash in a cell of CSV, where an object is JSON.
func hashCell(cell string) (string, error) {
	if len(cell) > 1 && cell[0] == '{' && cell[1] == '"' {
		of, err := strictjson.ParseObject([]byte(cell), 2)
		if err != nil {
			return "", errors.New("passwordHash is not an object of JSON, or a broken one")
		}
		return described(&members{of: of, seen: map[string]bool{}})
	}
	return foreignhash.Translate(cell)
}
