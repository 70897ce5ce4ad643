package passkey

import (
	"github.com/go-webauthn/webauthn/protocol"
)

// Answer is a passkey's answer to a challenge.
type Answer struct {
	parsed *protocol.ParsedCredentialAssertionData
}

// ParseAnswer reads what navigator.credentials.get answered. It may refuse, but
// never grants: Verify does.
func ParseAnswer(answer []byte) (*Answer, error) {
	answer, _, err := withoutExtensions(answer)
	if err != nil {
		return nil, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return nil, because(err)
	}
	return &Answer{parsed}, nil
}

// Challenge is the one that was answered.
func (a *Answer) Challenge() []byte { return challengeOf(&a.parsed.Response.CollectedClientData) }

// PasskeyID is the id of the passkey.
func (a *Answer) PasskeyID() []byte { return a.parsed.RawID }

// Handle is the account that the passkey was made for. Those that are found by
// their id alone may tell none.
func (a *Answer) Handle() []byte { return a.parsed.Response.UserHandle }

// Result is what an answer says beside that the passkey was there.
type Result struct {
	Count uint32
	Flags
}

// Verify checks the answer to a challenge that is good, by the key of the passkey
// that it names. With verify it refuses an answer whose authenticator has not
// verified its user. Whether the count has grown is for the caller: see Cloned.
func (p *Party) Verify(a *Answer, publicKey []byte, verify bool) (*Result, error) {
	client := &a.parsed.Response.CollectedClientData
	if err := p.checkClient(client); err != nil {
		return nil, err
	}
	err := a.parsed.Verify(client.Challenge, p.ID, "", []string{client.Origin}, []string{client.Origin}, nil, protocol.TopOriginExplicitVerificationMode,
		false, verify, true, publicKey, protocol.SignaturePolicy{})
	if err != nil {
		return nil, because(err)
	}
	data := a.parsed.Response.AuthenticatorData
	flags, err := flagsOf(data.Flags)
	if err != nil {
		return nil, err
	}
	return &Result{data.Counter, flags}, nil
}

// Cloned reports that a count has not grown: then there may be two authenticators
// with the same passkey. One that is copied on purpose does not count.
func Cloned(stored, given uint32) bool { return given <= stored && (given != 0 || stored != 0) }
