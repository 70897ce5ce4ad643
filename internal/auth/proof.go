package auth

import (
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/internal/passkey"
)

// ProofKind is a way to prove who one is: enum ProofKind.
type ProofKind string

// The kinds. A password that was just set counts as given.
const (
	ByPassword     ProofKind = "PASSWORD"
	ByTotp         ProofKind = "TOTP"
	ByRecoveryCode ProofKind = "RECOVERY_CODE"
	ByPasskey      ProofKind = "PASSKEY"
	ByEmailCode    ProofKind = "EMAIL_CODE"
	ByProvider     ProofKind = "PROVIDER"
)

// What is kept of a passkey's proof besides: it has verified its user, and its key
// is copied to other devices. They are no proofs, and are not shown as such.
const (
	userVerified ProofKind = "verified"
	keyCopied    ProofKind = "copied"
)

// kindsOfPasskey are the proofs that an answer of a passkey is.
func kindsOfPasskey(f passkey.Flags) []ProofKind {
	var kinds []ProofKind
	if f.Verified {
		kinds = append(kinds, userVerified)
	}
	if f.Eligible {
		kinds = append(kinds, keyCopied)
	}
	return append(kinds, ByPasskey)
}

// SecondFactorPolicy says whether accounts have a second factor: enum
// SecondFactorPolicy.
type SecondFactorPolicy string

// The policies. Off adds none; those that there are, are still asked for.
const (
	SecondFactorOff      SecondFactorPolicy = "OFF"
	SecondFactorOptional SecondFactorPolicy = "OPTIONAL"
	SecondFactorRequired SecondFactorPolicy = "REQUIRED"
)

// proof is what entitles to a session: what was proved, and what is recorded of
// it.
type proof struct {
	event Event
	kinds []ProofKind
	// strong says that a second factor was among it just now, or a passkey that is
	// both.
	strong bool
	// reset is what waits for a second factor to take effect.
	reset *pendingReset
	// owed is what was counted for the attempt. It is given back in the transaction.
	owed []attempt
	// unchanged is the account as it was read, if the session may begin without any
	// other change as long as it still is so.
	unchanged *ent.User
	// user is the account as it was read before the transaction, if it was: the
	// application is asked about it before anything is used up.
	user *ent.User
	// session is the id of the session that begins.
	session uuid.UUID
	// trust asks that the browser need no second factor from now on.
	trust bool
	// untrusted says that a trusted browser does not spare the second factor.
	untrusted bool
	// detail is recorded with the event.
	detail string
}

// byPassword is a proof by the password alone. u is the account as it was read, or
// as it will be.
func byPassword(event Event, u *ent.User) proof {
	return proof{event: event, kinds: []ProofKind{ByPassword}, user: u}
}

// kindsOf reads the proofs of a session or a challenge as they are stored.
func kindsOf(words *string) []ProofKind {
	kinds := []ProofKind{}
	if words != nil {
		for _, word := range strings.Fields(*words) {
			kinds = append(kinds, ProofKind(word))
		}
	}
	return kinds
}

// storedKinds writes proofs as they are stored, each once.
func storedKinds(kinds []ProofKind) string {
	words := make([]string, 0, len(kinds))
	for _, kind := range kinds {
		if !slices.Contains(words, string(kind)) {
			words = append(words, string(kind))
		}
	}
	return strings.Join(words, " ")
}

// shown are the proofs that a client is told of.
func shown(kinds []ProofKind) []ProofKind {
	return slices.DeleteFunc(slices.Clone(kinds), func(k ProofKind) bool { return k == userVerified || k == keyCopied })
}

// twoFactors reports that proofs are of two kinds of factors: something known and
// something owned. A passkey that verifies its user is both. That is aal2. A code
// from an e-mail is neither. A login at a provider counts as something known.
func twoFactors(kinds []ProofKind) bool {
	has := func(k ProofKind) bool { return slices.Contains(kinds, k) }
	return has(userVerified) || (has(ByPassword) || has(ByProvider)) && (has(ByTotp) || has(ByRecoveryCode) || has(ByPasskey))
}

// The claim acr: how much a session has proved.
const (
	oneFactor   = "aal1"
	manyFactors = "aal2"
)

// claimsOf says by RFC 8176 how a session was proved, and how much that is.
func claimsOf(kinds []ProofKind) (amr, acr string) {
	var methods []string
	if slices.Contains(kinds, ByPassword) {
		methods = append(methods, "pwd")
	}
	if slices.Contains(kinds, ByTotp) || slices.Contains(kinds, ByRecoveryCode) || slices.Contains(kinds, ByEmailCode) {
		methods = append(methods, "otp")
	}
	switch {
	case slices.Contains(kinds, keyCopied):
		methods = append(methods, "swk")
	case slices.Contains(kinds, ByPasskey):
		methods = append(methods, "hwk")
	}
	acr = oneFactor
	if twoFactors(kinds) {
		methods, acr = append(methods, "mfa"), manyFactors
	}
	return strings.Join(methods, " "), acr
}

// limited reports that a session may only set up or prove a second factor: the
// policy wants one, and neither was one proved nor is the browser trusted. It is
// asked for each request, so that the policy is in effect at once.
func (s *Settings) limited(strongAt *time.Time, trusted *bool) bool {
	return s.SecondFactor == SecondFactorRequired && strongAt == nil && !s.isTrusted(trusted)
}

// isTrusted reports that a session began in a trusted browser, where there are
// any.
func (s *Settings) isTrusted(trusted *bool) bool {
	return s.TrustedDeviceTTL > 0 && trusted != nil && *trusted
}

// TrustedDays is how many days a browser may be trusted without a second factor.
func (s *Settings) TrustedDays() int { return int(s.TrustedDeviceTTL / day) }

// near reports that no more than span lies between two times. The later one may be
// that of the past: clocks of replicas differ a little. But nothing is recent for
// hours because the clock was set back by hours.
func near(now, at time.Time, span time.Duration) bool { return now.Sub(at).Abs() <= span }

// recent reports that the session's owner has proved to be present within the
// setting's time. Where the account has a second factor, that is what proves it.
func (s *Settings) recent(c Caller, now time.Time) bool {
	if c.Anonymous() || c.IsAPIToken() {
		return false
	}
	at := c.AuthenticatedAt
	if c.User.SecondFactor {
		at = c.StrongAt
	}
	return near(now, at, s.RecentTTL)
}
