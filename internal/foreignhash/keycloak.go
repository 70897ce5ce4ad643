package foreignhash

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/authgraph/authgraph/internal/strictjson"
)

// Keycloak reads a credential of the type password, as Keycloak exports it and
// as the table CREDENTIAL has it: two JSON objects. The algorithms are pbkdf2,
// pbkdf2-sha256, pbkdf2-sha512 and argon2.
func Keycloak(credentialData, secretData string) (string, error) {
	about, err1 := strictjson.ParseObject([]byte(credentialData), 4)
	secret, err2 := strictjson.ParseObject([]byte(secretData), 4)
	if err1 != nil || err2 != nil {
		return "", fmt.Errorf("%w: credentialData and secretData must be JSON objects", ErrDamaged)
	}
	algorithm, _ := about["algorithm"].(string)
	iterations, _ := about["hashIterations"].(json.Number)
	rounds, err := number(iterations.String())
	if err != nil {
		return "", err
	}
	salt, err1 := base64Member(secret, "salt")
	digest, err2 := base64Member(secret, "value")
	if err1 != nil || err2 != nil {
		return "", ErrDamaged
	}
	switch algorithm {
	case "pbkdf2":
		return pbkdf2("sha1", rounds, salt, digest)
	case "pbkdf2-sha256", "pbkdf2-sha512":
		return pbkdf2(strings.TrimPrefix(algorithm, "pbkdf2-"), rounds, salt, digest)
	case "argon2":
		return keycloakArgon2(about, rounds, salt, digest)
	}
	return "", fmt.Errorf("%w: of Keycloak's it knows pbkdf2, pbkdf2-sha256, pbkdf2-sha512 and argon2", ErrUnknown)
}

// keycloakArgon2 has its factors in lists of one text each.
func keycloakArgon2(about map[string]any, passes uint64, salt, digest []byte) (string, error) {
	more, _ := about["additionalParameters"].(map[string]any)
	only := func(name string) string {
		list, _ := more[name].([]any)
		if len(list) != 1 {
			return ""
		}
		text, _ := list[0].(string)
		return text
	}
	memory, err1 := number(only("memory"))
	lanes, err2 := number(only("parallelism"))
	if err1 != nil || err2 != nil || only("version") != "1.3" {
		return "", ErrDamaged
	}
	kind := only("type")
	switch kind {
	case "d":
		return "", ErrArgon2d
	case "i", "id":
		return fmt.Sprintf("$argon2%s$v=19$m=%d,t=%d,p=%d$%s$%s", kind, memory, passes, lanes, enc.EncodeToString(salt), enc.EncodeToString(digest)), nil
	}
	return "", ErrDamaged
}

func base64Member(of map[string]any, name string) ([]byte, error) {
	text, ok := of[name].(string)
	if !ok {
		return nil, ErrDamaged
	}
	return unbase64(text)
}
