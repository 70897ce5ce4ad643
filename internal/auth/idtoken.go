package auth

import (
	"context"

	"github.com/authgraph/authgraph/internal/oidc"
)

// idTokens is the feature of logging in with an ID token that an app has got from
// the provider's own SDK.
type idTokens struct {
	*core
	limits   *limits
	nonces   *nonces
	set      *oidc.Set
	settings *Settings
}

// StartIDTokenInput says which provider's SDK is asked, and what for.
type StartIDTokenInput struct {
	Provider string
	Purpose  ProviderPurpose
}

// IDTokenInput is what the provider's SDK handed out.
type IDTokenInput struct {
	Provider, IDToken, Nonce string
	// Name is for showing, if the token has none.
	Name *string
}

// StartIDToken makes a nonce for the provider's SDK. Without it an ID token that
// somebody finds would log in for an hour. It is stored nowhere, and works once.
func (f *idTokens) StartIDToken(ctx context.Context, c Caller, in StartIDTokenInput) (*string, error) {
	if in.Purpose == "" {
		in.Purpose = ToLogIn
	}
	p := f.set.Get(in.Provider)
	switch {
	case p == nil:
		return nil, refuse(NotFound, "provider")
	case p.SDKClientID() == "":
		return nil, refuse(NotOffered, "provider")
	}
	if err := f.settings.mayVisit(c, in.Purpose, f.now()); err != nil {
		return nil, err
	}
	if err := f.limits.spend(ctx, attempt{f.limits.providerStart, source(c.IP)}); err != nil {
		return nil, err
	}
	return new(f.nonces.mint(c, p.ID, in.Purpose)), nil
}
