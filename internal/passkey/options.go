package passkey

import (
	"encoding/base64"
	"encoding/json"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
)

// algorithms are the signatures that a new passkey may have, the best first.
var algorithms = []webauthncose.COSEAlgorithmIdentifier{webauthncose.AlgES256, webauthncose.AlgEdDSA, webauthncose.AlgRS256}

// Need says how much of something is asked for.
type Need string

// The needs. A browser may answer without what is only preferred, or discouraged.
const (
	Required    Need = "required"
	Preferred   Need = "preferred"
	Discouraged Need = "discouraged"
)

// Account is whose passkey is made. The handle is its id, and never changes.
type Account struct {
	Handle [handleSize]byte
	Name   string
}

// Known is a passkey that an account has.
type Known struct {
	ID         []byte
	Transports []string
}

type descriptor struct {
	Type       string   `json:"type"`
	ID         string   `json:"id"`
	Transports []string `json:"transports,omitempty"`
}

type creationOptions struct {
	RP struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	} `json:"rp"`
	User struct {
		ID          string `json:"id"`
		Name        string `json:"name"`
		DisplayName string `json:"displayName"`
	} `json:"user"`
	Challenge  string         `json:"challenge"`
	Parameters []parameter    `json:"pubKeyCredParams"`
	Timeout    int64          `json:"timeout"`
	Exclude    []descriptor   `json:"excludeCredentials,omitempty"`
	Selection  selection      `json:"authenticatorSelection"`
	Attest     string         `json:"attestation"`
	Extensions map[string]any `json:"extensions"`
}

type parameter struct {
	Type      string                               `json:"type"`
	Algorithm webauthncose.COSEAlgorithmIdentifier `json:"alg"`
}

type selection struct {
	ResidentKey        Need `json:"residentKey"`
	RequireResidentKey bool `json:"requireResidentKey"`
	UserVerification   Need `json:"userVerification"`
}

// CreationOptions are what navigator.credentials.create needs. need is how much it
// is needed that the passkey logs in by itself. An authenticator that has one of
// the known ones makes no other.
func (p *Party) CreationOptions(challenge []byte, a Account, known []Known, need Need) json.RawMessage {
	o := creationOptions{
		Challenge: encode(challenge), Timeout: Timeout.Milliseconds(), Exclude: descriptors(known),
		Selection: selection{need, need == Required, need}, Attest: string(protocol.PreferNoAttestation),
		Extensions: map[string]any{"credProps": true},
	}
	o.RP.ID, o.RP.Name = p.ID, p.Name
	o.User.ID, o.User.Name, o.User.DisplayName = encode(a.Handle[:]), a.Name, a.Name
	for _, algorithm := range algorithms {
		o.Parameters = append(o.Parameters, parameter{string(protocol.PublicKeyCredentialType), algorithm})
	}
	return written(o)
}

type requestOptions struct {
	Challenge        string       `json:"challenge"`
	Timeout          int64        `json:"timeout"`
	RPID             string       `json:"rpId"`
	Allow            []descriptor `json:"allowCredentials,omitempty"`
	UserVerification Need         `json:"userVerification"`
}

// RequestOptions are what navigator.credentials.get needs. Without known passkeys
// any that the authenticator can find will do. verify is how much it is needed
// that the passkey verifies its user.
func (p *Party) RequestOptions(challenge []byte, known []Known, verify Need) json.RawMessage {
	return written(requestOptions{encode(challenge), Timeout.Milliseconds(), p.ID, descriptors(known), verify})
}

func descriptors(known []Known) []descriptor {
	list := make([]descriptor, len(known))
	for i, k := range known {
		list[i] = descriptor{string(protocol.PublicKeyCredentialType), encode(k.ID), k.Transports}
	}
	return list
}

// written is JSON without an object that JSON does not know.
func written(options any) json.RawMessage {
	text, err := json.Marshal(options)
	if err != nil {
		panic("passkey: " + err.Error()) // texts and numbers alone
	}
	return text
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
