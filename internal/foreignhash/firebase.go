package foreignhash

import (
	"fmt"
	"strings"
)

// FirebaseConfig is what the hashes of one Firebase project have in common.
type FirebaseConfig struct {
	signerKey, saltSeparator []byte
	rounds, memCost          uint64
}

// ParseFirebaseConfig reads the text that the console shows under
// Authentication, Users, Password hash parameters.
//
//	hash_config {
//	  algorithm: SCRYPT,
//	  base64_signer_key: …,
//	  base64_salt_separator: Bw==,
//	  rounds: 8,
//	  mem_cost: 14,
//	}
func ParseFirebaseConfig(text string) (*FirebaseConfig, error) {
	found := map[string]string{}
	for line := range strings.Lines(strings.TrimPrefix(text, "\ufeff")) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), ":")
		if ok {
			found[strings.TrimSpace(name)] = strings.Trim(strings.TrimSpace(value), `",`)
		}
	}
	if found["algorithm"] != "SCRYPT" {
		return nil, fmt.Errorf("the algorithm must be SCRYPT")
	}
	var c FirebaseConfig
	var errs [4]error
	c.signerKey, errs[0] = unbase64(found["base64_signer_key"])
	c.saltSeparator, errs[1] = unbase64(found["base64_salt_separator"])
	c.rounds, errs[2] = number(found["rounds"])
	c.memCost, errs[3] = number(found["mem_cost"])
	for i, name := range []string{"base64_signer_key", "base64_salt_separator", "rounds", "mem_cost"} {
		if errs[i] != nil {
			return nil, fmt.Errorf("%s is missing, or cannot be read", name)
		}
	}
	if len(c.signerKey) < 16 || len(c.signerKey) > 64 || c.memCost < 1 || c.memCost > 24 {
		return nil, fmt.Errorf("base64_signer_key must have 16 to 64 bytes, and mem_cost must be from 1 to 24")
	}
	return &c, nil
}

// Hash reads a user's passwordHash and salt. Firebase encrypts the signer key
// with AES in counter mode, under a key that scrypt makes of the password. What
// is stored is the stream of that cipher: the same without the signer key,
// which so stays out of the database.
func (c *FirebaseConfig) Hash(passwordHash, salt string) (string, error) {
	hash, err1 := unbase64(passwordHash)
	s, err2 := unbase64(salt)
	if err1 != nil || err2 != nil {
		return "", ErrDamaged
	}
	if len(hash) != len(c.signerKey) {
		return "", fmt.Errorf("%w: it has not the length of the signer key", ErrDamaged)
	}
	for i := range hash {
		hash[i] ^= c.signerKey[i]
	}
	return scrypt("scrypt-aes", 1<<c.memCost, c.rounds, 1, append(s, c.saltSeparator...), hash)
}
