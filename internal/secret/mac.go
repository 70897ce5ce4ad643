package secret

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
)

// MAC returns the 32-byte HMAC-SHA-256 of parts under the current secret's key
// for label. Each part counts with its length, so that ("ab", "c") and
// ("a", "bc") differ.
func (r *Root) MAC(label string, parts ...[]byte) []byte {
	return authenticate(r.roots()[0], label, parts)
}

// CheckMAC tells whether mac is the MAC of parts for label under the current or
// a previous secret. It compares in constant time; a shortened mac is refused.
func (r *Root) CheckMAC(label string, mac []byte, parts ...[]byte) bool {
	for _, root := range r.roots() {
		if hmac.Equal(mac, authenticate(root, label, parts)) {
			return true
		}
	}
	return false
}

func authenticate(root []byte, label string, parts [][]byte) []byte {
	h := hmac.New(sha256.New, derive(root, useMAC+label))
	var size [8]byte
	for _, p := range parts {
		binary.BigEndian.PutUint64(size[:], uint64(len(p)))
		h.Write(size[:])
		h.Write(p)
	}
	return h.Sum(nil)
}
