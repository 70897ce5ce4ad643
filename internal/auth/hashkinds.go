package auth

import (
	"context"
	stdsql "database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/hashkind"
	"github.com/authgraph/authgraph/ent/user"
	"github.com/authgraph/authgraph/internal/password"
	"github.com/authgraph/authgraph/internal/store"
)

// hashKinds keeps in the database how passwords were hashed. So each process
// knows from its start how much time a wrong password must take.
type hashKinds struct {
	*core
	passwords *password.Hasher
}

const (
	// forgetKind is how long a kind is imitated before we check whether any
	// account still has it.
	forgetKind = 24 * time.Hour
	// kindsBatch is how many accounts one statement reads.
	kindsBatch = 1000
)

// open reads the kinds at the start. It logs a warning about kinds that are too
// expensive to imitate.
func (k *hashKinds) open(ctx context.Context) error {
	dear, err := k.sync(ctx)
	if err != nil {
		return err
	}
	for _, kind := range dear {
		k.log.WarnContext(ctx, "some passwords were hashed at a cost that is not made up for: until their owners log in, the time of a wrong password tells that there is an account", "hash", kind)
	}
	return nil
}

// sync stores the kinds that this process has met. It also takes over what
// other processes have met or forgotten.
func (k *hashKinds) sync(ctx context.Context) (dear []password.Kind, err error) {
	met := append(k.passwords.Met(), k.passwords.Present())
	stored, err := k.store.HashKind.Query().IDs(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the kinds of hashes: %w", err)
	}
	all := make([]password.Kind, 0, len(stored)+len(met))
	for _, id := range stored {
		all = append(all, password.Kind(id))
	}
	for _, kind := range met {
		if slices.Contains(all, kind) {
			continue
		}
		if err := k.add(ctx, kind); err != nil {
			return nil, err
		}
		all = append(all, kind)
	}
	return k.passwords.SetKinds(all), nil
}

func (k *hashKinds) add(ctx context.Context, kind password.Kind) error {
	return k.store.InTx(ctx, func(tx *store.Tx) error { return k.addIn(ctx, tx, []password.Kind{kind}) })
}

// addIn stores kinds in a transaction that stores hashes of them. No kind that is
// there already is written again, or imports would wait for each other.
func (k *hashKinds) addIn(ctx context.Context, tx *store.Tx, kinds []password.Kind) error {
	slices.Sort(kinds)
	for _, kind := range slices.Compact(kinds) {
		err := tx.HashKind.Create().SetID(string(kind)).SetSeenAt(k.now()).OnConflict(sql.ConflictColumns(hashkind.FieldID), sql.DoNothing()).Exec(ctx)
		if err != nil && !errors.Is(err, stdsql.ErrNoRows) { // ErrNoRows: another process has stored it
			return fmt.Errorf("store a kind of hash: %w", err)
		}
	}
	return nil
}

// forget checks once a day whether accounts still have kinds that new hashes do
// not use. It forgets kinds that no account has, because each kind costs every
// wrong password one more hash.
func (k *hashKinds) forget(ctx context.Context) error {
	old, err := k.store.HashKind.Query().
		Where(hashkind.IDNEQ(string(k.passwords.Present())), hashkind.SeenAtLT(k.now().Add(-forgetKind))).
		IDs(ctx)
	if err != nil || len(old) == 0 {
		return wrap("read the kinds of hashes", err)
	}
	left, err := k.unseen(ctx, old)
	if err != nil {
		return err
	}
	return k.store.InTx(ctx, func(tx *store.Tx) error {
		if _, err := tx.HashKind.Delete().Where(hashkind.IDIn(left...)).Exec(ctx); err != nil {
			return fmt.Errorf("forget kinds of hashes: %w", err)
		}
		return wrap("keep kinds of hashes", tx.HashKind.Update().Where(hashkind.IDIn(old...)).SetSeenAt(k.now()).Exec(ctx))
	})
}

// unseen returns the kinds that no account has. It reads the accounts in the
// order of their ids, in short statements.
func (k *hashKinds) unseen(ctx context.Context, kinds []string) ([]string, error) {
	left := slices.Clone(kinds)
	for after := uuid.Nil; len(left) > 0; {
		rows, err := k.store.User.Query().Where(user.IDGT(after), user.PasswordHashNotNil()).
			Order(user.ByID()).Limit(kindsBatch).Select(user.FieldID, user.FieldPasswordHash).All(ctx)
		if err != nil {
			return nil, fmt.Errorf("look at the kinds of hashes: %w", err)
		}
		for _, row := range rows {
			left = slices.DeleteFunc(left, func(kind string) bool { return has(row, kind) })
		}
		if len(rows) < kindsBatch {
			return left, nil
		}
		after = rows[len(rows)-1].ID
	}
	return nil, nil
}

func has(u *ent.User, kind string) bool {
	of, ok := password.KindOf(*u.PasswordHash)
	return ok && string(of) == kind
}
