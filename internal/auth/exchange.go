package auth

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/internal/accesstoken"
	"github.com/authgraph/authgraph/internal/secret"
	"github.com/authgraph/authgraph/internal/signing"
)

// maxExchangedTTL limits the life of an exchanged token. A service that
// verifies it alone does not learn that its session ended.
const maxExchangedTTL = 15 * time.Minute

// exchanges is the feature of making access tokens for other services.
type exchanges struct {
	*core
	holders   *holders
	rotations *rotations
	keys      *signing.Keys
	settings  *Settings
}

// AccessToken is an access token for other services.
type AccessToken struct {
	Token     string
	ExpiresIn int // seconds
}

// Exchange makes an access token that other services verify with the JWKS. It
// takes an API token as the bearer. Without a bearer it takes the session
// cookie, and rotates it as Refresh does. Without either it is UNAUTHENTICATED.
// It refuses an access token: an access token never makes another one.
// A session that still needs a second factor is SECOND_FACTOR_REQUIRED.
//
// A token made from an API token has the same scopes and the API token's id,
// and does not outlive it. When it is sent to this server, it counts as that
// API token.
func (f *exchanges) Exchange(ctx context.Context, c Caller, bearer string) (*AccessToken, error) {
	if bearer == "" && c.Refused == "" && c.Browser.session() != "" {
		return f.exchangeCookie(ctx, c)
	}
	if !secret.LooksLikeAPI(bearer) || !c.IsAPIToken() {
		if c.Refused == "" && bearer != "" {
			c.Refused = ReasonInvalid
		}
		return nil, NotAuthenticated(c)
	}
	h, err := f.holders.find(ctx, apiHolderByID, c.TokenID)
	if err != nil {
		return nil, err
	}
	gone := &Error{Code: Unauthenticated, Reason: ReasonRevoked}
	if h == nil || h.user.DisabledAt != nil {
		return nil, gone
	}
	now := f.now()
	expires := accessEnd(now, min(f.settings.AccessTTL, maxExchangedTTL), h.token.expiresAt)
	if expires.Sub(now) < time.Second {
		return nil, gone // less than a second is left, and tokens count whole seconds
	}
	token, err := f.keys.Issue(accesstoken.Claims{
		Subject: h.user.ID, TokenID: h.token.id, Scope: strings.Join(c.Scopes, " "),
		IssuedAt: now, NotBefore: now, ExpiresAt: expires, ID: uuid.New(),
	})
	if err != nil {
		return nil, fmt.Errorf("sign an access token: %w", err)
	}
	return &AccessToken{Token: token, ExpiresIn: int(expires.Sub(now) / time.Second)}, nil
}

func (f *exchanges) exchangeCookie(ctx context.Context, c Caller) (*AccessToken, error) {
	login, err := f.rotations.cookie(ctx, c, min(f.settings.AccessTTL, maxExchangedTTL))
	if is(err, InvalidToken) {
		return nil, &Error{Code: Unauthenticated, Reason: ReasonInvalid}
	}
	if err != nil {
		return nil, err
	}
	if login.Limited {
		return nil, refuse(SecondFactorNeeded)
	}
	return &AccessToken{Token: login.AccessToken, ExpiresIn: login.ExpiresIn}, nil
}
