package auth

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/user"
	"github.com/authgraph/authgraph/internal/store"
)

// roleGrants is the feature of giving roles to accounts. Only an operator can.
type roleGrants struct {
	*core
	events   *events
	settings *Settings
}

// SetRoles gives an account these roles and takes all others away. The default
// role may be named and changes nothing. It returns the roles that the account
// then has. A role that was taken away counts no more from the next request on,
// on every replica as quickly as a session ends.
func (f *roleGrants) SetRoles(ctx context.Context, c Caller, id uuid.UUID, roles []string) ([]string, error) {
	if !c.operates() {
		return nil, refuse(Forbidden)
	}
	stored, err := f.settings.storedRoles(roles)
	if err != nil {
		return nil, err
	}
	var u *ent.User
	err = f.store.InTx(ctx, func(tx *store.Tx) (err error) {
		if u, err = tx.LockUser(ctx, id); ent.IsNotFound(err) {
			return refuse(NotFound)
		}
		if err != nil {
			return fmt.Errorf("lock the user: %w", err)
		}
		if u.Roles == stored {
			return nil
		}
		if u, err = tx.User.UpdateOneID(id).SetRoles(stored).SetUpdatedAt(f.now()).Save(ctx); err != nil {
			return fmt.Errorf("store the roles: %w", err)
		}
		tx.Changed(id)
		detail := strings.Join(f.settings.RolesOf(u), " ")
		return f.events.record(ctx, tx, c, happening{event: EventRolesChange, user: id, detail: detail})
	})
	if err != nil {
		return nil, err
	}
	return f.settings.RolesOf(u), nil
}

// unlisted counts the accounts that hold a role which is not in the operator's
// list, by role.
func (f *roleGrants) unlisted(ctx context.Context) (map[string]int, error) {
	var held []struct {
		Roles string
		Count int
	}
	err := f.store.User.Query().Where(hasRoles).GroupBy(user.FieldRoles).Aggregate(ent.Count()).Scan(ctx, &held)
	if err != nil {
		return nil, fmt.Errorf("count the holders of roles: %w", err)
	}
	listed, counts := f.settings.RoleNames(), map[string]int{}
	for _, group := range held {
		for name := range strings.FieldsSeq(group.Roles) {
			if !slices.Contains(listed, name) {
				counts[name] += group.Count
			}
		}
	}
	return counts, nil
}

// hasRoles is written as the condition of the index is: a value for it would
// hide that the index fits.
func hasRoles(s *sql.Selector) { s.Where(sql.ExprP(s.C(user.FieldRoles) + " <> ''")) }

// warnOfUnlisted logs how many accounts hold roles that are not in the list: a
// role that was renamed or forgotten is not given, and nobody would notice.
func (f *roleGrants) warnOfUnlisted(ctx context.Context) error {
	counts, err := f.unlisted(ctx)
	for name, n := range counts {
		f.log.WarnContext(ctx, "accounts hold a role that is not in AUTHGRAPH_ROLES; it does not count", "role", name, "accounts", n)
	}
	return err
}
