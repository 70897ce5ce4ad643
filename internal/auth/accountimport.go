package auth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/usertoken"
	"github.com/authgraph/authgraph/internal/password"
	"github.com/authgraph/authgraph/internal/store"
	"github.com/authgraph/authgraph/internal/userfile"
)

// imports is the feature of taking accounts over from elsewhere.
type imports struct {
	*core
	candidates *candidates
	kinds      *hashKinds
	events     *events
}

// ImportOptions are the operator's choices for an import.
type ImportOptions struct {
	// DryRun checks everything, and stores nothing.
	DryRun bool
	// WithoutSecondFactors takes over accounts that asked for a second factor. None
	// can be taken over, so that from then on the password alone opens them.
	WithoutSecondFactors bool
	// Began is when the import began. An account that is newer is not from an
	// earlier run.
	Began time.Time
}

// Imported is what came of one account. There says that it was there before; Err
// says why it was refused. Otherwise it was made.
type Imported struct {
	Line  int
	There bool
	Err   error
}

// ImportBatch is how many accounts ImportAccounts takes at once.
const ImportBatch = 500

// errAgain says that an address, a username or an id was taken since the import
// began.
var errAgain = errors.New("an earlier line has the same address, username or id, or somebody has just taken it")

// ImportAccounts makes accounts on the operator's behalf, in one transaction. It
// sends nothing, and it never changes an account that is there. An account with
// the same address and username is there already, so that an import can be run
// again. Pending sign-ups for the addresses can no longer be confirmed.
func (f *imports) ImportAccounts(ctx context.Context, c Caller, batch []userfile.User, o ImportOptions) ([]Imported, error) {
	if !c.operates() {
		return nil, refuse(Forbidden)
	}
	if len(batch) > ImportBatch {
		return nil, fmt.Errorf("import %d accounts at once: %d is the most", len(batch), ImportBatch)
	}
	if len(batch) == 0 {
		return nil, nil
	}
	rows := f.candidates.judge(batch, o)
	if err := f.candidates.settle(ctx, f.store.User, rows, o.Began); err != nil {
		return nil, err
	}
	if o.DryRun {
		return outcomes(rows), nil
	}
	if err := f.candidates.adopt(ctx, rows); err != nil {
		return nil, err
	}
	for try := 1; ; try++ {
		err := f.tryOnce(ctx, c, rows, o)
		if err == nil {
			return outcomes(rows), nil
		}
		if try == 5 || !ent.IsConstraintError(err) { // somebody has just taken a name
			return nil, err
		}
	}
}

// tryOnce stores accounts, unless a name of one is taken meanwhile.
func (f *imports) tryOnce(ctx context.Context, c Caller, rows []candidate, o ImportOptions) error {
	return f.store.InTx(ctx, func(tx *store.Tx) error {
		if err := f.candidates.settle(ctx, tx.User, rows, o.Began); err != nil {
			return err
		}
		fresh := open(rows)
		if len(fresh) == 0 {
			return nil
		}
		if err := f.make(ctx, tx, fresh); err != nil {
			return err
		}
		detail := fmt.Sprintf("%d accounts, from line %d to %d", len(fresh), fresh[0].line, fresh[len(fresh)-1].line)
		return f.events.record(ctx, tx, c, happening{event: EventAccountImport, detail: detail})
	})
}

// make stores accounts, and the kinds of their hashes: each server learns within a
// minute how much time a wrong password must take.
func (f *imports) make(ctx context.Context, tx *store.Tx, fresh []*candidate) error {
	now := f.now()
	creates := make([]*ent.UserCreate, len(fresh))
	var kinds []password.Kind
	var addresses []string
	for i, row := range fresh {
		create := tx.User.Create().SetNillablePasswordHash(presentText(row.hash)).SetCredentialsChangedAt(now).
			SetNillableConfirmedAt(row.confirmedAt).SetNillableDisabledAt(row.disabledAt).SetRoles(row.roles).SetProfile(row.profile).SetNillableLocale(row.locale).
			SetCreatedAt(row.createdAt).SetUpdatedAt(now)
		if row.id != uuid.Nil {
			create.SetID(row.id)
		}
		if row.email.key != "" {
			create.SetEmail(row.email.typed).SetEmailKey(row.email.key)
			addresses = append(addresses, row.email.key)
		}
		if row.username.key != "" {
			create.SetUsername(row.username.typed).SetUsernameKey(row.username.key)
		}
		creates[i] = create
		kinds = append(kinds, row.kinds...)
	}
	if err := tx.User.CreateBulk(creates...).Exec(ctx); err != nil {
		return fmt.Errorf("store accounts: %w", err)
	}
	_, err := tx.UserToken.Delete().Where(usertoken.SentToIn(addresses...), usertoken.PurposeEQ(usertoken.PurposeConfirm)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("void sign-ups for the addresses: %w", err)
	}
	return f.kinds.addIn(ctx, tx, kinds)
}
