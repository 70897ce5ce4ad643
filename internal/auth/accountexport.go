package auth

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/factor"
	"github.com/authgraph/authgraph/ent/user"
	"github.com/authgraph/authgraph/internal/profile"
	"github.com/authgraph/authgraph/internal/store"
	"github.com/authgraph/authgraph/internal/userfile"
)

// exports is the feature of taking accounts away.
type exports struct {
	*core
	events   *events
	settings *Settings
}

// Exported says what was handed out, and what could not be.
type Exported struct {
	Accounts int
	// WithFactors and WithIdentities are accounts that have passkeys or
	// authenticator apps, and those that log in with a provider. Neither can be
	// exported.
	WithFactors, WithIdentities int
	// WithoutProfile are accounts of whose profile nothing can be read.
	WithoutProfile int
}

// exportPage is how many accounts are read at a time.
const exportPage = 1000

// ExportAccounts hands out every account to an operator, in the order of the ids, with
// or without its password hash. Of a profile it has the fields that are declared. It
// is recorded before anything is handed out. Accounts that are made meanwhile may be
// missing.
func (f *exports) ExportAccounts(ctx context.Context, c Caller, hashes bool, each func(userfile.User, profile.Document) error) (done Exported, err error) {
	if !c.operates() {
		return done, refuse(Forbidden)
	}
	detail := "without password hashes"
	if hashes {
		detail = "with password hashes"
	}
	err = f.store.InTx(ctx, func(tx *store.Tx) error {
		return f.events.record(ctx, tx, c, happening{event: EventAccountExport, detail: detail})
	})
	if err != nil {
		return done, err
	}
	if err := f.count(ctx, &done); err != nil {
		return done, err
	}
	for after := uuid.Nil; ; {
		page, err := f.store.User.Query().Where(user.IDGT(after)).Order(user.ByID()).Limit(exportPage).All(ctx)
		if err != nil {
			return done, fmt.Errorf("read accounts: %w", err)
		}
		for _, u := range page {
			kept, err := f.declared(u)
			if err != nil {
				done.WithoutProfile++
			}
			if err := each(f.exported(u, hashes), kept); err != nil {
				return done, err
			}
			done.Accounts++
		}
		if len(page) < exportPage {
			return done, nil
		}
		after = page[len(page)-1].ID
	}
}

func (f *exports) count(ctx context.Context, done *Exported) (err error) {
	done.WithFactors, err = f.store.User.Query().Where(user.HasFactorsWith(factor.ConfirmedAtNotNil())).Count(ctx)
	if err != nil {
		return fmt.Errorf("count accounts with factors: %w", err)
	}
	done.WithIdentities, err = f.store.User.Query().Where(user.HasIdentities()).Count(ctx)
	return wrap("count accounts with identities", err)
}

// declared are the stored values of fields that there are.
func (f *exports) declared(u *ent.User) (profile.Document, error) {
	stored, err := profile.Parse(u.Profile)
	kept := profile.Document{}
	for name, value := range stored {
		if f.settings.Profile.Field(name) != nil {
			kept[name] = value
		}
	}
	return kept, err
}

func (f *exports) exported(u *ent.User, hashes bool) userfile.User {
	line := userfile.User{
		ID: u.ID.String(), Email: text(u.Email), Username: text(u.Username), Locale: text(u.Locale),
		CreatedAt: u.CreatedAt, Roles: f.settings.RolesOf(u)[1:], SecondFactor: u.SecondFactor,
	}
	if u.ConfirmedAt != nil {
		line.Confirmed, line.ConfirmedAt = true, *u.ConfirmedAt
	}
	if u.DisabledAt != nil {
		line.Disabled, line.DisabledAt = true, *u.DisabledAt
	}
	if hashes {
		line.Hash = text(u.PasswordHash)
	}
	return line
}
