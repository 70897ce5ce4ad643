package auth

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/internal/profile"
	"github.com/authgraph/authgraph/internal/store"
)

// profiles is the feature of changing what the application keeps of a person.
type profiles struct {
	*core
	limits     *limits
	validation *validation
	users      *users
	kept       *keptProfiles
	events     *events
	settings   *Settings
}

// Kept is what the application keeps of an account; empty if that is nothing, or
// cannot be read.
func (f *profiles) Kept(c Caller, u *ent.User) profile.Values {
	values, _ := f.kept.ofCaller(c, u)
	return values
}

// UpdateProfileInput says what to change. What is left out stays, null clears.
type UpdateProfileInput struct {
	Profile profile.Given
}

// UpdateProfile changes fields of the caller's profile. Only fields that the
// operator's file marks as editable exist for its owner. Changes of one account
// are counted, refused ones too: the application may be asked about each, and a
// refusal can tell something.
func (f *profiles) UpdateProfile(ctx context.Context, c Caller, in UpdateProfileInput) (*ent.User, error) {
	if err := f.limits.spend(ctx, attempt{f.limits.accountChange, byUser(c.User.ID)}); err != nil {
		return nil, err
	}
	changes, err := f.settings.changedProfile(in.Profile, c.User)
	if err != nil {
		return nil, err
	}
	if err := f.validation.check(ctx, c, "updateProfile", askedInput{Profile: changes}); err != nil {
		return nil, err
	}
	var u *ent.User
	err = f.store.InTx(ctx, func(tx *store.Tx) (err error) {
		if u, err = f.users.lockCaller(ctx, tx, c); err != nil {
			return err
		}
		// Again, now that nobody else changes the account: a field may have been set
		// that is set once.
		if _, err := f.settings.changedProfile(in.Profile, u); err != nil {
			return err
		}
		u, err = f.change(ctx, tx, c, u, changes)
		return err
	})
	if err != nil {
		return nil, err
	}
	return u, nil
}

func (f *profiles) change(ctx context.Context, tx *store.Tx, c Caller, u *ent.User, changes profile.Document) (*ent.User, error) {
	stored, err := profile.Parse(u.Profile)
	if err != nil {
		return nil, err
	}
	text := stored.With(changes).Text()
	if text == u.Profile {
		return u, nil
	}
	next, err := tx.User.UpdateOneID(u.ID).SetProfile(text).SetUpdatedAt(f.now()).Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("store the profile: %w", err)
	}
	tx.Changed(u.ID)
	names := slices.Sorted(maps.Keys(changes)) // and never a value
	return next, f.events.record(ctx, tx, c, happening{event: EventProfileChange, user: u.ID, detail: strings.Join(names, " ")})
}
