package accesstoken

import (
	"errors"
	"fmt"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/json"
)

// ParseJWKS reads a JWK Set (RFC 7517 section 5) that verifies signatures. One
// key that ParseJWK refuses, two of one id, or secrets beside public keys spoil
// the whole set: what is half understood is not trusted.
func ParseJWKS(data []byte) (*KeySet, error) {
	m, err := object(data)
	if err != nil {
		return nil, fmt.Errorf("parse JWK Set: %w", err)
	}
	if _, isList := m["keys"].([]any); !isList {
		return nil, errors.New("parse JWK Set: no list of keys")
	}
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(data, &set); err != nil {
		return nil, errors.New("parse JWK Set: not a list of keys")
	}
	keys := make([]*VerifyingKey, 0, len(set.Keys))
	for i, raw := range set.Keys {
		k, err := ParseJWK(raw)
		if err != nil {
			return nil, fmt.Errorf("key %d: %w", i, err)
		}
		keys = append(keys, k)
	}
	for _, k := range keys {
		if k.alg.symmetric() != keys[0].alg.symmetric() {
			return nil, errors.New("symmetric and asymmetric keys in one set")
		}
	}
	return NewKeySet(keys...)
}

// ParseJWK reads one JWK (RFC 7517 section 4) that verifies signatures. It needs
// "kid" and "alg", one of our algorithms that suits the key; "use" may only be
// "sig", "key_ops" only name "sign" and "verify" and must name "verify". Refused
// besides: private keys, points off their curve, RSA below 2048 or above 4096
// bits, with small exponents or the ROCA weakness, HMAC secrets below 32 bytes.
func ParseJWK(data []byte) (*VerifyingKey, error) {
	m, err := object(data)
	if err != nil {
		return nil, fmt.Errorf("parse JWK: %w", err)
	}
	if !forVerifying(m) {
		return nil, errors.New("parse JWK: not a key for checking signatures")
	}
	for _, name := range []string{"d", "p", "q", "dp", "dq", "qi", "oth", "priv"} {
		if _, given := m[name]; given {
			return nil, errors.New("parse JWK: a private key")
		}
	}
	var k jose.JSONWebKey
	if err := k.UnmarshalJSON(data); err != nil {
		return nil, errors.New("parse JWK: malformed or of an unknown type") // the cause may quote the key
	}
	if k.KeyID == "" {
		return nil, errors.New("parse JWK: no key id")
	}
	if err := admit(Algorithm(k.Algorithm), k.Key); err != nil {
		return nil, fmt.Errorf("parse JWK: %w", err)
	}
	return &VerifyingKey{id: k.KeyID, alg: Algorithm(k.Algorithm), key: func() any { return k.Key }}, nil
}

// forVerifying reads the two members by which a key says what it is for (RFC
// 7517 sections 4.2 and 4.3). go-jose leaves both to its caller.
func forVerifying(jwk map[string]any) bool {
	if use, given := jwk["use"]; given && use != "sig" {
		return false
	}
	ops, given := jwk["key_ops"]
	if !given {
		return true
	}
	list, _ := ops.([]any) // nil, and refused, if it is none
	seen := map[any]bool{}
	for _, op := range list {
		if op != "sign" && op != "verify" || seen[op] {
			return false
		}
		seen[op] = true
	}
	return seen["verify"]
}

// marshalJWKS writes the public keys among keys as a JWK Set, in the order given.
// Secrets are left out whatever the caller meant: publishing one lets everybody
// sign.
func marshalJWKS(keys []*VerifyingKey) ([]byte, error) {
	set := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{}}
	for _, k := range keys {
		if k.alg.symmetric() {
			continue
		}
		set.Keys = append(set.Keys, jose.JSONWebKey{Key: k.key(), KeyID: k.id, Algorithm: string(k.alg), Use: "sig"})
	}
	b, err := json.Marshal(set)
	if err != nil {
		return nil, fmt.Errorf("marshal JWK Set: %w", err)
	}
	return b, nil
}
