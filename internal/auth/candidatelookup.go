package auth

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/predicate"
	"github.com/authgraph/authgraph/ent/user"
)

// lookUp finds the accounts that have a name or an id of some candidates. It asks
// once for each: in one condition, the database would not use the indexes.
func (k *candidates) lookUp(ctx context.Context, users *ent.UserClient, rows []candidate) (*found, error) {
	var emails, usernames []string
	var ids []uuid.UUID
	for _, row := range rows {
		if row.err != nil {
			continue
		}
		if row.email.key != "" {
			emails = append(emails, row.email.key)
		}
		if row.username.key != "" {
			usernames = append(usernames, row.username.key)
		}
		if row.id != uuid.Nil {
			ids = append(ids, row.id)
		}
	}
	f := &found{by: map[string]*ent.User{}, ids: map[uuid.UUID]*ent.User{}}
	known := map[uuid.UUID]*ent.User{}
	for _, is := range []struct {
		is  predicate.User
		ask bool
	}{{user.EmailKeyIn(emails...), len(emails) > 0}, {user.UsernameKeyIn(usernames...), len(usernames) > 0}, {user.IDIn(ids...), len(ids) > 0}} {
		if !is.ask {
			continue
		}
		list, err := users.Query().Where(is.is).Select(user.FieldID, user.FieldEmailKey, user.FieldUsernameKey, user.FieldUpdatedAt).All(ctx)
		if err != nil {
			return nil, fmt.Errorf("look for accounts: %w", err)
		}
		for _, u := range list {
			if known[u.ID] == nil { // one that is found twice is one account
				known[u.ID] = u
				f.add(u)
			}
		}
	}
	return f, nil
}
