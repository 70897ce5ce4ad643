package accesstoken

import (
	"errors"
	"fmt"
	"strings"
)

// maxSize is the longest token that is looked at, in bytes. Ours have 500 to
// 900, and up to 6 KiB with the claims of an application. In the header of a request
// there is rarely room for more than 8 KiB.
const maxSize = 8 << 10

// The reasons for refusing a token. They say nothing more: a forger must not learn
// which check failed.
var (
	// ErrInvalid says that a text is no token of ours.
	ErrInvalid = errors.New("invalid access token")
	// ErrUnknownKey is an ErrInvalid of a token that names a key which is not
	// in the set: a forged one, or one of a key that was published after the
	// set was loaded. Load the keys again, at a bounded rate, and try once more.
	ErrUnknownKey = fmt.Errorf("%w: unknown key", ErrInvalid)
)

// VerifyingKey checks the signatures of one key. It is immutable and prints as
// its id.
type VerifyingKey struct {
	id  string
	alg Algorithm
	// key returns *ecdsa.PublicKey, ed25519.PublicKey, *rsa.PublicKey or, for
	// HS256, []byte: out of reach of fmt, see Key.
	key func() any
}

// ID is the key's "kid".
func (k *VerifyingKey) ID() string { return k.id }

// Algorithm is the one algorithm that the key is for.
func (k *VerifyingKey) Algorithm() Algorithm { return k.alg }

// Format writes the algorithm and the id whatever the verb, and never the key.
func (k *VerifyingKey) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "%s key %s", k.alg, k.id) // a fmt.State keeps its own errors
}

// KeySet is an immutable set of verifying keys, each with its own id.
type KeySet struct {
	byID map[string]*VerifyingKey
}

// NewKeySet returns the set of keys, which may be of several algorithms. It
// refuses two keys of one id, of which none could say who signed.
func NewKeySet(keys ...*VerifyingKey) (*KeySet, error) {
	s := &KeySet{byID: make(map[string]*VerifyingKey, len(keys))}
	for _, k := range keys {
		if _, taken := s.byID[k.id]; taken {
			return nil, errors.New("two keys have the same id")
		}
		s.byID[k.id] = k
	}
	return s, nil
}

// JWS is what a compact JWS says once its signature is found good.
type JWS struct {
	KeyID   string
	Type    string // "typ" of the header; "" if it has none
	Payload []byte
}

// Verify checks the signature of a compact JWS (RFC 7515 section 5.2) by a key
// of the set, under the algorithm of the key that "kid" names and no other; "alg"
// must say the same. It is strict where the standard leaves a choice: at most 8 KiB, canonical base64url, a header of "alg", "kid"
// and "typ" alone ("crit", "b64", "jwk", "jku", "x5u" and all the rest are
// refused), no member twice. The error is ErrInvalid or ErrUnknownKey.
//
// What the payload says is not looked at.
func (s *KeySet) Verify(raw string) (JWS, error) {
	if len(raw) > maxSize {
		return JWS{}, ErrInvalid
	}
	parts := strings.SplitN(raw, ".", 4)
	if len(parts) != 3 {
		return JWS{}, ErrInvalid
	}
	head, headOK := decodeSegment(parts[0])
	payload, payloadOK := decodeSegment(parts[1])
	signature, signatureOK := decodeSegment(parts[2])
	if !headOK || !payloadOK || !signatureOK {
		return JWS{}, ErrInvalid
	}
	h, ok := readHeader(head)
	if !ok || !Algorithm(h.alg).Valid() {
		return JWS{}, ErrInvalid
	}
	key := s.byID[h.kid]
	if key == nil {
		return JWS{}, ErrUnknownKey
	}
	signed := raw[:len(parts[0])+1+len(parts[1])]
	if h.alg != string(key.alg) || key.alg.method().Verify(signed, signature, key.key()) != nil {
		return JWS{}, ErrInvalid
	}
	return JWS{KeyID: h.kid, Type: h.typ, Payload: payload}, nil
}

// header is a JWS header as we write it.
type header struct {
	alg, kid, typ string
}

// readHeader reads a header that has "alg" and "kid", may have "typ", and has
// nothing else. Unknown parameters may be ignored by RFC 7515 section 4; each
// one that was ever understood has been an attack, and our tokens have none.
func readHeader(b []byte) (header, bool) {
	m, err := object(b)
	if err != nil {
		return header{}, false
	}
	var h header
	for name, value := range m {
		s, isText := value.(string)
		if !isText || s == "" {
			return header{}, false
		}
		switch name {
		case "alg":
			h.alg = s
		case "kid":
			h.kid = s
		case "typ":
			h.typ = s
		default:
			return header{}, false
		}
	}
	return h, h.alg != "" && h.kid != ""
}
