package userfile

import (
	"errors"
	"fmt"

	"github.com/authgraph/authgraph/internal/foreignhash"
)

// readAuth0 reads an account of a bulk import of Auth0, of its export of users
// or of its export of password hashes. Ids and metadata are left out.
func readAuth0(text []byte, line int) (User, error) {
	m, err := readMembers(text)
	if err != nil {
		return User{}, err
	}
	u := User{
		Line: line, Email: m.text("email"), Username: m.text("username"), Confirmed: m.flag("email_verified"), Disabled: m.flag("blocked"),
		SecondFactor: len(m.list("mfa_factors")) > 0 || len(m.list("multifactor")) > 0,
	}
	if _, is := m.of["created_at"].(string); is {
		u.CreatedAt = m.moment("created_at")
	}
	hash := m.text("password_hash")
	if hash == "" {
		hash = m.text("passwordHash") // as in the export of hashes
	}
	custom := m.below("custom_password_hash")
	switch {
	case m.err != nil:
		return User{}, m.err
	case custom != nil && hash != "":
		return User{}, errors.New("it has two password hashes")
	case custom != nil:
		u.Hash, err = customHash(custom)
	default:
		u.Hash, err = foreignhash.Translate(hash)
	}
	return u, err
}

// customHash reads custom_password_hash.
func customHash(m *members) (text string, err error) {
	algorithm := m.text("algorithm")
	hash, salt, typed := m.below("hash"), m.below("salt"), m.below("password")
	if hash == nil {
		return "", errors.New("custom_password_hash must have a hash")
	}
	if typed != nil && typed.text("encoding") != "" && typed.text("encoding") != "utf8" {
		return "", errors.New("custom_password_hash: only passwords in utf8 are supported")
	}
	value, saltText, saltEncoding, position := hash.text("value"), "", "", ""
	if salt != nil {
		saltText, saltEncoding, position = salt.text("value"), salt.text("encoding"), salt.text("position")
		hash.err = errors.Join(hash.err, salt.err)
	}
	switch algorithm {
	case "bcrypt", "argon2", "pbkdf2", "ldap":
		text, err = foreignhash.Translate(value)
	case "md5", "sha1", "sha256", "sha512":
		places := map[string]string{"prefix": "before", "suffix": "after", "": "before"}
		text, err = foreignhash.Described(algorithm, value, saltText, saltEncoding, places[position])
	case "hmac":
		key := hash.below("key")
		if key == nil {
			return "", errors.New("custom_password_hash: an HMAC must have a key")
		}
		text, err = foreignhash.Described(hash.text("digest"), value, key.text("value"), key.text("encoding"), "hmac")
	case "scrypt":
		text, err = foreignhash.DescribedScrypt(m.number("cost").String(), m.number("blockSize").String(), m.number("parallelization").String(),
			saltText, saltEncoding, value)
	default:
		return "", fmt.Errorf("custom_password_hash: the algorithm must be one of argon2, bcrypt, hmac, ldap, md5, pbkdf2, scrypt, sha1, sha256, sha512")
	}
	if err := errors.Join(m.err, hash.err); err != nil {
		return "", err
	}
	return text, err
}
