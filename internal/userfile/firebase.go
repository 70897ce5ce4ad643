package userfile

import (
	"errors"
	"strconv"
	"time"

	"github.com/authgraph/authgraph/internal/foreignhash"
)

// readFirebase reads an account of `firebase auth:export --format=json`. Its ids
// are not ours, and are left out.
func readFirebase(text []byte, line int, config *foreignhash.FirebaseConfig) (User, error) {
	m, err := readMembers(text)
	if err != nil {
		return User{}, err
	}
	u := User{
		Line: line, Email: m.text("email"), Confirmed: m.flag("emailVerified"), Disabled: m.flag("disabled"),
		SecondFactor: len(m.list("mfaInfo")) > 0,
	}
	if at := m.text("createdAt"); at != "" {
		ms, err := strconv.ParseInt(at, 10, 64)
		if err != nil {
			return User{}, errors.New("createdAt must be a number of milliseconds")
		}
		u.CreatedAt = time.UnixMilli(ms)
	}
	hash, salt := m.text("passwordHash"), m.text("salt")
	if m.err != nil {
		return User{}, m.err
	}
	if hash == "" {
		return u, nil
	}
	if config == nil {
		return User{}, errors.New("it has a password hash; give the project's parameters with --firebase-hash-config")
	}
	u.Hash, err = config.Hash(hash, salt)
	return u, err
}
