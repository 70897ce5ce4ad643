package auth

import (
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/factor"
	"github.com/authgraph/authgraph/ent/predicate"
	"github.com/authgraph/authgraph/ent/usertoken"
	"github.com/authgraph/authgraph/internal/passkey"
	"github.com/authgraph/authgraph/internal/secret"
	"github.com/authgraph/authgraph/internal/store"
)

// purpose is what a passkey's answer is for. An answer for one is refused for
// every other one.
type purpose string

// The purposes, and what each is bound to.
const (
	forLogin    purpose = "passkey: log in"        // nobody: who it is, is not known yet
	forFactor   purpose = "passkey: second factor" // a challenge
	forPresence purpose = "passkey: presence"      // a session
	forAdding   purpose = "passkey: add"           // a session
	forConfirm  purpose = "passkey: confirm"       // the token of a pending sign-up
	forSignUp   purpose = "passkey: account to be" // nobody: the challenge says whose
)

// spentFor is how much longer than a challenge it is remembered that it was used:
// the clocks of two processes may differ.
const spentFor = time.Hour

// ceremonies makes and checks the challenges of passkeys. A challenge is stored
// nowhere: a page that asks for one at every view writes nothing. It works once,
// since its first good answer is remembered until it has expired.
type ceremonies struct {
	*core
	secret *secret.Root
	// party is nil if there can be no passkeys: the server is reached by an IP
	// address.
	party *passkey.Party
}

// used is a challenge that was answered, and until when that must be remembered.
type used struct {
	digest []byte
	until  time.Time
}

// begin makes a challenge.
func (k *ceremonies) begin(what purpose, whom uuid.UUID) []byte {
	return k.secret.Challenge(string(what), instantBytes(k.now().Add(passkey.Timeout)), whom[:])
}

// open reports that a challenge was made for this purpose, and is not too old.
func (k *ceremonies) open(what purpose, whom uuid.UUID, challenge []byte) (used, bool) {
	says, digest, ok := k.secret.OpenChallenge(string(what), challenge, whom[:])
	if !ok {
		return used{}, false
	}
	return k.lives(says, digest)
}

// lives reads when a challenge expires.
func (k *ceremonies) lives(says, digest []byte) (used, bool) {
	if len(says) != 8 {
		return used{}, false
	}
	expires := time.Unix(int64(binary.BigEndian.Uint64(says)), 0) //nolint:gosec // we wrote it
	return used{digest, expires.Add(spentFor)}, k.now().Before(expires)
}

// spend remembers that a challenge was answered. Of several answers at once only
// one is remembered: the unique index decides. The others are refused.
func (k *ceremonies) spend(ctx context.Context, tx *store.Tx, u used, refusal *Error) error {
	err := tx.UserToken.Create().
		SetPurpose(usertoken.PurposeSpent).SetDigest(u.digest).SetCreatedAt(k.now()).SetExpiresAt(u.until).Exec(ctx)
	if ent.IsConstraintError(err) {
		return refusal
	}
	if err != nil {
		return fmt.Errorf("remember an answer: %w", err)
	}
	return nil
}

// isSpent reports that a challenge was answered before.
func (k *ceremonies) isSpent(ctx context.Context, u used) (bool, error) {
	found, err := k.store.UserToken.Query().Where(usertoken.Digest(u.digest), usertoken.PurposeEQ(usertoken.PurposeSpent)).Exist(ctx)
	return found, wrap("look for an answer", err)
}

// stranded counts the passkeys that were made for another domain.
func (k *ceremonies) stranded(ctx context.Context) (n int, err error) {
	id := ""
	if k.party != nil {
		id = k.party.ID
	}
	for _, others := range []predicate.Factor{factor.And(factor.RpIDGT(""), factor.RpIDLT(id)), factor.RpIDGT(id)} { // each reads its part of the index
		some, err := k.store.Factor.Query().Where(others).Count(ctx)
		if err != nil {
			return n, fmt.Errorf("count passkeys of another domain: %w", err)
		}
		n += some
	}
	return n, nil
}

func instantBytes(t time.Time) []byte { return binary.BigEndian.AppendUint64(nil, uint64(t.Unix())) } //nolint:gosec // it is after 1970
