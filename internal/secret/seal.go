package secret

import (
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
)

// ErrUnopenable says that a sealed value opens under no known secret: it was
// sealed under another one or another label, is bound to another place, or has
// been changed. Which of these cannot be told.
var ErrUnopenable = errors.New("sealed value opens under no known secret")

// sealVersion is the first byte of what Seal returns: AES-256-GCM with a random
// 96-bit nonce in front. It is authenticated together with the rest.
const sealVersion = 1

// Seal encrypts plaintext under the current secret's key for label. What bound
// holds is not stored but must be given again to open: bind the id of the row,
// so that a value moved to another row does not open there. The result is 29
// bytes longer than plaintext and different every time.
//
// With random nonces one label should not seal more than 2^32 values (NIST SP
// 800-38D, section 8.3).
func (r *Root) Seal(label string, plaintext, bound []byte) ([]byte, error) {
	aead, err := sealer(r.roots()[0], label)
	if err != nil {
		return nil, err
	}
	out := make([]byte, 1, 1+len(plaintext)+aead.Overhead())
	out[0] = sealVersion
	return aead.Seal(out, nil, plaintext, additional(bound)), nil //nolint:gosec // this AEAD makes its own random nonce
}

// Open undoes Seal. It tries the current secret and then the previous ones;
// current tells whether the current one opened it, else the caller should seal
// anew. The error is ErrUnopenable if none does.
func (r *Root) Open(label string, sealed, bound []byte) (plaintext []byte, current bool, err error) {
	if len(sealed) == 0 || sealed[0] != sealVersion {
		return nil, false, ErrUnopenable
	}
	for i, root := range r.roots() {
		aead, err := sealer(root, label)
		if err != nil {
			return nil, false, err
		}
		if plaintext, err = aead.Open(nil, nil, sealed[1:], additional(bound)); err == nil {
			return plaintext, i == 0, nil
		}
	}
	return nil, false, ErrUnopenable
}

// sealer returns the cipher of one label; it makes and reads its own nonces.
func sealer(root []byte, label string) (cipher.AEAD, error) {
	block, err := aes.NewCipher(derive(root, useSeal+label))
	if err != nil {
		return nil, fmt.Errorf("make cipher: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("make cipher: %w", err)
	}
	return aead, nil
}

// additional is what is authenticated beside the text: the version and bound.
func additional(bound []byte) []byte {
	return append([]byte{sealVersion}, bound...)
}
