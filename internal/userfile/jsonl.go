package userfile

import (
	"encoding/json"
	"slices"
	"time"
)

// readOwn reads an account of our own format. docs/import.md describes it.
func readOwn(text []byte, line int) (User, error) {
	m, err := readMembers(text)
	if err != nil {
		return User{}, err
	}
	u := User{
		Line: line, ID: m.text("id"), Email: m.text("email"), Username: m.text("username"),
		Confirmed: m.flag("confirmed"), ConfirmedAt: m.moment("confirmedAt"),
		Disabled: m.flag("disabled"), DisabledAt: m.moment("disabledAt"),
		CreatedAt: m.moment("createdAt"), Locale: m.text("locale"), Roles: m.texts("roles"), Profile: m.object("profile"),
		SecondFactor: m.flag("secondFactor"),
	}
	given, hashErr := passwordHash(m)
	u.Hash = given
	m.only()
	if m.err != nil {
		return User{}, m.err
	}
	if err := u.agree(m.of["confirmed"], m.of["disabled"]); err != nil {
		return User{}, err
	}
	return u, hashErr
}

// agree makes one of "confirmed" and "confirmedAt", and refuses a contradiction.
func (u *User) agree(confirmed, disabled any) error {
	if confirmed == false && !u.ConfirmedAt.IsZero() || disabled == false && !u.DisabledAt.IsZero() {
		return errContradiction
	}
	u.Confirmed = u.Confirmed || !u.ConfirmedAt.IsZero()
	u.Disabled = u.Disabled || !u.DisabledAt.IsZero()
	return nil
}

// written is our own format, as it is written.
type written struct {
	ID           string                     `json:"id"`
	Email        string                     `json:"email,omitempty"`
	Username     string                     `json:"username,omitempty"`
	ConfirmedAt  *time.Time                 `json:"confirmedAt,omitempty"`
	DisabledAt   *time.Time                 `json:"disabledAt,omitempty"`
	CreatedAt    time.Time                  `json:"createdAt"`
	Roles        []string                   `json:"roles,omitempty"`
	Locale       string                     `json:"locale,omitempty"`
	Profile      map[string]json.RawMessage `json:"profile,omitempty"`
	PasswordHash string                     `json:"passwordHash,omitempty"`
	SecondFactor bool                       `json:"secondFactor,omitempty"`
}

// AppendJSON appends an account as a line of our own format. profile is its
// profile, as it is stored.
func AppendJSON(line []byte, u User, profile map[string]json.RawMessage) ([]byte, error) {
	w := written{
		ID: u.ID, Email: u.Email, Username: u.Username, CreatedAt: u.CreatedAt.UTC(), Roles: u.Roles, Locale: u.Locale,
		Profile: profile, PasswordHash: u.Hash, SecondFactor: u.SecondFactor,
	}
	if u.Confirmed {
		w.ConfirmedAt = new(u.ConfirmedAt.UTC())
	}
	if u.Disabled {
		w.DisabledAt = new(u.DisabledAt.UTC())
	}
	text, err := json.Marshal(w)
	if err != nil {
		return line, err
	}
	return append(append(line, text...), '\n'), nil
}

func sorted(list []string) []string {
	slices.Sort(list)
	return list
}
