package auth

import (
	"encoding/json"
	"strings"
	"sync/atomic"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/internal/profile"
)

// claims makes what the access tokens of sessions carry for the application.
type claims struct {
	*core
	settings *Settings
	profiles *keptProfiles
	hook     *AskedHook // nil: nobody is asked
	turns    *placeTurns
	warned   atomic.Int64 // when a template that grew too long was last logged
}

// of is the claims of a session, as JSON; empty if there are none. What the
// application answered replaces members of the same name.
func (k *claims) of(u *ent.User, t heldToken, answered answeredClaims) string {
	return encodedClaims(merged(k.filled(u, t), answered.members))
}

// filled is the operator's template with the values of a session. If that is too long,
// what the owner can set is left out first: nobody loses other claims by it.
func (k *claims) filled(u *ent.User, t heldToken) map[string]any {
	template := k.settings.Claims
	if template == nil {
		return nil
	}
	values := claimValues{u: u, t: t, roles: k.settings.RolesOf(u), fields: k.settings.Profile, profiles: k.profiles}
	filled := template.fill(values.of)
	if len(encodedClaims(filled)) <= maxClaims {
		return filled
	}
	k.warn(u)
	filled = template.fill(func(ref reference) any {
		if f := values.fields.Field(strings.TrimPrefix(ref.name, "profile.")); f != nil && f.Editable {
			return nil
		}
		return values.of(ref)
	})
	if len(encodedClaims(filled)) <= maxClaims {
		return filled
	}
	return template.fill(func(reference) any { return nil })
}

// warn logs once an hour that a template has grown too long.
func (k *claims) warn(u *ent.User) {
	if onceAnHour(&k.warned, k.now()) {
		k.log.Warn("claims of AUTHGRAPH_CLAIMS are longer than 2 KiB for an account; its tokens are without what the file refers to", "account", u.ID)
	}
}

// claimValues are what references of one session stand for.
type claimValues struct {
	u        *ent.User
	t        heldToken
	roles    []string
	fields   *profile.Schema
	profiles *keptProfiles
	read     bool // values are there
	values   profile.Values
}

// of is the value of a reference; nil if there is none.
func (v *claimValues) of(ref reference) any {
	value := v.plain(ref.name)
	if !ref.text || value == nil {
		return value
	}
	switch value := value.(type) {
	case string:
		return value
	case []string:
		return arrayLiteral(value)
	case json.RawMessage:
		return rawText(value)
	}
	return string(mustEncode(value))
}

func (v *claimValues) plain(name string) any {
	switch name {
	case "id":
		return v.u.ID.String()
	case "roles":
		return v.roles
	case "rolesPg":
		return arrayLiteral(v.roles)
	case "defaultRole":
		return v.roles[0]
	case "email":
		return orNothing(v.u.Email)
	case "username":
		return orNothing(v.u.Username)
	case "emailVerified":
		return v.u.Email != nil && v.u.ConfirmedAt != nil
	case "sessionId":
		return v.t.id.String()
	case "authTime":
		return instant(v.t.authenticatedAt).Unix()
	}
	return v.field(strings.TrimPrefix(name, "profile."))
}

func (v *claimValues) field(name string) any {
	f := v.fields.Field(name)
	if f == nil {
		return nil
	}
	if !v.read {
		v.values, _ = v.profiles.of(v.u)
		v.read = true
	}
	raw, some := v.values.Shown(f)
	if some && f.Editable && len(raw) > len(`""`)+f.Longest() { // it was set before the bound
		return nil
	}
	if some {
		return raw
	}
	return nil
}

// arrayLiteral is a list as PostgreSQL writes it, for Hasura.
func arrayLiteral(list []string) string {
	quoted := make([]string, len(list))
	for i, text := range list {
		quoted[i] = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
	}
	return "{" + strings.Join(quoted, ",") + "}"
}

// rawText is a value of the profile as a text.
func rawText(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		return string(raw) // a number or a bool
	}
	items := make([]string, len(list))
	for i, item := range list {
		items[i] = rawText(item)
	}
	return arrayLiteral(items)
}

func orNothing(s *string) any {
	if s == nil {
		return nil
	}
	return *s
}

func mustEncode(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // bool and int64 encode
	}
	return text
}
