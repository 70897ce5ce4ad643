package auth

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/factor"
)

// FactorKind is what an account can hold several of: enum FactorKind.
type FactorKind string

// The kinds: an authenticator app, and a passkey or security key.
const (
	FactorTotp    FactorKind = "TOTP"
	FactorPasskey FactorKind = "PASSKEY"
)

// Factor is an authenticator app or a passkey of an account.
type Factor struct {
	ID         uuid.UUID
	Kind       FactorKind
	Name       string
	CreatedAt  time.Time
	LastUsedAt *time.Time
	// LogsIn, Synced and Model are of passkeys.
	LogsIn, Synced *bool
	Model          *uuid.UUID
}

// factorsOf lists the factors of an account, oldest first.
func factorsOf(ctx context.Context, db *ent.Client, userID uuid.UUID) ([]*ent.Factor, error) {
	rows, err := db.Factor.Query().Where(factor.UserID(userID), factor.ConfirmedAtNotNil()).Order(factor.ByID()).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("list factors: %w", err)
	}
	return rows, nil
}

func toFactor(row *ent.Factor) *Factor {
	f := &Factor{ID: row.ID, Kind: FactorTotp, Name: row.Name, CreatedAt: row.CreatedAt.UTC()}
	if row.LastUsedAt != nil {
		used := row.LastUsedAt.UTC()
		f.LastUsedAt = &used
	}
	if row.Kind == factor.KindPasskey {
		f.Kind, f.LogsIn, f.Synced, f.Model = FactorPasskey, new(logsIn(row)), new(row.BackupState), row.Model
	}
	return f
}

// logsIn reports that a passkey logs in by itself, as far as that is known.
func logsIn(row *ent.Factor) bool {
	return row.VerifiesUser && (row.Discoverable == nil || *row.Discoverable)
}

// proofOf is the kind of proof that a factor is.
func proofOf(row *ent.Factor) ProofKind {
	if row.Kind == factor.KindPasskey {
		return ByPasskey
	}
	return ByTotp
}
