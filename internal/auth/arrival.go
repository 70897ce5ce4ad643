package auth

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/usertoken"
	"github.com/authgraph/authgraph/internal/oidc"
	"github.com/authgraph/authgraph/internal/secret"
	"github.com/authgraph/authgraph/internal/store"
)

// ProviderAnswerInput is what came back to the front end, and the verifier that it
// has kept.
type ProviderAnswerInput struct {
	Code, Verifier string
}

// answered is what a provider said, as it is stored until the front end asks.
type answered struct {
	Provider  string          `json:"provider"`
	Identity  oidc.Identity   `json:"identity"`
	Tokens    *oidc.Tokens    `json:"tokens,omitempty"`
	Challenge string          `json:"challenge"`
	Purpose   ProviderPurpose `json:"purpose"`
}

// refusal is a code that opens nothing. It is stored nowhere.
type refusal struct {
	Code       Code            `json:"code"`
	RetryAfter time.Duration   `json:"wait,omitempty"`
	Challenge  string          `json:"challenge"`
	Purpose    ProviderPurpose `json:"purpose"`
	Ends       int64           `json:"ends"`
}

// arrival is somebody whom a provider has named. It proves nothing until it is
// used up, in the transaction of what it proves.
type arrival struct {
	provider *oidc.Provider
	identity oidc.Identity
	tokens   *oidc.Tokens
	row      uuid.UUID // zero for an ID token, whose nonce was used up before
	field    string
}

// arrivals finds and uses up what comes back from providers.
type arrivals struct {
	*core
	limits *limits
	flows  *flows
	nonces *nonces
	events *events
	set    *oidc.Set
	// identities are those that presence can be proved by.
	identities *identities
}

// one reads the answer or the ID token of an input, of which it must have exactly
// one, and checks that it is for a purpose, and in the session that began it.
func (k *arrivals) one(ctx context.Context, c Caller, answer *ProviderAnswerInput, token *IDTokenInput, what ProviderPurpose, field string) (*arrival, error) {
	switch {
	case answer != nil && token != nil:
		return nil, refuse(Invalid, "idToken")
	case answer != nil:
		return k.find(ctx, c, *answer, what, field)
	case token != nil:
		return k.fromToken(ctx, c, *token, what)
	}
	return nil, refuse(Required, field)
}

// find reads what a code stands for. An unknown, used or late code, a wrong verifier,
// another purpose and another session are all INVALID_TOKEN. A wrong verifier leaves
// the code as it is; after ten it is void. It may refuse, but only redeem grants.
func (k *arrivals) find(ctx context.Context, c Caller, in ProviderAnswerInput, what ProviderPurpose, field string) (*arrival, error) {
	gone := refuse(InvalidToken, field, "code")
	code, verifier := pasted(in.Code), pasted(in.Verifier)
	for _, part := range []struct{ name, text string }{{"code", code}, {"verifier", verifier}} {
		if part.text == "" {
			return nil, refuse(Required, field, part.name)
		}
	}
	digest, ok := secret.ParseMailed(code)
	if !ok {
		return nil, k.whyNot(code, verifier, what, gone)
	}
	t, err := k.store.UserToken.Query().
		Where(usertoken.Digest(digest), usertoken.PurposeEQ(usertoken.PurposeProvider), usertoken.ExpiresAtGT(k.now())).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, gone
	}
	if err != nil {
		return nil, fmt.Errorf("find a provider's answer: %w", err)
	}
	err = k.limits.spend(ctx, attempt{k.limits.providerTries, t.ID.String()})
	if is(err, RateLimited) {
		return nil, gone
	}
	if err != nil {
		return nil, err
	}
	said, err := k.unseal(t)
	if err != nil {
		return nil, err
	}
	p := k.set.Get(said.Provider)
	if !verifies(verifier, said.Challenge) || said.Purpose != what || !begunBy(t, c, what) || p == nil {
		return nil, gone
	}
	return &arrival{provider: p, identity: said.Identity, tokens: said.Tokens, row: t.ID, field: field}, nil
}

