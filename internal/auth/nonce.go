package auth

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/internal/secret"
)

// nonceLabel names the key under which nonces are made.
const nonceLabel = "provider nonce"

// nonces makes and checks the nonces of ID tokens. Each is bound to a provider, a
// purpose and, if it is for an account, the session.
type nonces struct {
	*core
	limits *limits
	secret *secret.Root
}

func nonceBound(c Caller, provider string, what ProviderPurpose) [][]byte {
	session := uuid.Nil
	if what != ToLogIn {
		session = c.SessionID
	}
	return [][]byte{[]byte(provider), []byte(what), session[:]}
}

func (k *nonces) mint(c Caller, provider string, what ProviderPurpose) string {
	made := k.secret.Challenge(nonceLabel, instantBytes(k.now().Add(flowLife)), nonceBound(c, provider, what)...)
	return base64.RawURLEncoding.EncodeToString(made)
}

// open reports that a nonce is ours, for this use, and not too old.
func (k *nonces) open(c Caller, nonce, provider string, what ProviderPurpose) bool {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(nonce)
	if err != nil {
		return false
	}
	says, _, ok := k.secret.OpenChallenge(nonceLabel, raw, nonceBound(c, provider, what)...)
	return ok && len(says) == 8 && k.now().Before(time.Unix(int64(binary.BigEndian.Uint64(says)), 0)) //nolint:gosec // we wrote it
}

// spend uses a nonce up, and the token with it: one without a nonce would work
// again with another nonce of ours.
func (k *nonces) spend(ctx context.Context, nonce, token string) error {
	signed := token[:max(0, strings.LastIndexByte(token, '.'))] // a signature can be written in two ways
	sum := sha256.Sum256([]byte(signed))
	err := k.limits.spend(ctx,
		attempt{k.limits.providerNonce, "nonce " + nonce},
		attempt{k.limits.providerNonce, "token " + string(sum[:])})
	if is(err, RateLimited) {
		return refuse(InvalidToken, "idToken", "nonce")
	}
	return err
}

// fromToken checks an ID token, and uses its nonce up.
func (k *arrivals) fromToken(ctx context.Context, c Caller, in IDTokenInput, what ProviderPurpose) (*arrival, error) {
	p := k.set.Get(in.Provider)
	switch {
	case p == nil:
		return nil, refuse(NotFound, "idToken", "provider")
	case p.SDKClientID() == "":
		return nil, refuse(NotOffered, "idToken", "provider")
	case in.IDToken == "":
		return nil, refuse(Required, "idToken", "idToken")
	case !k.nonces.open(c, in.Nonce, p.ID, what):
		return nil, refuse(InvalidToken, "idToken", "nonce")
	}
	name := ""
	if in.Name != nil && *in.Name != "" {
		var err error
		if name, err = parseName(*in.Name, "idToken", "name"); err != nil {
			return nil, err
		}
	}
	who, err := p.IDToken(ctx, in.IDToken, in.Nonce, what == ToReauthenticate)
	if err != nil {
		return nil, k.refused(ctx, c, p.ID, err)
	}
	if who.Name == "" {
		who.Name = name
	}
	if err := k.nonces.spend(ctx, in.Nonce, in.IDToken); err != nil {
		return nil, err
	}
	return &arrival{provider: p, identity: *who, field: "idToken"}, nil
}
