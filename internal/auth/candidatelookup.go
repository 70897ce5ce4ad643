package auth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/predicate"
	"github.com/authgraph/authgraph/ent/user"
)

// settle says which of the open candidates are there, and which cannot be made since
// another account has a name of theirs, by what the database has now.
func (k *candidates) settle(ctx context.Context, users *ent.UserClient, rows []candidate, began time.Time) error {
	found, err := k.lookUp(ctx, users, rows)
	if err != nil {
		return err
	}
	for _, row := range open(rows) {
		row.there, row.err = found.there(row, began)
		if row.err == nil && !row.there {
			found.add(row.asUser(began))
		}
	}
	return nil
}

// found are the accounts that have a name or an id of some candidates, by each of
// these.
type found struct {
	by  map[string]*ent.User
	ids map[uuid.UUID]*ent.User
}

// there reports that a candidate's account exists. All of its names must be the
// same account's.
func (f *found) there(row *candidate, began time.Time) (bool, error) {
	var owner *ent.User
	for _, u := range []*ent.User{f.by[row.email.key], f.by[row.username.key], f.ids[row.id]} {
		if u == nil {
			continue
		}
		if owner != nil && owner != u {
			return false, errors.New("its address, username and id belong to different accounts")
		}
		owner = u
	}
	switch {
	case owner == nil:
		return false, nil
	case !owner.UpdatedAt.Before(began):
		return false, errAgain
	case row.email.key != "" && f.by[row.email.key] == nil:
		return false, errors.New("its username or id belongs to an account with another address")
	case row.email.key == "" && f.by[row.username.key] == nil:
		return false, errors.New("its id belongs to an account with another username")
	}
	return true, nil
}

func (f *found) add(u *ent.User) {
	for _, key := range []*string{u.EmailKey, u.UsernameKey} {
		if key != nil {
			f.by[*key] = u
		}
	}
	if u.ID != uuid.Nil {
		f.ids[u.ID] = u
	}
}

// asUser stands for an account that is about to be made.
func (row *candidate) asUser(now time.Time) *ent.User {
	return &ent.User{ID: row.id, EmailKey: presentText(row.email.key), UsernameKey: presentText(row.username.key), UpdatedAt: now}
}

// lookUp finds the accounts that have a name or an id of some candidates. It asks
// once for each: in one condition, the database would not use the indexes.
func (k *candidates) lookUp(ctx context.Context, users *ent.UserClient, rows []candidate) (*found, error) {
	var emails, usernames []string
	var ids []uuid.UUID
	for _, row := range open(rows) {
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
	for _, one := range []struct {
		have predicate.User
		ask  bool
	}{{user.EmailKeyIn(emails...), len(emails) > 0}, {user.UsernameKeyIn(usernames...), len(usernames) > 0}, {user.IDIn(ids...), len(ids) > 0}} {
		if !one.ask {
			continue
		}
		list, err := users.Query().Where(one.have).Select(user.FieldID, user.FieldEmailKey, user.FieldUsernameKey, user.FieldUpdatedAt).All(ctx)
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
