package auth

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/internal/password"
	"github.com/authgraph/authgraph/internal/profile"
	"github.com/authgraph/authgraph/internal/userfile"
)

// candidates are accounts that somebody brings, checked as a sign-up is.
type candidates struct {
	*core
	passwords *password.Hasher
	settings  *Settings
}

// candidate is an account that may be made, or err says why not.
type candidate struct {
	line                    int
	id                      uuid.UUID // Nil: a new one
	email, username         identifier
	confirmedAt, disabledAt *time.Time
	createdAt               time.Time
	roles, profile          string
	locale                  *string
	hash                    string
	kinds                   []password.Kind
	err                     error
}

// Why an account is refused, beyond what a sign-up can say.
var (
	errNameless     = errors.New("it has neither an address nor a username")
	errNoWayIn      = errors.New("nobody could log in to it: it has no address and no password hash")
	errID           = errors.New("id: it must be a UUID that is not zero, in lower case with hyphens")
	errFuture       = errors.New("a time in it is before 1970, or in the future")
	errSecondFactor = errors.New("it asks for a second factor, which cannot be imported: the password alone would open it; --without-second-factors accepts that")
)

// judge checks accounts, and makes what is to be stored of their hashes. As many
// are hashed at once as there are turns.
func (k *candidates) judge(ctx context.Context, batch []userfile.User, o ImportOptions) ([]candidate, error) {
	rows := make([]candidate, len(batch))
	var all errgroup.Group
	all.SetLimit(max(1, runtime.NumCPU()-1))
	for i, u := range batch {
		row := &rows[i]
		if *row = k.check(u, o); row.err != nil || u.Hash == "" {
			continue
		}
		all.Go(func() (err error) {
			if o.DryRun {
				row.kinds, err = k.passwords.Inspect(u.Hash)
			} else {
				row.hash, row.kinds, err = k.passwords.Adopt(ctx, u.Hash)
			}
			if errors.Is(err, password.ErrUnreadable) || errors.Is(err, password.ErrTooMany) {
				row.err, err = err, nil
			}
			return err
		})
	}
	return rows, all.Wait()
}

// check is everything but the hash.
func (k *candidates) check(u userfile.User, o ImportOptions) candidate {
	row := candidate{line: u.Line, createdAt: k.now(), profile: profile.Empty}
	row.err = errors.Join(
		row.name(u, k.settings), row.identify(u.ID), row.when(u, k.now()), row.say(u, k.settings),
	)
	switch {
	case row.err != nil:
	case u.SecondFactor && !o.WithoutSecondFactors:
		row.err = errSecondFactor
	case u.Email == "" && u.Hash == "":
		row.err = errNoWayIn
	}
	return row
}

func (row *candidate) name(u userfile.User, s *Settings) (err error) {
	if u.Email == "" && u.Username == "" {
		return errNameless
	}
	if u.Email != "" {
		row.email, err = parseAddress(u.Email)
	}
	if u.Username != "" && err == nil {
		if !s.Usernames {
			return refuse(NotOffered, "username")
		}
		row.username, err = parseUsername(u.Username)
	}
	return err
}

func (row *candidate) identify(text string) error {
	if text == "" {
		return nil
	}
	id, good := parseID(text)
	if row.id = id; !good || id == uuid.Nil {
		return errID
	}
	return nil
}

// when sets the times. What is confirmed at a time that is not known counts as
// confirmed at the beginning. An account without an address needs no proof.
func (row *candidate) when(u userfile.User, now time.Time) error {
	for _, t := range []time.Time{u.CreatedAt, u.ConfirmedAt, u.DisabledAt} {
		if !t.IsZero() && (t.Year() < 1970 || t.After(now)) {
			return errFuture
		}
	}
	known := func(t, otherwise time.Time) time.Time {
		if t.IsZero() {
			return otherwise
		}
		return t.UTC().Truncate(time.Microsecond)
	}
	row.createdAt = known(u.CreatedAt, now)
	if u.Confirmed || u.Email == "" {
		row.confirmedAt = new(known(u.ConfirmedAt, row.createdAt))
	}
	if u.Disabled {
		row.disabledAt = new(known(u.DisabledAt, now))
	}
	return nil
}

// say sets what the application says of a person.
func (row *candidate) say(u userfile.User, s *Settings) (err error) {
	if row.locale, err = s.givenLocale(presentText(u.Locale)); err != nil {
		return err
	}
	if row.roles, err = s.storedRoles(u.Roles); err != nil || len(u.Profile) == 0 {
		return err
	}
	document, err := s.broughtProfile(u.Profile)
	if err == nil {
		row.profile = document.Text()
	}
	return err
}

// found are the accounts that have a name or an id of some candidates, by each of
// these.
type found struct {
	by  map[string]*ent.User
	ids map[uuid.UUID]*ent.User
}

// sort says what comes of candidates, and which are to be made.
func (f *found) sort(rows []candidate, began time.Time) (fresh []candidate, results []Imported) {
	for _, row := range rows {
		result := Imported{Line: row.line, Err: row.err}
		if row.err == nil {
			result.There, result.Err = f.there(row, began)
		}
		if result.Err == nil && !result.There {
			fresh = append(fresh, row)
			f.add(row.asUser(began))
		}
		results = append(results, result)
	}
	return fresh, results
}

// there reports that a candidate's account exists. All of its names must be the
// same account's.
func (f *found) there(row candidate, began time.Time) (bool, error) {
	var owner *ent.User
	matches := 0
	for _, u := range []*ent.User{f.by[row.email.key], f.by[row.username.key], f.ids[row.id]} {
		if u == nil {
			continue
		}
		if owner != nil && owner != u {
			return false, errors.New("its address, username and id belong to different accounts")
		}
		owner = u
		matches++
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

// Reason is the error in words for the operator, with the field that it is about.
func (i Imported) Reason() string {
	var all []string
	for _, err := range flat(i.Err) {
		if e := (*Error)(nil); errors.As(err, &e) {
			all = append(all, strings.Join(e.Field, ".")+": "+e.Message())
		} else {
			all = append(all, err.Error())
		}
	}
	return strings.Join(all, "; ")
}

// flat takes apart what was joined here. An error that wraps several says it in its
// own words.
func flat(err error) []error {
	if err == nil {
		return nil
	}
	joined, is := err.(interface{ Unwrap() []error }) //nolint:errorlint // the list itself is wanted
	if !is || err.Error() != errors.Join(joined.Unwrap()...).Error() {
		return []error{err}
	}
	var all []error
	for _, one := range joined.Unwrap() {
		all = append(all, flat(one)...)
	}
	return all
}
