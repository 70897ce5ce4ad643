package auth

import "context"

// refreshes is the feature of going on with a session.
type refreshes struct {
	rotations *rotations
	settings  *Settings
}

// RefreshInput is the refresh token; left out, it is taken from the cookie.
type RefreshInput struct {
	RefreshToken *string
}

// Refresh trades a refresh token for the next one and an access token.
//
// The current generation moves on by one conditional UPDATE. Within the grace
// time of that move the generation before gets the same successor again, so
// that two tabs or a lost answer are harmless. Anything older or later is
// reuse: somebody else holds the token too, and the session ends, durably,
// before the refusal is sent (RFC 9700 section 4.14.2).
func (f *refreshes) Refresh(ctx context.Context, c Caller, in RefreshInput) (*Login, error) {
	if in.RefreshToken != nil {
		return f.rotations.next(ctx, c, pasted(*in.RefreshToken), false, f.settings.AccessTTL)
	}
	return f.rotations.cookie(ctx, c, f.settings.AccessTTL)
}
