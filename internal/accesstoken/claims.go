package accesstoken

import (
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
)

// ErrExpired says that a token of ours, good in all else, has expired.
var ErrExpired = errors.New("expired access token")

// Claims is what an access token says, besides who issued it and for whom.
// Times have whole seconds.
type Claims struct {
	Subject   uuid.UUID // "sub": the account
	SessionID uuid.UUID // "sid": the session it was issued in, or
	TokenID   uuid.UUID // "tid": the API token it was made from; never both
	Scope     string    // "scope", RFC 8693 section 4.2: words with one space between; may be empty
	AuthTime  time.Time // "auth_time": when the person proved presence; of sessions only
	Methods   string    // "amr", RFC 8176: how they proved it, words with one space between; of sessions only
	Level     string    // "acr": how much that is; of sessions only
	Roles     string    // "roles", RFC 9068 section 2.2.3.1: words with one space between; of sessions only, and not read
	Extra     string    // more claims, a JSON object; of sessions only, and not read
	IssuedAt  time.Time // "iat"
	NotBefore time.Time // "nbf"
	ExpiresAt time.Time // "exp", always after "iat" and "nbf"
	ID        uuid.UUID // "jti"
}

// MaxTTL is the longest life of an access token.
const MaxTTL = time.Hour

// check refuses claims that no token of ours has. Times are compared with each
// other only, not with the clock.
func (c Claims) check() error {
	switch {
	case c.Subject == uuid.Nil:
		return errors.New("no subject")
	case (c.SessionID == uuid.Nil) == (c.TokenID == uuid.Nil):
		return errors.New("a token belongs to a session or to an API token, and to one only")
	case (c.SessionID == uuid.Nil) != c.AuthTime.IsZero():
		return errors.New("the time of authentication belongs to sessions, and to all of them")
	case c.SessionID == uuid.Nil && (c.Methods != "" || c.Level != ""):
		return errors.New("how somebody logged in belongs to sessions")
	case c.SessionID == uuid.Nil && (c.Roles != "" || c.Extra != ""):
		return errors.New("roles and claims of the application belong to people, and so to sessions")
	case !validWords(c.Roles):
		return errors.New("malformed roles")
	case !validWords(c.Methods) || strings.Contains(c.Level, " ") || !validScope(c.Level):
		return errors.New("malformed amr or acr")
	case c.ID == uuid.Nil:
		return errors.New("no token id")
	case !validScope(c.Scope):
		return errors.New("malformed scope")
	case c.ExpiresAt.Unix()-min(c.IssuedAt.Unix(), c.NotBefore.Unix()) > int64(MaxTTL/time.Second):
		return errors.New("lives longer than any token of ours")
	case c.ExpiresAt.Unix() <= c.IssuedAt.Unix() || c.ExpiresAt.Unix() <= c.NotBefore.Unix():
		return errors.New("expires before it is good")
	}
	return nil
}

// timely compares the claims with the clock in whole seconds, as tokens are
// written. It grants leeway for "iat" and "nbf", since clocks of replicas differ,
// and none at the end: nobody but us decides how long our tokens live.
func (c Claims) timely(now time.Time, leeway time.Duration) error {
	present, grace := now.Unix(), int64(leeway/time.Second)
	latest := max(c.IssuedAt.Unix(), c.NotBefore.Unix(), c.AuthTime.Unix())
	if latest > present+grace {
		return ErrInvalid
	}
	if present >= c.ExpiresAt.Unix() {
		return ErrExpired
	}
	return nil
}

// reserved are the names that more claims cannot have: ours, those of RFC 7519
// and 9068, and those by which tokens of another kind are told apart.
var reserved = []string{
	"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "sid", "tid", "scope", "roles", "auth_time",
	"typ", "client_id", "act", "cnf", "amr", "acr", "azp",
}

// Reserved reports that a name cannot be that of a claim in Extra. Letter case makes no
// difference: some readers know none.
func Reserved(name string) bool {
	return slices.ContainsFunc(reserved, func(ours string) bool { return strings.EqualFold(ours, name) })
}

// extra reads Extra. It refuses names of ours.
func (c Claims) extra() (map[string]json.RawMessage, error) {
	if c.Extra == "" {
		return nil, nil
	}
	var more map[string]json.RawMessage
	if err := json.Unmarshal([]byte(c.Extra), &more); err != nil {
		return nil, errors.New("more claims that are not a JSON object")
	}
	for name := range more {
		if Reserved(name) {
			return nil, errors.New("more claims that would replace one of ours")
		}
	}
	return more, nil
}

