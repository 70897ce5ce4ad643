package passkey

import (
	"encoding/base64"
	"encoding/json"
	"slices"

	"github.com/go-webauthn/webauthn/protocol"
)

// Created is what an authenticator says of a new passkey. Nothing in it is proved
// but that it was made for the challenge: no attestation is asked for.
type Created struct {
	parsed       *protocol.ParsedCredentialCreationData
	discoverable *bool
}

// ParseCreated reads what navigator.credentials.create answered. It may refuse, but
// never grants: Check does.
func ParseCreated(answer []byte) (*Created, error) {
	answer, extensions, err := withoutExtensions(answer)
	if err != nil {
		return nil, err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return nil, because(err)
	}
	var told struct {
		CredProps struct{ RK *bool }
	}
	if json.Unmarshal(extensions, &told) != nil {
		told.CredProps.RK = nil // what it says beside, decides nothing
	}
	return &Created{parsed, told.CredProps.RK}, nil
}

// Challenge is the one that was answered.
func (c *Created) Challenge() []byte {
	return challengeOf(&c.parsed.Response.CollectedClientData)
}

// Passkey is what is to be stored of one.
type Passkey struct {
	ID, PublicKey []byte
	Count         uint32
	Transports    []string
	// Model is the AAGUID, all zeros where the authenticator tells none.
	Model [16]byte
	// Discoverable says that it can be found without its id, as a login needs. nil:
	// the browser did not tell.
	Discoverable *bool
	Flags
}

// Flags are what an authenticator says with every answer.
type Flags struct {
	// Verified: it has verified its user by PIN, finger or face.
	Verified bool
	// Eligible: it may be copied to other devices. BackedUp: it was.
	Eligible, BackedUp bool
}

// transports are those that browsers know. Others are not kept.
var transports = []string{"usb", "nfc", "ble", "smart-card", "hybrid", "internal"}

// Check checks the answer to a challenge that is good.
func (p *Party) Check(c *Created, verify bool) (*Passkey, error) {
	client := &c.parsed.Response.CollectedClientData
	if err := p.checkClient(client); err != nil {
		return nil, err
	}
	var offered []protocol.CredentialParameter
	for _, algorithm := range algorithms {
		offered = append(offered, protocol.CredentialParameter{Type: protocol.PublicKeyCredentialType, Algorithm: algorithm})
	}
	_, err := c.parsed.Verify(client.Challenge, p.ID, []string{client.Origin}, []string{client.Origin}, nil, protocol.TopOriginExplicitVerificationMode,
		false, verify, true, nil, offered, protocol.AttestationPolicy{}, protocol.SignaturePolicy{})
	if err != nil {
		return nil, because(err)
	}
	data := c.parsed.Response.AttestationObject.AuthData
	flags, err := flagsOf(data.Flags)
	if err != nil {
		return nil, err
	}
	made := &Passkey{
		ID: data.AttData.CredentialID, PublicKey: data.AttData.CredentialPublicKey, Count: data.Counter,
		Discoverable: c.discoverable, Flags: flags,
	}
	copy(made.Model[:], data.AttData.AAGUID)
	for _, t := range c.parsed.Response.Transports {
		if slices.Contains(transports, string(t)) && !slices.Contains(made.Transports, string(t)) {
			made.Transports = append(made.Transports, string(t))
		}
	}
	return made, nil
}

// flagsOf reads flags, and refuses a copy of what may not be copied.
func flagsOf(f protocol.AuthenticatorFlags) (Flags, error) {
	flags := Flags{f.HasUserVerified(), f.HasBackupEligible(), f.HasBackupState()}
	if flags.BackedUp && !flags.Eligible {
		return flags, refused("it was copied, but may not be")
	}
	return flags, nil
}

func challengeOf(c *protocol.CollectedClientData) []byte {
	challenge, err := base64.RawURLEncoding.Strict().DecodeString(c.Challenge)
	if err != nil {
		return nil
	}
	return challenge
}
