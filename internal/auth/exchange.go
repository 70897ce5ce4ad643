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

// maxExchangedTTL bounds the life of what Exchange hands out: services that
// verify it alone do not hear of its end.
const maxExchangedTTL = 15 * time.Minute

// exchanges is the feature of handing out access tokens for other services.
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

// Exchange makes an access token that other services verify by JWKS, from an
// API token as bearer, or, where no bearer was sent, from the session cookie,
// which it rotates as Refresh does. It is UNAUTHENTICATED without either, and
// never takes an access token: none begets another.
//
// A token made from an API token carries its scopes and its id, is that API
// token when it comes back to us, and ends with it.
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
		return nil, gone // it ends as we speak
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
	return &AccessToken{Token: login.AccessToken, ExpiresIn: login.ExpiresIn}, nil
}
