package auth

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/factor"
	"github.com/authgraph/authgraph/internal/passkey"
	"github.com/authgraph/authgraph/internal/store"
)

// nameOf is the name of an account as its owner knows it: the address, where there
// are both. One that a provider made may have none.
func nameOf(u *ent.User) string {
	switch {
	case u.Email != nil:
		return *u.Email
	case u.Username != nil:
		return *u.Username
	}
	return "Account " + u.ID.String()[:8]
}

// newPasskeys checks new passkeys, and stores them.
type newPasskeys struct {
	*core
	ceremonies *ceremonies
	proofs     *passkeyProofs
}

// look finds out whether a new passkey is good.
func (p *newPasskeys) look(ctx context.Context, c Caller, given json.RawMessage, what purpose, whom uuid.UUID, verify bool) (*passkey.Passkey, used, error) {
	wrong := refuse(InvalidCode, "passkey")
	made, err := passkey.ParseCreated(given)
	if err != nil {
		return nil, used{}, p.proofs.refused(ctx, c, err, wrong)
	}
	use, ok := p.ceremonies.open(what, whom, made.Challenge())
	if !ok {
		return nil, used{}, wrong
	}
	checked, err := p.ceremonies.party.Check(made, verify)
	if err != nil {
		return nil, used{}, p.proofs.refused(ctx, c, err, wrong)
	}
	return checked, use, nil
}

// store stores a new passkey of a locked account. That another account has the
// passkey is not told.
func (p *newPasskeys) store(ctx context.Context, tx *store.Tx, userID uuid.UUID, made *passkey.Passkey, name string, use used) (*ent.Factor, error) {
	wrong := refuse(InvalidCode, "passkey")
	if err := p.ceremonies.spend(ctx, tx, use, wrong); err != nil {
		return nil, err
	}
	return p.keep(ctx, tx, userID, made, name, wrong)
}

// keep stores a passkey whose challenge was spent.
func (p *newPasskeys) keep(ctx context.Context, tx *store.Tx, userID uuid.UUID, made *passkey.Passkey, name string, wrong *Error) (*ent.Factor, error) {
	if name == "" {
		name = defaultName(made)
	}
	now := p.now()
	create := tx.Factor.Create().SetUserID(userID).SetKind(factor.KindPasskey).SetName(name).
		SetCredentialID(made.ID).SetPublicKey(made.PublicKey).SetSignCount(int64(made.Count)).SetRpID(p.ceremonies.party.ID).
		SetVerifiesUser(made.Verified).SetNillableDiscoverable(made.Discoverable).
		SetBackupEligible(made.Eligible).SetBackupState(made.BackedUp).
		SetCreatedAt(now).SetConfirmedAt(now).SetLastUsedAt(now).
		SetNillableTransports(presentText(strings.Join(made.Transports, " "))).SetNillableModel(present(made.Model))
	row, err := create.Save(ctx)
	if ent.IsConstraintError(err) {
		return nil, wrong
	}
	if err != nil {
		return nil, fmt.Errorf("store a passkey: %w", err)
	}
	return row, nil
}

// defaultName says what kind of device a passkey is on.
func defaultName(made *passkey.Passkey) string {
	has := func(transport string) bool { return slices.Contains(made.Transports, transport) }
	switch {
	case has("usb") || has("nfc") || has("ble") || has("smart-card"):
		return "Security key"
	case has("hybrid") && !has("internal"):
		return "Phone or tablet"
	}
	return "Passkey"
}
