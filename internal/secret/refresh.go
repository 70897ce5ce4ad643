package secret

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/google/uuid"
)

const (
	refreshPrefix = "agr_"
	refreshLabel  = "refresh token"

	// The parts of a refresh token, in bytes from its beginning.
	generationAt = 16
	randomAt     = generationAt + 4
	macAt        = randomAt + tokenSize
	refreshSize  = macAt + 32

	// refreshSize is a multiple of three, so base64 needs no padding.
	refreshLength = len(refreshPrefix) + refreshSize/3*4
)

// Refresh is what a refresh token says. The random belongs to the session and
// stays the same from one generation to the next, which lets the server write
// the current token again for a client that lost the answer; the database holds
// its digest only, so that neither a dump nor a leaked secret makes a token.
type Refresh struct {
	SessionID  uuid.UUID
	Generation uint32
	Random     [32]byte
}

// NewRefresh begins a session's refresh tokens: generation 0 and a fresh random.
func NewRefresh(sessionID uuid.UUID) Refresh {
	return Refresh{SessionID: sessionID, Random: [32]byte(random(tokenSize))}
}

// Next is the token that replaces t: the same session and random, one generation
// later.
func (t Refresh) Next() Refresh {
	t.Generation++ // refreshing every second, 2^32 generations last 136 years
	return t
}

// Digest is the SHA-256 of the random: what the database holds of a session.
// Compare it in constant time.
func (t Refresh) Digest() []byte {
	return digestOf(t.Random[:])
}

// Format writes the session and the generation whatever the verb, and never the
// random.
func (t Refresh) Format(f fmt.State, _ rune) {
	text, _ := t.MarshalText() // never fails
	_, _ = f.Write(text)       // a fmt.State keeps its own errors
}

// MarshalText writes what Format writes, so that JSON and log records do not
// hold the random either. It cannot be read back.
func (t Refresh) MarshalText() ([]byte, error) {
	return fmt.Appendf(nil, "refresh token of session %s, generation %d", t.SessionID, t.Generation), nil
}

// FormatRefresh writes t as its holder gets it: "agr_" and base64url of session
// id, generation, random, and a MAC of these under the current secret (116
// characters). It is the same text every time.
func (r *Root) FormatRefresh(t Refresh) string {
	b := make([]byte, 0, refreshSize)
	b = append(b, t.SessionID[:]...)
	b = binary.BigEndian.AppendUint32(b, t.Generation)
	b = append(b, t.Random[:]...)
	b = append(b, r.MAC(refreshLabel, b)...)
	return refreshPrefix + base64.RawURLEncoding.EncodeToString(b)
}

// ParseRefresh reads what FormatRefresh wrote under the current or a previous
// secret and refuses everything else. What it accepts was issued by this
// installation; whether it is still good is for the database to say.
func (r *Root) ParseRefresh(s string) (Refresh, bool) {
	text, found := strings.CutPrefix(s, refreshPrefix)
	if !found || len(s) != refreshLength {
		return Refresh{}, false
	}
	b, ok := decode(text)
	if !ok || len(b) != refreshSize || !r.CheckMAC(refreshLabel, b[macAt:], b[:macAt]) {
		return Refresh{}, false
	}
	return Refresh{
		SessionID:  uuid.UUID(b[:generationAt]),
		Generation: binary.BigEndian.Uint32(b[generationAt:randomAt]),
		Random:     [32]byte(b[randomAt:macAt]),
	}, true
}
