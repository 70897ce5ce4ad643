package auth

import "context"

// refreshes is the feature of continuing a session.
type refreshes struct {
	rotations *rotations
	settings  *Settings
}

// RefreshInput is the refresh token. If it is left out, the cookie is used.
type RefreshInput struct {
	RefreshToken *string
}

// Refresh trades a refresh token for the next one and an access token.
//
// One conditional UPDATE moves the session from its current generation to the
// next. For the grace time after that, the previous generation gets the same
// successor again, so that two tabs or a lost answer do no harm. Anything older
// or later is reuse: another person holds the token too. Then the session ends,
// and this is committed before the refusal is sent (RFC 9700 section 4.14.2).
func (f *refreshes) Refresh(ctx context.Context, c Caller, in RefreshInput) (*Login, error) {
	if in.RefreshToken != nil {
		return f.rotations.next(ctx, c, pasted(*in.RefreshToken), false, f.settings.AccessTTL)
	}
	return f.rotations.cookie(ctx, c, f.settings.AccessTTL)
}
