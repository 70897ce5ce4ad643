package userfile

import (
	"fmt"
	"time"
)

// User is an account as a file has it. Nothing in it is checked but its form.
type User struct {
	Line     int    // where it begins in the file
	ID       string // empty: a new one
	Email    string // empty: none
	Username string // empty: none
	// Confirmed says that the address was proved. When may be unknown.
	Confirmed   bool
	ConfirmedAt time.Time
	Disabled    bool
	DisabledAt  time.Time
	CreatedAt   time.Time // zero: unknown
	Roles       []string
	Locale      string         // a BCP 47 tag; empty: none
	Profile     map[string]any // nil: none
	// Hash is the password's, in a normal form of package foreignhash; empty:
	// none.
	Hash string
	// SecondFactor says that the password alone did not log in.
	SecondFactor bool
}

// LineError is what is wrong with one account. Those after it can be read.
type LineError struct {
	Line int
	Err  error
}

func (e *LineError) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }

// Unwrap is for errors.Is.
func (e *LineError) Unwrap() error { return e.Err }
