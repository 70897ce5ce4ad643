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

// FactorTotp is an authenticator app.
const FactorTotp FactorKind = "TOTP"

// Factor is an authenticator app of an account.
type Factor struct {
	ID         uuid.UUID
	Kind       FactorKind
	Name       string
	CreatedAt  time.Time
	LastUsedAt *time.Time
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
	return f
}
