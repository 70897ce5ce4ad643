package auth

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/internal/accesstoken"
	"github.com/authgraph/authgraph/internal/profile"
	"github.com/authgraph/authgraph/internal/secret"
	"github.com/authgraph/authgraph/internal/strictjson"
)

// answeredClaims is what the application answered about a session, before the
// session began or went on. The zero value says that nobody was asked.
type answeredClaims struct {
	asked   bool
	members map[string]any
}

// askedClaims is what the application is asked.
type askedClaims struct {
	Type     string         `json:"type"`
	User     askedAccount   `json:"user"`
	Session  askedSession   `json:"session"`
	Previous map[string]any `json:"previous"`
}

type askedAccount struct {
	ID       uuid.UUID        `json:"id"`
	Email    *string          `json:"email"`
	Verified bool             `json:"emailVerified"` // proved to us, not only to a provider
	Username *string          `json:"username"`
	Roles    []string         `json:"roles"`
	Profile  profile.Document `json:"profile"`
}

type askedSession struct {
	ID uuid.UUID `json:"id"`
}

// ask asks the application for the claims of a session that begins or goes on.
// It must be called before anything is used up, since it may fail.
func (k *claims) ask(ctx context.Context, c Caller, u *ent.User, t heldToken) (answeredClaims, error) {
	if k.hook == nil || k.settings.limited(t.strongAt, t.trusted) {
		return answeredClaims{}, nil
	}
	pass, err := k.turns.take(ctx, c)
	if err != nil {
		return answeredClaims{}, err
	}
	defer pass()
	previous := k.filled(u, t)
	var document profile.Document // null: it cannot be read
	if values, ok := k.profiles.of(u); ok {
		document = values.Document()
	}
	answer, err := k.hook.Ask(ctx, mustEncode(askedClaims{
		Type: "claims", User: askedAccount{u.ID, u.Email, u.Email != nil && u.ConfirmedAt != nil, u.Username, k.settings.RolesOf(u), document}, Session: askedSession{t.id},
		Previous: previous,
	}))
	var members map[string]any
	if err == nil {
		members, err = readClaims(answer, previous, k.settings.Claims.room())
	}
	if err != nil {
		return answeredClaims{asked: true}, k.hook.failed(ctx, k.core, c, "claims", err)
	}
	return answeredClaims{asked: true, members: members}, nil
}

// errRoom says that a hook's claims are too long. It quotes nothing.
var errRoom = errors.New("the claims are longer than the file of AUTHGRAPH_CLAIMS leaves room for")

// readClaims reads {"claims": {…}}. It refuses names of ours, and more than there
// is room for beside the template.
func readClaims(answer []byte, previous map[string]any, room int) (map[string]any, error) {
	outer, err := strictjson.ParseObject(answer, hookDepth)
	if err != nil {
		return nil, err
	}
	members, ok := outer["claims"].(map[string]any)
	if !ok || len(outer) > 1 || slices.ContainsFunc(slices.Collect(maps.Keys(members)), accesstoken.Reserved) || !readable(members) {
		return nil, errAnswer
	}
	if len(encodedClaims(members)) > room || len(encodedClaims(merged(previous, members))) > maxClaims {
		return nil, errRoom
	}
	return members, nil
}

// readable reports that every number is one to every reader: 1e400 is infinite to some.
func readable(v any) bool {
	switch v := v.(type) {
	case json.Number:
		_, err := v.Float64()
		return err == nil
	case map[string]any:
		return !slices.ContainsFunc(slices.Collect(maps.Values(v)), func(below any) bool { return !readable(below) })
	case []any:
		return !slices.ContainsFunc(v, func(below any) bool { return !readable(below) })
	}
	return true
}

// merged is the template's claims with those of the hook, which replace members
// of the same name as a whole.
func merged(template, answered map[string]any) map[string]any {
	all := maps.Clone(template)
	if all == nil {
		all = map[string]any{}
	}
	maps.Copy(all, answered)
	return all
}

// askFirst asks before a session begins, while nothing is used up. It does not
// ask where a challenge follows instead.
func (s *sessions) askFirst(ctx context.Context, c Caller, by proof) (answeredClaims, error) {
	u := by.user
	if u == nil || u.DisabledAt != nil || u.SecondFactor && !by.strong && c.Browser.trust() == "" {
		return answeredClaims{}, nil
	}
	now := s.now()
	t := heldToken{id: by.session, authenticatedAt: &now}
	if by.strong || u.SecondFactor { // by the cookie of a trusted browser
		t.strongAt = &now
	}
	return s.claims.ask(ctx, c, u, t)
}

// heldCaller is the session of a caller, as far as claims need it.
func heldCaller(c Caller) heldToken {
	t := heldToken{id: c.SessionID, authenticatedAt: &c.AuthenticatedAt}
	if !c.StrongAt.IsZero() {
		t.strongAt = &c.StrongAt
	}
	return t
}

// ask asks about a session that goes on, once a read has shown that the presented
// token is a good one, so that junk asks nobody. The read only refuses: move and
// judge decide.
func (r *rotations) ask(ctx context.Context, c Caller, presented secret.Refresh) (answeredClaims, error) {
	if r.sessions.claims.hook == nil {
		return answeredClaims{}, nil
	}
	h, err := r.holders.find(ctx, wholeSession, presented.SessionID)
	if err != nil || h == nil || h.user.DisabledAt != nil || !h.token.expiresAt.After(r.now()) ||
		subtle.ConstantTimeCompare(h.token.digest, presented.Digest()) != 1 {
		return answeredClaims{}, err
	}
	again := presented.Generation+1 == h.token.generation && r.now().Sub(instant(h.token.rotatedAt)) <= r.settings.RefreshGrace
	if presented.Generation != h.token.generation && !again {
		return answeredClaims{}, nil
	}
	return r.sessions.claims.ask(ctx, c, h.user, h.token)
}
