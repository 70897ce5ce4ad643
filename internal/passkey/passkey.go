// Package passkey makes the options that browsers and authenticators ask for,
// and checks what they answer (W3C Web Authentication, level 3). It is the only
// one that knows the library behind it. It knows neither accounts nor storage nor
// the time: who a passkey belongs to, and whether a challenge is still good, is
// decided elsewhere.
//
//	passkey.go  the relying party
//	options.go  what a browser is asked for
//	create.go   a new passkey
//	answer.go   a passkey's answer
package passkey

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
)

const (
	// MaxBytes is the longest answer that is read. A real one is shorter than 2 KiB.
	MaxBytes = 16 << 10
	// Timeout is how long a browser waits for its user.
	Timeout = 5 * time.Minute
	// handleSize is that of an account's id, which is the user handle.
	handleSize = 16
)

// ErrRefused matches every answer that is refused. Why is for the debug log: it
// quotes nothing that was sent.
var ErrRefused = errors.New("the passkey's answer is refused")

// Party is who passkeys are made for: the relying party.
type Party struct {
	// ID is a domain name. A passkey works for its ID only.
	ID string
	// Name of the service.
	Name string
	// Allowed reports that a page of this origin may ask for passkeys. It must
	// compare exactly.
	Allowed func(origin string) bool
}

// checkClient refuses an answer from a page that may not ask. A page within a
// page of another origin may never.
func (p *Party) checkClient(c *protocol.CollectedClientData) error {
	switch {
	case !p.Allowed(c.Origin):
		return refused("its origin is not allowed")
	case c.CrossOrigin || c.TopOrigin != "":
		return refused("it was made within a page of another origin")
	}
	return nil
}

// withoutExtensions takes the results of extensions out of an answer. Nothing in
// them is signed, and password managers add some that nobody asked for: they must
// not be a reason to refuse.
func withoutExtensions(answer []byte) (bare, extensions []byte, err error) {
	if len(answer) > MaxBytes {
		return nil, nil, refused("it is too long")
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(answer, &members); err != nil || members == nil {
		return nil, nil, refused("it is no object")
	}
	const name = "clientExtensionResults"
	extensions = members[name]
	members[name] = json.RawMessage("{}")
	if bare, err = json.Marshal(members); err != nil {
		return nil, nil, refused("it cannot be read")
	}
	return bare, extensions, nil
}

func refused(why string) error { return fmt.Errorf("%w: %s", ErrRefused, why) }

// because keeps of the library's error what quotes nothing.
func because(err error) error {
	var told *protocol.Error
	if errors.As(err, &told) {
		return refused(told.Type + ": " + told.Details)
	}
	return refused("it cannot be read")
}
