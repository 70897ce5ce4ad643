package authtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"

	"github.com/authgraph/authgraph/internal/passkey"
)

// Origin is that of a page which may ask for passkeys, and RPID the domain that
// they are made for.
const (
	Origin = "https://app.example.org"
	RPID   = "example.org"
)

// Party is who passkeys are made for.
func Party() *passkey.Party {
	return &passkey.Party{ID: RPID, Name: "Example", Allowed: func(origin string) bool { return origin == Origin }}
}

// Flags of an answer (Web Authentication level 3, section 6.1).
const (
	UserPresent  = 0x01
	UserVerified = 0x04
	Eligible     = 0x08
	BackedUp     = 0x10
	withKey      = 0x40
)

// Passkey is an authenticator and a browser in software. It behaves as its fields
// say, so that a test can have it misbehave.
type Passkey struct {
	ID, Handle   []byte
	RPID, Origin string
	Flags        byte
	Count        uint32 // of the next answer; it grows unless it is 0
	Transports   []string
	// Client changes what the browser says, and Response what it sends.
	Client, Response func(map[string]any)
	key              *ecdsa.PrivateKey
}

// NewPasskey is a well-behaved one.
func NewPasskey() *Passkey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err) // there is no randomness
	}
	id := make([]byte, 32)
	_, _ = rand.Read(id) // never fails
	return &Passkey{ID: id, RPID: RPID, Origin: Origin, Flags: UserPresent | UserVerified, Transports: []string{"internal"}, key: key}
}

// Clone is a second authenticator with the same key.
func (p *Passkey) Clone() *Passkey {
	clone := *p
	return &clone
}

// Rekey gives it another key under the same id.
func (p *Passkey) Rekey() { p.key = NewPasskey().key }

// askedFor is as much of the two kinds as an authenticator needs.
type askedFor struct {
	Challenge string
	User      struct{ ID string }
}

// Create is what navigator.credentials.create answers, as JSON.
func (p *Passkey) Create(asked json.RawMessage) json.RawMessage {
	o := read(asked)
	p.Handle = decode(o.User.ID)
	client := p.client("webauthn.create", o.Challenge)
	data := p.data(p.Flags | withKey)
	data = append(data, make([]byte, 16)...) // the AAGUID
	data = binary.BigEndian.AppendUint16(data, uint16(len(p.ID)))
	data = append(append(data, p.ID...), p.cose()...)
	attestation := append([]byte("\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59"), binary.BigEndian.AppendUint16(nil, uint16(len(data)))...)
	return p.answer(map[string]any{
		"clientDataJSON": encode(client), "attestationObject": encode(append(attestation, data...)), "transports": p.Transports,
	}, map[string]any{"credProps": map[string]any{"rk": true}, "unasked": 1})
}

// Get is what navigator.credentials.get answers, as JSON.
func (p *Passkey) Get(asked json.RawMessage) json.RawMessage {
	client := p.client("webauthn.get", read(asked).Challenge)
	data := p.data(p.Flags)
	sum := sha256.Sum256(client)
	digest := sha256.Sum256(append(append([]byte{}, data...), sum[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, p.key, digest[:])
	if err != nil {
		panic(err) // there is no randomness
	}
	response := map[string]any{"clientDataJSON": encode(client), "authenticatorData": encode(data), "signature": encode(signature)}
	if p.Handle != nil {
		response["userHandle"] = encode(p.Handle)
	}
	return p.answer(response, map[string]any{})
}

func (p *Passkey) client(kind, challenge string) []byte {
	client := map[string]any{"type": kind, "challenge": challenge, "origin": p.Origin, "crossOrigin": false}
	if p.Client != nil {
		p.Client(client)
	}
	return written(client)
}

// data is the authenticator data without a key.
func (p *Passkey) data(flags byte) []byte {
	if p.Count > 0 {
		defer func() { p.Count++ }()
	}
	rp := sha256.Sum256([]byte(p.RPID))
	return binary.BigEndian.AppendUint32(append(rp[:], flags), p.Count)
}

// cose is the public key as COSE writes it: ES256.
func (p *Passkey) cose() []byte {
	point, err := p.key.PublicKey.Bytes()
	if err != nil {
		panic(err) // the key is good
	}
	key := append([]byte("\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20"), point[1:33]...)
	return append(append(key, "\x22\x58\x20"...), point[33:]...)
}

func (p *Passkey) answer(response, extensions map[string]any) json.RawMessage {
	answer := map[string]any{
		"id": encode(p.ID), "rawId": encode(p.ID), "type": "public-key", "authenticatorAttachment": "platform",
		"response": response, "clientExtensionResults": extensions,
	}
	if p.Response != nil {
		p.Response(answer)
	}
	return written(answer)
}

func read(asked json.RawMessage) (o askedFor) {
	if err := json.Unmarshal(asked, &o); err != nil {
		panic(err) // a test's mistake
	}
	return o
}

func written(v any) json.RawMessage {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // a test's mistake
	}
	return text
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func decode(text string) []byte {
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		panic(err) // not what the server writes
	}
	return b
}
