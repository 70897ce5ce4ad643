package auth

import (
	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/internal/locale"
)

// newLocale is the language of a new account: the tag that was given, else the best of the
// browser's. It is nil if none of them is offered.
func (s *Settings) newLocale(c Caller, given *string) (*string, error) {
	tag, err := s.givenLocale(given)
	if err != nil || tag != nil {
		return tag, err
	}
	return s.accepted(c), nil
}

// givenLocale reads a tag that was given. It is nil if its language is not offered.
func (s *Settings) givenLocale(given *string) (*string, error) {
	if given == nil {
		return nil, nil
	}
	tag, err := s.Locales.Given(*given)
	if err != nil {
		return nil, &Error{Code: Invalid, Field: []string{"locale"}, Text: "This is not a language tag, such as de or pt-BR."}
	}
	return presentText(tag), nil
}

// chosenLocale reads a tag that was chosen. Who chooses gets it, or hears that it is not
// offered.
func (s *Settings) chosenLocale(chosen *string) (*string, error) {
	tag, err := s.givenLocale(chosen)
	if err == nil && tag == nil && chosen != nil {
		err = &Error{Code: Invalid, Field: []string{"locale"}, Text: "This language is not offered."}
	}
	return tag, err
}

// of is the language that an account has after the change.
func (l *LocaleChange) of(u *ent.User, s *Settings) (*string, error) {
	if l == nil {
		return u.Locale, nil
	}
	return s.chosenLocale(l.Tag)
}

// tag is what the application is asked about; nil if nothing was chosen.
func (l *LocaleChange) tag(chosen *string) *string {
	if l == nil {
		return nil
	}
	return chosen
}

// accepted is the best of the browser's languages; nil if none of them is offered.
func (s *Settings) accepted(c Caller) *string { return presentText(s.Locales.Accepted(c.Languages)) }

// MaxLocales is how many languages can be offered.
const MaxLocales = locale.Max

// LocaleTags are the languages that are offered, the default first.
func (s *Settings) LocaleTags() []string { return s.Locales.Tags() }

// text is what a pointer points to; empty for nil.
func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
