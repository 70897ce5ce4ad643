package auth

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/internal/passkey"
	"github.com/authgraph/authgraph/internal/secret"
)

// pendingPasskey is the passkey of a sign-up that waits for its e-mail, and the id
// of the account to be and the domain: the passkey was made for these.
type pendingPasskey struct {
	Account uuid.UUID
	RPID    string
	Name    string
	Passkey passkey.Passkey
}

// stored is how it is kept in the row of the token.
func (p pendingPasskey) stored() []byte {
	text, err := json.Marshal(p)
	if err != nil {
		panic("auth: " + err.Error()) // bytes, texts and flags alone
	}
	return text
}

// pendingOf is the passkey of a pending sign-up, or nil.
func pendingOf(t *ent.UserToken) (*pendingPasskey, error) {
	if t.Passkey == nil || len(*t.Passkey) == 0 {
		return nil, nil
	}
	p := new(pendingPasskey)
	if err := json.Unmarshal(*t.Passkey, p); err != nil {
		return nil, fmt.Errorf("read the passkey of a sign-up: %w", err)
	}
	return p, nil
}

// takes reports that a pending passkey was made for the domain that there is now. On
// another one it would never log in.
func (k *ceremonies) takes(p *pendingPasskey) bool { return k.party != nil && k.party.ID == p.RPID }

// signingUp is who a new passkey is for, as its challenge says.
type signingUp struct {
	id      identifier
	account uuid.UUID
	use     used
}

// The parts of what the challenge of a sign-up says, in bytes from its beginning.
const (
	expiryAt = 16
	fieldAt  = expiryAt + 8
	typedAt  = fieldAt + 1
)

// beginSignUp makes the challenge for the passkey of an account to be. It is sealed,
// not only signed: nobody else learns who signs up.
func (k *ceremonies) beginSignUp(id identifier, account uuid.UUID) ([]byte, error) {
	says := append(account[:], instantBytes(k.now().Add(passkey.Timeout))...)
	says = append(append(says, id.field[0]), id.typed...)
	challenge, err := k.secret.Seal(string(forSignUp), says, nil)
	return challenge, wrap("seal a challenge", err)
}

// openSignUp reads who a challenge was made for, if it is not too old.
func (k *ceremonies) openSignUp(challenge []byte) (s signingUp, ok bool) {
	says, _, err := k.secret.Open(string(forSignUp), challenge, nil)
	if err != nil || len(says) < typedAt {
		return s, false
	}
	s.account = uuid.UUID(says[:expiryAt])
	parse := parseAddress
	if says[fieldAt] == 'u' {
		parse = parseUsername
	}
	if s.id, err = parse(string(says[typedAt:])); err != nil {
		return s, false
	}
	s.use, ok = k.lives(says[expiryAt:fieldAt], secret.DigestOf(challenge))
	return s, ok
}

// lookSignUp finds out whether the passkey of an account to be is good, and who it is
// for. It must log in by itself.
func (p *newPasskeys) lookSignUp(ctx context.Context, c Caller, given json.RawMessage) (*passkey.Passkey, signingUp, error) {
	wrong := refuse(InvalidCode, "passkey")
	made, err := passkey.ParseCreated(given)
	if err != nil {
		return nil, signingUp{}, p.proofs.refused(ctx, c, err, wrong)
	}
	to, ok := p.ceremonies.openSignUp(made.Challenge())
	if !ok {
		return nil, to, wrong
	}
	checked, err := p.ceremonies.party.Check(made, true)
	if err != nil {
		return nil, to, p.proofs.refused(ctx, c, err, wrong)
	}
	if checked.Discoverable != nil && !*checked.Discoverable {
		return nil, to, wrong
	}
	checked.Discoverable = new(true) // the options have required it
	return checked, to, nil
}

// lookPending finds out whether an answer is one of the passkey of a pending sign-up,
// for the challenge that is bound to its token.
func (p *passkeyProofs) lookPending(ctx context.Context, c Caller, t *ent.UserToken, pending *pendingPasskey, given json.RawMessage) (e passkeyEvidence, ok bool) {
	answer, err := passkey.ParseAnswer(given)
	if err != nil || !p.ceremonies.takes(pending) {
		return e, false
	}
	if e.used, ok = p.ceremonies.open(forConfirm, t.ID, answer.Challenge()); !ok || string(answer.PasskeyID()) != string(pending.Passkey.ID) {
		return e, false
	}
	result, err := p.ceremonies.party.Verify(answer, pending.Passkey.PublicKey, true)
	if err != nil {
		_ = p.refused(ctx, c, err, nil) // it logs; the caller refuses in its own words
		return e, false
	}
	e.result = *result
	return e, !passkey.Cloned(pending.Passkey.Count, result.Count)
}
