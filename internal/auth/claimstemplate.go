package auth

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/internal/accesstoken"
	"github.com/authgraph/authgraph/internal/profile"
	"github.com/authgraph/authgraph/internal/strictjson"
)

const (
	// maxClaims is the size of all claims of the application, in bytes of JSON:
	// proxies cut headers at 4 to 8 KiB.
	maxClaims = 2 << 10
	// claimsDepth is how deep they may nest.
	claimsDepth = 8
	// hasura begins the names of claims whose values must be texts.
	hasura = "x-hasura-"
)

// ClaimsTemplate says what the access tokens of sessions carry besides our own
// claims. A text that begins with $ is a reference; $$ begins a text with one
// dollar.
type ClaimsTemplate struct {
	members map[string]any
	// fields of the profile that are referred to.
	fields []string
	// longest is how long the claims can be that an account's owner causes. Check
	// finds it.
	longest int
}

// references are what a template may refer to, besides $profile.<field>.
var references = []string{
	"id", "roles", "rolesPg", "defaultRole", "email", "emailVerified", "username", "sessionId", "authTime",
}

var profileReference = regexp.MustCompile(`^profile\.([A-Za-z_][A-Za-z0-9_]*)$`)

// reference is a $name in a template. text says that its value must be a text.
type reference struct {
	name string
	text bool
}

// ParseClaims reads a template. Its error has every mistake.
func ParseClaims(content []byte) (*ClaimsTemplate, error) {
	members, err := strictjson.ParseObject(content, claimsDepth)
	if err != nil {
		return nil, fmt.Errorf("the file must hold one JSON object: %w", err)
	}
	t := &ClaimsTemplate{members: map[string]any{}}
	var wrong []error
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if accesstoken.Reserved(name) {
			wrong = append(wrong, fmt.Errorf("%s is a claim of ours, and cannot be set", name))
		}
		value, err := t.parse(name, members[name], false)
		t.members[name] = value
		wrong = append(wrong, err)
	}
	if err := errors.Join(wrong...); err != nil {
		return nil, err
	}
	if literal := encodedClaims(t.fill(func(reference) any { return nil })); len(literal) > maxClaims {
		return nil, fmt.Errorf("what the file holds is longer than %d bytes", maxClaims)
	}
	return t, nil
}

// parse turns texts into references. text says that values must be texts: it
// holds below a name that begins x-hasura-.
func (t *ClaimsTemplate) parse(name string, value any, text bool) (any, error) {
	text = text || strings.HasPrefix(strings.ToLower(name), hasura)
	switch v := value.(type) {
	case string:
		return t.parseText(name, v, text)
	case map[string]any:
		var wrong []error
		for _, below := range slices.Sorted(maps.Keys(v)) {
			parsed, err := t.parse(below, v[below], text)
			v[below] = parsed
			wrong = append(wrong, err)
		}
		return v, errors.Join(wrong...)
	case []any:
		var wrong []error
		for i := range v {
			parsed, err := t.parse("", v[i], text)
			v[i] = parsed
			wrong = append(wrong, err)
		}
		return v, errors.Join(wrong...)
	}
	if text && value != nil {
		return fmt.Sprint(value), nil // a number or a bool, as it is written
	}
	return value, nil
}

func (t *ClaimsTemplate) parseText(name, text string, asText bool) (any, error) {
	ref, is := strings.CutPrefix(text, "$")
	if !is || strings.HasPrefix(ref, "$") {
		return ref, nil // of $$ one dollar is left
	}
	if field := profileReference.FindStringSubmatch(ref); field != nil {
		t.fields = append(t.fields, field[1])
	} else if !slices.Contains(references, ref) {
		return nil, fmt.Errorf("%s: there is no $%s; it is one of $%s, $profile.<field>", name, ref, strings.Join(references, ", $"))
	}
	// Hasura wants its list of roles as a list.
	return reference{ref, asText && !(ref == "roles" && strings.EqualFold(name, hasura+"allowed-roles"))}, nil
}

// Check refuses references to fields of the profile that a token cannot carry.
// A hidden one would be shown to the token's owner.
func (t *ClaimsTemplate) Check(fields *profile.Schema) error {
	if t == nil {
		return nil
	}
	var wrong []error
	for _, name := range t.fields {
		switch f := fields.Field(name); {
		case fields == nil:
			wrong = append(wrong, fmt.Errorf("$profile.%s: there is no profile; see AUTHGRAPH_PROFILE", name))
		case f == nil:
			wrong = append(wrong, fmt.Errorf("$profile.%s: the profile has no such field", name))
		case f.Hidden:
			wrong = append(wrong, fmt.Errorf("$profile.%s: the field is @hidden, but the owner of a token can read it", name))
		case f.Kind == profile.Float:
			wrong = append(wrong, fmt.Errorf("$profile.%s: a Float cannot be in a token, since not every reader reads the same number; use an Int", name))
		}
	}
	if err := errors.Join(wrong...); err != nil {
		return err
	}
	t.longest = len(encodedClaims(t.fill(func(ref reference) any { return strings.Repeat("x", mostOf(ref.name, fields)) })))
	if t.longest > maxClaims {
		return fmt.Errorf("people can make these claims %d bytes long, and %d is the most, or claims would be missing from their tokens: "+
			"give the @editable texts and lists that $profile refers to a smaller maxLength or maxItems", t.longest, maxClaims)
	}
	return nil
}

// room is how many bytes are left for a hook, however long an owner makes the
// template's claims: nobody can make an answer fail that is good for others.
func (t *ClaimsTemplate) room() int {
	if t == nil {
		return maxClaims
	}
	return maxClaims - t.longest
}

// mostOf is how many bytes a reference can be. What the operator gives, such as roles,
// has no bound: an owner can do nothing about it, and claims that it makes too long are
// told of.
func mostOf(name string, fields *profile.Schema) int {
	switch name {
	case "id", "sessionId":
		return len(uuid.UUID{}.String())
	case "authTime":
		return len("9999999999")
	case "emailVerified":
		return len("false")
	case "email":
		return maxAddress
	case "username":
		return maxUsername
	}
	f := fields.Field(strings.TrimPrefix(name, "profile."))
	if f == nil || !f.Editable {
		return 0
	}
	return f.Longest()
}

// fill replaces every reference by its value. A member whose value is nothing is
// left out, and so is an object that is empty then.
func (t *ClaimsTemplate) fill(value func(reference) any) map[string]any {
	filled, _ := fillValue(t.members, value).(map[string]any)
	return filled
}

func fillValue(v any, value func(reference) any) any {
	switch v := v.(type) {
	case reference:
		return value(v)
	case map[string]any:
		filled := make(map[string]any, len(v))
		for name, below := range v {
			if f := fillValue(below, value); f != nil {
				filled[name] = f
			}
		}
		if len(filled) == 0 {
			return nil
		}
		return filled
	case []any:
		filled := make([]any, 0, len(v))
		for _, below := range v {
			if f := fillValue(below, value); f != nil {
				filled = append(filled, f)
			}
		}
		return filled
	}
	return v
}

// encodedClaims is claims as JSON; empty if there are none.
func encodedClaims(claims map[string]any) string {
	if len(claims) == 0 {
		return ""
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(claims); err != nil {
		panic(err) // what came from JSON encodes
	}
	return strings.TrimSuffix(b.String(), "\n")
}
