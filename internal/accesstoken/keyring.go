package accesstoken

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Keyring is which key signs and which keys' tokens are accepted. It is
// immutable; rotation means to make another one.
type Keyring struct {
	signing *Key
	keys    []*Key // all of them, in the order of their ids
	set     *KeySet
}

// NewKeyring returns a ring in which signing signs, and tokens of it and of the
// others are accepted, each by its own algorithm: keys that no longer sign but
// whose tokens live, and keys that are published and will sign later. It refuses
// two keys of one id.
func NewKeyring(signing *Key, others ...*Key) (*Keyring, error) {
	ring := &Keyring{signing: signing, keys: append([]*Key{signing}, others...)}
	var checks []*VerifyingKey
	for _, k := range ring.keys {
		if k == nil {
			return nil, errors.New("key ring: a key is missing")
		}
		checks = append(checks, &k.check)
	}
	set, err := NewKeySet(checks...)
	if err != nil {
		return nil, fmt.Errorf("key ring: %w", err)
	}
	ring.set = set
	slices.SortFunc(ring.keys, func(a, b *Key) int { return strings.Compare(a.ID(), b.ID()) })
	return ring, nil
}

// Algorithm is the one that the ring signs with.
func (r *Keyring) Algorithm() Algorithm { return r.signing.Algorithm() }

// SigningID is the id of the key that signs.
func (r *Keyring) SigningID() string { return r.signing.ID() }

// JWKS returns the public keys as a JWK Set, whether they sign already, still or
// no more, in the order of their ids: the same on every replica. Keys of HS256 are
// never among them.
func (r *Keyring) JWKS() ([]byte, error) {
	checks := make([]*VerifyingKey, len(r.keys))
	for i, k := range r.keys {
		checks[i] = &k.check
	}
	return marshalJWKS(checks)
}

// same tells whether r and other hold the same keys in the same roles.
func (r *Keyring) same(other *Keyring) bool {
	return r.signing.same(other.signing) && slices.EqualFunc(r.keys, other.keys, (*Key).same)
}