func (k *arrivals) unseal(t *ent.UserToken) (said answered, err error) {
	if t.Sealed == nil {
		return said, errors.New("a provider's answer is missing")
	}
	plain, _, err := k.flows.secret.Open(answerLabel, *t.Sealed, t.ID[:])
	if err != nil {
		return said, fmt.Errorf("open a provider's answer: %w", err)
	}
	return said, wrap("read a provider's answer", json.Unmarshal(plain, &said))
}

// whyNot reads a code that only says why there is no other.
func (k *arrivals) whyNot(code, verifier string, what ProviderPurpose, gone *Error) error {
	var r refusal
	if !k.flows.open(refusalLabel, code, &r) || !k.now().Before(time.Unix(r.Ends, 0)) || r.Purpose != what || !verifies(verifier, r.Challenge) {
		return gone
	}
	return &Error{Code: r.Code, RetryAfter: r.RetryAfter}
}

// begunBy reports that the visit was begun by the caller's session, if it must have
// been, and by nobody if not.
func begunBy(t *ent.UserToken, c Caller, what ProviderPurpose) bool {
	if what == ToLogIn {
		return t.UserID == nil && t.SessionID == nil
	}
	return c.User != nil && t.UserID != nil && t.SessionID != nil && *t.UserID == c.User.ID && *t.SessionID == c.SessionID
}

// verifies reports that a challenge was made from a verifier (RFC 7636 section 4.6).
func verifies(verifier, challenge string) bool {
	if len(verifier) < 43 || len(verifier) > 128 || strings.ContainsFunc(verifier, notUnreserved) {
		return false
	}
	sum := sha256.Sum256([]byte(verifier))
	return subtle.ConstantTimeCompare([]byte(base64.RawURLEncoding.EncodeToString(sum[:])), []byte(challenge)) == 1
}

func notUnreserved(c rune) bool {
	return c > 0x7f || !isASCIIAlphanumeric(c) && !strings.ContainsRune("-._~", c)
}

// redeem uses an answer up: of several at once only one deletes its row. A reset or a
// deletion of the account has deleted it before.
func (k *arrivals) redeem(ctx context.Context, tx *store.Tx, a *arrival) error {
	if a.row == uuid.Nil {
		return nil
	}
	n, err := tx.UserToken.Delete().
		Where(usertoken.ID(a.row), usertoken.PurposeEQ(usertoken.PurposeProvider), usertoken.ExpiresAtGT(k.now())).Exec(ctx)
	if err != nil {
		return fmt.Errorf("redeem a provider's answer: %w", err)
	}
	if n != 1 {
		return refuse(InvalidToken, a.field, "code")
	}
	return nil
}

// refused turns a failure at a provider into what a client is told, and logs the
// cause. Other errors stay as they are.
func (k *arrivals) refused(ctx context.Context, c Caller, provider string, err error) error {
	var code Code
	switch {
	case errors.As(err, new(oidc.Denied)):
		return refuse(ProviderDenied) // that is no fault of anybody's
	case errors.Is(err, oidc.ErrBusy):
		return &Error{Code: Overloaded, RetryAfter: retryAfterFault}
	case isType[*oidc.Unavailable](err):
		code = ProviderUnavailable
	case isType[*oidc.Unusable](err):
		code = ProviderFailed
	default:
		return err
	}
	logRefusal(ctx, k.log, c, provider, err)
	return refuse(code)
}

func isType[T error](err error) bool {
	_, ok := errors.AsType[T](err)
	return ok
}

// logRefusal tells the operator why a provider's answer is refused. It holds nothing
// of the answer.
func logRefusal(ctx context.Context, log *slog.Logger, c Caller, provider string, err error) {
	log.WarnContext(ctx, "a provider's answer is refused", "provider", provider, "request", c.RequestID, "err", err)
}
