package auth

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/factor"
	"github.com/authgraph/authgraph/internal/mail"
	"github.com/authgraph/authgraph/internal/passkey"
	"github.com/authgraph/authgraph/internal/store"
)

// passkeyProofs checks what passkeys answer, and uses the answers up.
type passkeyProofs struct {
	*core
	limits     *limits
	events     *events
	letters    *letters
	ceremonies *ceremonies
}

// asked is what a passkey's answer must be for.
type asked struct {
	what purpose
	whom uuid.UUID
	// owner whose passkey it must be; zero at a login, where the passkey itself says
	// whose it is.
	owner uuid.UUID
	// verify says that the passkey must verify its user.
	verify bool
}

// passkeyEvidence is a good answer. It proves nothing until it is used up.
type passkeyEvidence struct {
	used   used
	row    *ent.Factor
	result passkey.Result
	found  bool // by itself, without its id
}

// look finds out whether an answer is good, and refuses it as INVALID_CODE. It may
// refuse, but never grants: use decides. It also returns the passkey's row, if the
// answer names one, for the log.
func (p *passkeyProofs) look(ctx context.Context, c Caller, given json.RawMessage, a asked) (e passkeyEvidence, err error) {
	wrong := refuse(InvalidCode, "passkey")
	if p.ceremonies.party == nil {
		return e, wrong
	}
	answer, err := passkey.ParseAnswer(given)
	if err != nil {
		return e, p.refused(ctx, c, err, wrong)
	}
	var ok bool
	if e.used, ok = p.ceremonies.open(a.what, a.whom, answer.Challenge()); !ok {
		return e, wrong
	}
	if e.row, err = p.find(ctx, answer.PasskeyID(), a); err != nil || e.row == nil {
		return e, orElse(err, wrong)
	}
	if handle := answer.Handle(); a.owner == uuid.Nil && len(handle) == 0 || len(handle) > 0 && !bytes.Equal(handle, e.row.UserID[:]) {
		return e, wrong
	}
	result, err := p.ceremonies.party.Verify(answer, *e.row.PublicKey, a.verify)
	if err != nil {
		return e, p.refused(ctx, c, err, wrong)
	}
	e.result, e.found = *result, a.owner == uuid.Nil
	if passkey.Cloned(uint32(e.row.SignCount), result.Count) { //nolint:gosec // stored from 32 bits
		return e, p.cloned(ctx, c, e, wrong)
	}
	return e, nil
}

// find reads a passkey that may answer, with its owner, or nil.
func (p *passkeyProofs) find(ctx context.Context, id []byte, a asked) (*ent.Factor, error) {
	row, err := p.store.Factor.Query().Where(factor.CredentialID(id)).WithUser().Only(ctx)
	switch {
	case ent.IsNotFound(err):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("find a passkey: %w", err)
	case row.Edges.User == nil: // deleted between the two reads
		return nil, nil
	case *row.RpID != p.ceremonies.party.ID, a.owner != uuid.Nil && row.UserID != a.owner, a.verify && !row.VerifiesUser:
		return nil, nil
	}
	return row, nil
}

// refused logs why an answer is refused, for an operator who looks for it.
func (p *passkeyProofs) refused(ctx context.Context, c Caller, why error, refusal *Error) error {
	p.log.DebugContext(ctx, "a passkey is refused", "request", c.RequestID, "err", why)
	return refusal
}

// cloned refuses an answer whose count has not grown. There may be a copy of the
// passkey, so the event is recorded, and its owner is told once a day. An answer
// that was used before is only that.
func (p *passkeyProofs) cloned(ctx context.Context, c Caller, e passkeyEvidence, refusal *Error) error {
	if spent, err := p.ceremonies.isSpent(ctx, e.used); err != nil || spent {
		return orElse(err, refusal)
	}
	owner := e.row.Edges.User
	err := p.limits.spend(ctx, attempt{p.limits.lockNotice, "clone " + e.row.ID.String()})
	tell := err == nil
	if err != nil && !is(err, RateLimited) {
		return err
	}
	err = p.store.InTx(ctx, func(tx *store.Tx) error {
		if tell {
			l := p.letters.letter(c, owner)
			l.FactorName = e.row.Name
			if err := p.letters.notice(ctx, tx, owner, mail.PasskeyRefused, l); err != nil {
				return err
			}
		}
		return p.events.record(ctx, tx, c, happening{event: EventPasskeyClone, outcome: string(InvalidCode), user: owner.ID, method: ByPasskey})
	})
	return orElse(err, refusal)
}

// use uses a good answer up. The user is locked.
func (p *passkeyProofs) use(ctx context.Context, tx *store.Tx, u *ent.User, e passkeyEvidence) error {
	wrong := refuse(InvalidCode, "passkey")
	if err := p.ceremonies.spend(ctx, tx, e.used, wrong); err != nil {
		return err
	}
	count := int64(e.result.Count)
	grown := factor.SignCountLT(count)
	if count == 0 {
		grown = factor.SignCount(0)
	}
	update := tx.Factor.Update().Where(factor.ID(e.row.ID), factor.UserID(u.ID), grown).
		SetSignCount(count).SetLastUsedAt(p.now()).
		SetBackupEligible(e.result.Eligible).SetBackupState(e.result.BackedUp)
	if e.found {
		update.SetDiscoverable(true)
	}
	n, err := update.Save(ctx)
	if err != nil {
		return fmt.Errorf("use a passkey's answer up: %w", err)
	}
	if n != 1 {
		return wrong
	}
	return nil
}

// kinds are the proofs that an answer is.
func (e passkeyEvidence) kinds() []ProofKind { return kindsOfPasskey(e.result.Flags) }

// known are the passkeys among factors that can answer here.
func (k *ceremonies) known(rows []*ent.Factor) []passkey.Known {
	var list []passkey.Known
	for _, row := range rows {
		if row.Kind != factor.KindPasskey || k.party == nil || *row.RpID != k.party.ID {
			continue
		}
		one := passkey.Known{ID: *row.CredentialID}
		if row.Transports != nil {
			one.Transports = strings.Fields(*row.Transports)
		}
		list = append(list, one)
	}
	return list
}

// orElse is the fault, if there is one, or else the refusal.
func orElse(fault error, refusal *Error) error {
	if fault != nil {
		return fault
	}
	return refusal
}
