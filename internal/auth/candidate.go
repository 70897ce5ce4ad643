package auth

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

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

// candidate is an account that may be made, unless it is there, or err says why not.
type candidate struct {
	line                    int
	there                   bool
	id                      uuid.UUID // Nil: a new one
	email, username         identifier
	confirmedAt, disabledAt *time.Time
	createdAt               time.Time
	roles, profile          string
	locale                  *string
	brought, hash           string // the file's, and what is stored
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

// judge checks accounts, and hashes nothing.
func (k *candidates) judge(batch []userfile.User, o ImportOptions) []candidate {
	rows := make([]candidate, len(batch))
	for i, u := range batch {
		rows[i] = k.check(u, o)
		if row := &rows[i]; row.err == nil && row.brought != "" {
			row.kinds, row.err = k.passwords.Inspect(row.brought)
		}
	}
	return rows
}

// adopt makes what is to be stored of the hashes of those that are still open. As many
// are hashed at once as there are turns.
func (k *candidates) adopt(ctx context.Context, rows []candidate) error {
	var all errgroup.Group
	all.SetLimit(max(1, runtime.NumCPU()-1))
	for _, row := range open(rows) {
		if row.brought == "" {
			continue
		}
		all.Go(func() (err error) {
			row.hash, row.kinds, err = k.passwords.Adopt(ctx, row.brought)
			if errors.Is(err, password.ErrUnreadable) || errors.Is(err, password.ErrTooMany) {
				row.err, err = err, nil
			}
			return err
		})
	}
	return all.Wait()
}

// check is everything but the hash.
func (k *candidates) check(u userfile.User, o ImportOptions) candidate {
	row := candidate{line: u.Line, brought: u.Hash, createdAt: k.now(), profile: profile.Empty}
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

// open are the candidates of which nothing speaks against making them, so far.
func open(rows []candidate) []*candidate {
	var all []*candidate
	for i := range rows {
		if row := &rows[i]; row.err == nil && !row.there {
			all = append(all, row)
		}
	}
	return all
}

// outcomes say what came of candidates; those that are still open have been made.
func outcomes(rows []candidate) []Imported {
	all := make([]Imported, len(rows))
	for i, row := range rows {
		all[i] = Imported{row.line, row.there, row.err}
	}
	return all
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
