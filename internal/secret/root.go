package secret

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
)

// keySize is the size in bytes of every derived key.
const keySize = 32

// What a key is used for is part of its derivation, so that one label can never
// make one key serve two algorithms.
const (
	usePlain = "authgraph key 1: "
	useSeal  = "authgraph seal 1: "
	useMAC   = "authgraph mac 1: "
)

// Root is the secret of the installation, with the ones it replaced. It is
// immutable and safe for concurrent use, and prints as nothing.
type Root struct {
	// roots returns HKDF pseudo-random keys; the first is the current secret's.
	// It is a function because fmt prints what it can reach, and does not ask
	// Format about a Root inside another struct.
	roots func() [][]byte
}

// New takes the secret of the installation, and earlier or coming ones whose
// seals and MACs are still honoured. White space around a secret is no part of
// it, so that a file that ends in a newline and a variable that does not are
// the same secret.
//
// Refused are secrets of fewer than 32 bytes and obviously weak ones: too few
// different characters, repetitions, sequences, placeholders. The error says
// which secret and why, and quotes nothing.
func New(current string, previous ...string) (*Root, error) {
	roots := make([][]byte, 0, 1+len(previous))
	for i, s := range append([]string{current}, previous...) {
		name := "current secret"
		if i > 0 {
			name = fmt.Sprintf("previous secret %d", i)
		}
		s = strings.TrimSpace(s)
		if err := checkStrength(s); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		root, err := hkdf.Extract(sha256.New, []byte(s), nil)
		if err != nil {
			return nil, fmt.Errorf("%s: derive: %w", name, err)
		}
		roots = append(roots, root)
	}
	return &Root{roots: func() [][]byte { return roots }}, nil
}

// Generate returns a fresh secret that New accepts: 32 random bytes in base64.
func Generate() string {
	return base64.StdEncoding.EncodeToString(random(32))
}

// HasPrevious reports that there are secrets besides the current one.
func (r *Root) HasPrevious() bool { return len(r.roots()) > 1 }

// Key returns the 32-byte key that the current secret yields for label. It is
// independent of the keys of every other label, and of those that Seal and MAC
// use for the same one.
func (r *Root) Key(label string) []byte {
	return derive(r.roots()[0], usePlain+label)
}

// Format writes a fixed word whatever the verb, so that a Root in a log line or
// an error tells nothing.
func (r *Root) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "[secret]") // a fmt.State keeps its own errors
}

// derive expands root for one use, by RFC 5869.
func derive(root []byte, info string) []byte {
	key, err := hkdf.Expand(sha256.New, root, info, keySize)
	if err != nil {
		// Expand refuses only lengths beyond 255 hashes, and ours is constant.
		panic("secret: " + err.Error())
	}
	return key
}

// random returns n bytes from the operating system's generator, which does not
// fail: crypto/rand ends the process if it cannot deliver.
func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // documented never to return an error
	return b
}
