package auth

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/predicate"
	"github.com/authgraph/authgraph/ent/usertoken"
	"github.com/authgraph/authgraph/internal/secret"
	"github.com/authgraph/authgraph/internal/store"
)

const (
	// RecoveryCodes is how many are made at a time.
	RecoveryCodes = 10
	// recoveryLife is longer than anybody keeps a slip of paper: a recovery code
	// does not expire.
	recoveryLife = 100 * 365 * 24 * time.Hour
)

// recoveryCodes are the codes kept for the day the other factors are lost. Each
// works once.
type recoveryCodes struct{ *core }

func recoveryOf(userID uuid.UUID) []predicate.UserToken {
	return []predicate.UserToken{usertoken.UserID(userID), usertoken.PurposeEQ(usertoken.PurposeRecoveryCode)}
}

// renew makes a set of codes; the ones before are void.
func (r *recoveryCodes) renew(ctx context.Context, tx *store.Tx, userID uuid.UUID) ([]string, error) {
	if _, err := r.drop(ctx, tx, userID); err != nil {
		return nil, err
	}
	now := r.now()
	codes := make([]string, RecoveryCodes)
	rows := make([]*ent.UserTokenCreate, RecoveryCodes)
	for i := range codes {
		var digest []byte
		codes[i], digest = secret.MintRecovery(userID)
		rows[i] = tx.UserToken.Create().
			SetPurpose(usertoken.PurposeRecoveryCode).SetUserID(userID).SetDigest(digest).
			SetCreatedAt(now).SetExpiresAt(now.Add(recoveryLife))
	}
	if err := tx.UserToken.CreateBulk(rows...).Exec(ctx); err != nil {
		return nil, fmt.Errorf("store recovery codes: %w", err)
	}
	return codes, nil
}

// drop voids all codes, and says how many there were.
func (r *recoveryCodes) drop(ctx context.Context, tx *store.Tx, userID uuid.UUID) (int, error) {
	n, err := tx.UserToken.Delete().Where(recoveryOf(userID)...).Exec(ctx)
	return n, wrap("void recovery codes", err)
}

// left counts the codes.
func (r *recoveryCodes) left(ctx context.Context, db *ent.Client, userID uuid.UUID) (int, error) {
	n, err := db.UserToken.Query().Where(recoveryOf(userID)...).Count(ctx)
	return n, wrap("count recovery codes", err)
}
