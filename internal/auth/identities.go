package auth

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/identity"
	"github.com/authgraph/authgraph/internal/oidc"
	"github.com/authgraph/authgraph/internal/store"
)

// MaxIdentities is how many an account may have.
const MaxIdentities = 20

// MaxProviders is how many providers there may be.
const MaxProviders = 20

// Identity is an account at a provider that opens an account here.
type Identity struct {
	ID            uuid.UUID
	Provider      string
	Subject       string
	Email         *string
	EmailVerified bool
	Name          *string
	Active        bool
	CreatedAt     time.Time
	LastUsedAt    *time.Time
}

// identities reads and writes identities. Who changes one has locked its account.
type identities struct {
	*core
	set *oidc.Set
}

// of lists the identities of an account, oldest first.
func (k *identities) of(ctx context.Context, db *ent.Client, userID uuid.UUID) ([]*ent.Identity, error) {
	rows, err := db.Identity.Query().Where(identity.UserID(userID)).Order(identity.ByID()).All(ctx)
	return rows, wrap("list identities", err)
}

// find returns the identity that somebody at a provider is, with its account, or nil.
func (k *identities) find(ctx context.Context, db *ent.Client, who *oidc.Identity) (*ent.Identity, error) {
	row, err := db.Identity.Query().Where(identity.Issuer(who.Issuer), identity.Subject(who.Subject)).WithUser().Only(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("find an identity: %w", err)
	}
	if row.Edges.User == nil {
		return nil, nil // deleted between the two reads
	}
	return row, nil
}

// add links an identity with a locked account. If another account has it, the error is
// a constraint's.
func (k *identities) add(ctx context.Context, tx *store.Tx, userID uuid.UUID, a *arrival, used bool) (*ent.Identity, error) {
	n, err := tx.Identity.Query().Where(identity.UserID(userID)).Count(ctx)
	if err != nil {
		return nil, fmt.Errorf("count identities: %w", err)
	}
	if n >= MaxIdentities {
		return nil, refuse(LimitReached)
	}
	now := k.now()
	create := tx.Identity.Create().SetUserID(userID).SetProvider(a.provider.ID).SetIssuer(a.identity.Issuer).SetSubject(a.identity.Subject).
		SetEmailVerified(a.identity.Verified).SetNillableName(presentText(a.identity.Name)).SetNillableEmail(shownAddress(a)).SetCreatedAt(now)
	if used {
		create.SetLastUsedAt(now)
	}
	return create.Save(ctx)
}

// use notes what the provider says now. A suspended identity is in use again.
func (k *identities) use(ctx context.Context, tx *store.Tx, row *ent.Identity, a *arrival, used bool) (*ent.Identity, error) {
	update := tx.Identity.UpdateOneID(row.ID).SetProvider(a.provider.ID).SetEmailVerified(a.identity.Verified).ClearSuspendedAt()
	if address := shownAddress(a); address != nil {
		update.SetEmail(*address)
	} else {
		update.ClearEmail().SetEmailVerified(false)
	}
	if a.identity.Name != "" { // Apple says it once
		update.SetName(a.identity.Name)
	}
	if used {
		update.SetLastUsedAt(k.now())
	}
	row, err := update.Save(ctx)
	return row, wrap("note an identity", err)
}

// shownAddress is the provider's address as it is kept for showing; nil for what is
// no address.
func shownAddress(a *arrival) *string {
	id, err := parseAddress(a.identity.Email)
	if err != nil {
		return nil
	}
	return &id.typed
}

// active reports that an identity logs in: it is in use, and a provider that is
// switched on can say that it is them.
func (k *identities) active(row *ent.Identity) bool {
	return row.SuspendedAt == nil && k.set.Issues(row.Issuer)
}

// activeOf are the providers that log in to an account, each once.
func (k *identities) activeOf(ctx context.Context, db *ent.Client, userID uuid.UUID) ([]string, error) {
	rows, err := k.of(ctx, db, userID)
	providers := []string{}
	for _, row := range rows {
		if k.active(row) && !slices.Contains(providers, row.Provider) {
			providers = append(providers, row.Provider)
		}
	}
	return providers, err
}

// suspend takes all identities of an account out of use, and returns their names.
func (k *identities) suspend(ctx context.Context, tx *store.Tx, userID uuid.UUID) ([]*ent.Identity, error) {
	rows, err := tx.Identity.Query().Where(identity.UserID(userID), identity.SuspendedAtIsNil()).Order(identity.ByID()).All(ctx)
	if err != nil || len(rows) == 0 {
		return nil, wrap("list identities", err)
	}
	err = tx.Identity.Update().Where(identity.UserID(userID), identity.SuspendedAtIsNil()).SetSuspendedAt(k.now()).Exec(ctx)
	return rows, wrap("suspend identities", err)
}

// show shows an identity to its owner.
func (k *identities) show(row *ent.Identity) *Identity {
	i := &Identity{
		ID: row.ID, Provider: row.Provider, Subject: row.Subject, Email: row.Email, EmailVerified: row.EmailVerified,
		Name: row.Name, Active: k.active(row), CreatedAt: row.CreatedAt.UTC(),
	}
	if row.LastUsedAt != nil {
		i.LastUsedAt = new(row.LastUsedAt.UTC())
	}
	return i
}

// nameOf is what people call a provider.
func (k *identities) nameOf(provider string) string {
	if p := k.set.Get(provider); p != nil {
		return p.Name
	}
	return provider
}
