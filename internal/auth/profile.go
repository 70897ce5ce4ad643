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
	Locale  *LocaleChange
}

// LocaleChange is the language that an account is to have. A nil tag clears it.
type LocaleChange struct{ Tag *string }

// UpdateProfile changes fields of the caller's profile, and the language of their e-mails.
// Only fields that the operator's file marks as editable exist for its owner. Changes of one account
// are counted, refused ones too: the application may be asked about each, and a
// refusal can tell something.
func (f *profiles) UpdateProfile(ctx context.Context, c Caller, in UpdateProfileInput) (*ent.User, error) {
	if err := f.limits.spend(ctx, attempt{f.limits.accountChange, byUser(c.User.ID)}); err != nil {
		return nil, err
	}
	var wrong problems
	changes, err := f.settings.changedProfile(in.Profile, c.User)
	wrong.add(err)
	locale, err := in.Locale.of(c.User, f.settings)
	wrong.add(err)
	if err := wrong.err(); err != nil {
		return nil, err
	}
	if err := f.validation.check(ctx, c, "updateProfile", askedInput{Profile: changes, Locale: in.Locale.tag(locale)}); err != nil {
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
		if in.Locale == nil {
			locale = u.Locale
		}
		u, err = f.change(ctx, tx, c, u, changes, locale)
		return err
	})
	if err != nil {
		return nil, err
	}
	return u, nil
}

func (f *profiles) change(ctx context.Context, tx *store.Tx, c Caller, u *ent.User, changes profile.Document, locale *string) (*ent.User, error) {
	update := tx.User.UpdateOneID(u.ID).SetUpdatedAt(f.now())
	names := slices.Sorted(maps.Keys(changes)) // and never a value
	stored, err := profile.Parse(u.Profile)
	if err != nil && len(changes) > 0 {
		return nil, err
	}
	if document := stored.With(changes).Text(); len(changes) > 0 && document != u.Profile {
		update.SetProfile(document)
	} else {
		names = nil
	}
	if text(locale) != text(u.Locale) {
		names = append(names, "locale")
		if update.SetNillableLocale(locale); locale == nil {
			update.ClearLocale()
		}
	}
	if len(names) == 0 {
		return u, nil
	}
	next, err := update.Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("store the profile: %w", err)
	}
	tx.Changed(u.ID)
	return next, f.events.record(ctx, tx, c, happening{event: EventProfileChange, user: u.ID, detail: strings.Join(names, " ")})
}
