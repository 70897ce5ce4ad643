package auth

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent/user"
	"github.com/authgraph/authgraph/internal/profile"
)

// profileChecks is the feature of looking for stored values that do not fit the
// operator's fields any more.
type profileChecks struct {
	*core
	settings *Settings
}

// checkPage is how many accounts are read at a time.
const checkPage = 1000

// Unreadable is the name under which CheckProfiles counts accounts of whose profile
// nothing can be read.
const Unreadable = ""

// CheckProfiles counts, by field, the accounts whose stored value does not fit
// the type that the field has now. It reads every account.
func (f *profileChecks) CheckProfiles(ctx context.Context, c Caller) (map[string]int, error) {
	if !c.operates() {
		return nil, refuse(Forbidden)
	}
	counts := map[string]int{}
	for after := uuid.Nil; ; {
		page, err := f.store.User.Query().Where(user.IDGT(after)).Order(user.ByID()).Limit(checkPage).
			Select(user.FieldID, user.FieldProfile).All(ctx)
		if err != nil {
			return nil, fmt.Errorf("read profiles: %w", err)
		}
		for _, u := range page {
			document, err := profile.Parse(u.Profile)
			if err != nil {
				counts[Unreadable]++
				continue
			}
			for i := range f.settings.Profile.Fields {
				if field := &f.settings.Profile.Fields[i]; !field.Fits(document) {
					counts[field.Name]++
				}
			}
		}
		if len(page) < checkPage {
			return counts, nil
		}
		after = page[len(page)-1].ID
	}
}
