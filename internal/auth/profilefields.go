package auth

import (
	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/internal/profile"
)

// newProfile checks what was said of a person at sign-up. Required fields must be
// there. It returns the values, as they are stored.
func (s *Settings) newProfile(given profile.Given) (profile.Document, error) {
	if s.Profile == nil {
		if given != nil {
			return nil, refuse(NotOffered, "profile")
		}
		return nil, nil
	}
	changes, wrong := s.Profile.Check(given, nil, true)
	if err := told(wrong); err != nil {
		return nil, err
	}
	document := profile.Document{}.With(changes)
	return document, s.fits(document)
}

// changedProfile checks a change of an account's profile.
func (s *Settings) changedProfile(given profile.Given, u *ent.User) (profile.Document, error) {
	if given == nil {
		return nil, nil
	}
	if s.Profile == nil {
		return nil, refuse(NotOffered, "profile")
	}
	stored, err := profile.Parse(u.Profile)
	if err != nil {
		return nil, err
	}
	changes, wrong := s.Profile.Check(given, stored, false)
	if err := told(wrong); err != nil {
		return nil, err
	}
	return changes, s.fits(stored.With(changes))
}

// broughtProfile checks what an operator brings of a person.
func (s *Settings) broughtProfile(given profile.Given) (profile.Document, error) {
	if s.Profile == nil {
		return nil, refuse(NotOffered, "profile")
	}
	document, wrong := s.Profile.Accept(given)
	if err := told(wrong); err != nil {
		return nil, err
	}
	return document, s.fits(document)
}

// fits refuses a profile that is too long.
func (s *Settings) fits(document profile.Document) error {
	if s.Profile.TooLong(document) {
		return &Error{Code: TooLong, Field: []string{"profile"}, Text: "All of this together is too long."}
	}
	return nil
}

// told puts mistakes into words, each at its field; nil for none.
func told(wrong []profile.Mistake) error {
	var all problems
	for _, m := range wrong {
		all.add(toldOf(m))
	}
	return all.err()
}

func toldOf(m profile.Mistake) *Error {
	field := []string{"profile", m.Field}
	switch m.Problem {
	case profile.Missing:
		return refuse(Required, field...)
	case profile.TooLong:
		return refuse(TooLong, field...)
	case profile.Fixed:
		return &Error{Code: Invalid, Field: field, Text: "This was set before, and cannot be changed."}
	}
	return refuse(Invalid, field...)
}
