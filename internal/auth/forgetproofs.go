package auth

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/factor"
	"github.com/authgraph/authgraph/ent/usertoken"
	"github.com/authgraph/authgraph/internal/store"
)

// forgetProofs forgets what the sessions of an account have proved by factors that
// it has no more: a policy that wants a second factor asks anew. A passkey that is
// both factors by itself goes on being that while the account has one.
func (p *secondFactors) forgetProofs(ctx context.Context, tx *store.Tx, userID uuid.UUID) error {
	verifies, err := tx.Factor.Query().Where(factor.UserID(userID), factor.VerifiesUser(true)).Exist(ctx)
	if err != nil {
		return fmt.Errorf("look for passkeys: %w", err)
	}
	rows, err := tx.UserToken.Query().
		Where(usertoken.UserID(userID), usertoken.PurposeEQ(usertoken.PurposeSession), usertoken.StrongAtNotNil()).All(ctx)
	if err != nil {
		return fmt.Errorf("find what sessions have proved: %w", err)
	}
	tx.Changed(userID)
	for _, row := range rows {
		if err := forget(ctx, tx, row, verifies); err != nil {
			return err
		}
	}
	return nil
}

func forget(ctx context.Context, tx *store.Tx, row *ent.UserToken, verifies bool) error {
	kinds := slices.DeleteFunc(kindsOf(row.Methods), func(k ProofKind) bool {
		return k == ByTotp || k == ByRecoveryCode || k == userVerified && !verifies
	})
	update := tx.UserToken.UpdateOneID(row.ID).SetMethods(storedKinds(kinds))
	if !slices.Contains(kinds, userVerified) {
		update.ClearStrongAt()
	}
	return wrap("forget what a session has proved", update.Exec(ctx))
}
