package auth

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/internal/oidc"
	"github.com/authgraph/authgraph/internal/secret"
)

// ProviderPurpose is what a visit to a provider is for: enum ProviderPurpose.
type ProviderPurpose string

// The purposes. An answer for one is refused for every other one.
const (
	ToLogIn          ProviderPurpose = "LOGIN"
	ToLink           ProviderPurpose = "LINK"
	ToReauthenticate ProviderPurpose = "REAUTHENTICATE"
)

const (
	// flowLife is how long a visit may take.
	flowLife = 10 * time.Minute
	// maxFlows is how many visits one browser may have under way; the oldest goes.
	maxFlows = 5
	// stateSuffix is how much of the state names a cookie.
	stateSuffix = 8
	maxHint     = 254
)

// flow is one visit to a provider. It is stored nowhere: it travels sealed, first in
// the URL that begins it, and then in a cookie. State, Nonce and Verifier are made
// when a browser opens that URL, so that it can be opened twice.
type flow struct {
	ID        string          `json:"i"`
	Provider  string          `json:"p"`
	Return    string          `json:"r"`
	Challenge string          `json:"c"`
	Purpose   ProviderPurpose `json:"u"`
	Owner     uuid.UUID       `json:"o,omitzero"`
	Session   uuid.UUID       `json:"n,omitzero"`
	Hint      string          `json:"h,omitempty"`
	Ends      int64           `json:"e"`
	State     string          `json:"s,omitempty"`
	Nonce     string          `json:"q,omitempty"`
	Verifier  string          `json:"v,omitempty"`
}

// The labels of what is sealed.
const (
	flowLabel    = "provider flow"    // in the URL that begins a visit
	visitLabel   = "provider visit"   // in the cookie
	refusalLabel = "provider refusal" // a code that only says why not
	answerLabel  = "provider answer"  // in the row of a code
)

// flows seals and opens visits.
type flows struct {
	*core
	secret *secret.Root
	set    *oidc.Set
}

func (k *flows) seal(label string, what any) (string, error) {
	sealed, err := k.secret.Seal(label, mustEncode(what), nil)
	return base64.RawURLEncoding.EncodeToString(sealed), wrap("seal a visit to a provider", err)
}

func (k *flows) open(label, text string, what any) bool {
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return false
	}
	plain, _, err := k.secret.Open(label, sealed, nil)
	return err == nil && json.Unmarshal(plain, what) == nil
}

// lives reports that a visit has not taken too long.
func (k *flows) lives(f *flow) bool { return k.now().Before(time.Unix(f.Ends, 0)) }

// mayVisit refuses a visit for an account that the caller may not begin.
func (s *Settings) mayVisit(c Caller, what ProviderPurpose, now time.Time) error {
	switch {
	case what == ToLogIn:
		return nil
	case c.Anonymous():
		return NotAuthenticated(c)
	case c.IsAPIToken():
		return refuse(Forbidden)
	case what == ToReauthenticate && c.User.SecondFactor, c.Limited:
		return refuse(SecondFactorNeeded) // a provider's word is none
	case what == ToLink && !s.recent(c, now):
		return refuse(ReauthenticationRequired)
	}
	return nil
}

// checkVisit finds the provider of an input, and what is wrong with the rest.
func (k *flows) checkVisit(in StartProviderLoginInput) (*oidc.Provider, error) {
	var wrong problems
	p := k.set.Get(in.Provider)
	if p == nil {
		wrong.add(refuse(NotFound, "provider"))
	}
	if k.set == nil || !k.set.Returns.Has(in.ReturnURL) {
		wrong.add(refuse(Invalid, "returnUrl"))
	}
	if _, ok := secret.ParseMailed(in.Challenge); !ok { // 32 bytes, as SHA-256 has
		wrong.add(refuse(Invalid, "challenge"))
	}
	if in.LoginHint != nil {
		switch {
		case len(*in.LoginHint) > maxHint:
			wrong.add(refuse(TooLong, "loginHint"))
		case !utf8.ValidString(*in.LoginHint) || strings.ContainsFunc(*in.LoginHint, func(c rune) bool { return c < ' ' || c == 0x7f }):
			wrong.add(refuse(Invalid, "loginHint"))
		}
	}
	return p, wrong.err()
}

// remember puts a visit into a cookie of its own. A browser has few of them: the
// oldest goes, and so do those that are over.
func (k *flows) remember(b *Browser, f *flow) error {
	value, err := k.seal(visitLabel, f)
	if err != nil {
		return err
	}
	type other struct {
		suffix string
		ends   int64
	}
	var others []other
	for suffix, text := range b.flows() {
		before := new(flow)
		if !k.open(visitLabel, text, before) || !k.lives(before) {
			before.Ends = 0
		}
		others = append(others, other{suffix, before.Ends})
	}
	slices.SortFunc(others, func(a, b other) int { return int(b.ends - a.ends) }) // the newest first
	for i, o := range others {
		if i >= maxFlows-1 || o.ends == 0 {
			b.put(Cookie{Name: FlowCookie, Suffix: o.suffix})
		}
	}
	b.put(Cookie{Name: FlowCookie, Suffix: f.State[:stateSuffix], Value: value, Expires: time.Unix(f.Ends, 0)})
	return nil
}

// back is where a browser goes with a code.
func (f *flow) back(code string) string { return f.Return + "#flow=" + f.ID + "&code=" + code }
