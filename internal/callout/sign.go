package callout

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// secretPrefix begins a secret of Standard Webhooks.
const secretPrefix = "whsec_"

// ParseSecrets reads the file of a hook's secrets: one a line, whsec_ and then
// base64 of 24 to 64 bytes. During a rotation there are two. No error quotes one.
func ParseSecrets(text string) ([][]byte, error) {
	var secrets [][]byte
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		encoded, ok := strings.CutPrefix(line, secretPrefix)
		secret, err := base64.StdEncoding.DecodeString(encoded)
		if !ok || err != nil || len(secret) < 24 || len(secret) > 64 {
			return nil, errors.New("each line must be whsec_ and base64 of 24 to 64 bytes")
		}
		secrets = append(secrets, secret)
	}
	switch {
	case len(secrets) == 0:
		return nil, errors.New("the file holds no secret")
	case len(secrets) > 2:
		return nil, errors.New("the file holds more than two secrets")
	}
	return secrets, nil
}

// signature is the header webhook-signature of a message: one signature for each
// secret, apart by spaces.
func signature(secrets [][]byte, id string, seconds int64, body []byte) string {
	signed := make([]string, len(secrets))
	for i, secret := range secrets {
		mac := hmac.New(sha256.New, secret)
		fmt.Fprintf(mac, "%s.%d.", id, seconds)
		mac.Write(body)
		signed[i] = "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	}
	return strings.Join(signed, " ")
}