// wire is c as it is signed, without Extra.
func (c Claims) wire(issuer, audience string) jwt.MapClaims {
	m := jwt.MapClaims{
		"iss": issuer, "aud": audience, "sub": c.Subject.String(), "scope": c.Scope, "jti": c.ID.String(),
		"iat": c.IssuedAt.Unix(), "nbf": c.NotBefore.Unix(), "exp": c.ExpiresAt.Unix(),
	}
	if c.SessionID != uuid.Nil {
		m["sid"], m["auth_time"] = c.SessionID.String(), c.AuthTime.Unix()
		if c.Methods != "" {
			m["amr"] = strings.Fields(c.Methods)
		}
		if c.Level != "" {
			m["acr"] = c.Level
		}
		if c.Roles != "" {
			m["roles"] = strings.Fields(c.Roles)
		}
	} else {
		m["tid"] = c.TokenID.String()
	}
	return m
}

// readClaims reads the payload of a token for audience by issuer. Every claim
// must be there, in the form in which we write it. Claims that we do not know
// are left alone: a later release may add one.
func readClaims(payload []byte, issuer, audience string) (Claims, bool) {
	m, err := object(payload)
	if err != nil || m["iss"] != issuer || !meantFor(m["aud"], audience) {
		return Claims{}, false
	}
	r := reader{members: m}
	c := Claims{
		Subject: r.id("sub"), ID: r.id("jti"), Scope: r.text("scope"),
		IssuedAt: r.time("iat"), NotBefore: r.time("nbf"), ExpiresAt: r.time("exp"),
	}
	if _, given := m["sid"]; given {
		c.SessionID = r.id("sid")
	}
	if _, given := m["tid"]; given {
		c.TokenID = r.id("tid")
	}
	if _, given := m["auth_time"]; given {
		c.AuthTime = r.time("auth_time")
	}
	if _, given := m["amr"]; given {
		c.Methods = r.words("amr")
	}
	if _, given := m["acr"]; given {
		c.Level = r.text("acr")
		r.wrong = r.wrong || c.Level == ""
	}
	if r.wrong || c.check() != nil {
		return Claims{}, false
	}
	return c, true
}

// meantFor tells whether aud, a string or a list of strings, names audience (RFC
// 7519 section 4.1.3).
func meantFor(aud any, audience string) bool {
	list, isList := aud.([]any)
	if !isList {
		return aud == audience
	}
	found := false
	for _, entry := range list {
		s, isText := entry.(string)
		if !isText {
			return false
		}
		found = found || s == audience
	}
	return found
}

// reader takes claims of known type from a JSON object; wrong is set when one is
// missing or is something else.
type reader struct {
	members map[string]any
	wrong   bool
}

func (r *reader) text(name string) string {
	s, ok := r.members[name].(string)
	r.wrong = r.wrong || !ok
	return s
}

// words takes a list of words that is not empty.
func (r *reader) words(name string) string {
	list, ok := r.members[name].([]any)
	r.wrong = r.wrong || !ok || len(list) == 0
	words := make([]string, len(list))
	for i, one := range list {
		words[i], ok = one.(string)
		r.wrong = r.wrong || !ok || words[i] == "" || strings.Contains(words[i], " ")
	}
	return strings.Join(words, " ")
}

// id takes a UUID in its canonical spelling; uuid.Parse knows four others.
func (r *reader) id(name string) uuid.UUID {
	s := r.text(name)
	id, err := uuid.Parse(s)
	r.wrong = r.wrong || err != nil || id == uuid.Nil || id.String() != s
	return id
}

// time takes a NumericDate of whole seconds between 1970 and the year 9999.
func (r *reader) time(name string) time.Time {
	const lastSecond = 253402300799
	number, ok := r.members[name].(json.Number)
	seconds, err := strconv.ParseUint(number.String(), 10, 63)
	r.wrong = r.wrong || !ok || err != nil || seconds > lastSecond
	return time.Unix(int64(seconds), 0).UTC()
}

// validWords tells whether s is a list of words none of which comes twice.
func validWords(s string) bool {
	words := strings.Fields(s)
	slices.Sort(words)
	return validScope(s) && len(slices.Compact(words)) == len(strings.Fields(s))
}

// validScope tells whether s is a list of scope tokens (RFC 6749 section 3.3),
// or empty.
func validScope(s string) bool {
	previous := byte(' ')
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c > '~' || c == '"' || c == '\\' || c == ' ' && previous == ' ' {
			return false
		}
		previous = c
	}
	return s == "" || previous != ' '
}
