package auth

import (
	"context"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
)

// BeginAtOnce begins a session of an account as it was read, and reports whether
// it could in one statement.
func (s *Service) BeginAtOnce(ctx context.Context, c Caller, u *ent.User) (bool, error) {
	by := byPassword(EventLogin, u)
	by.unchanged, by.session = u, uuid.Must(uuid.NewV7())
	b, err := s.passwordLogins.sessions.atOnce(ctx, c, sessionChoice{}, by)
	return b != nil, err
}

// HolderStatements are the statements that are written by hand, for a test of
// their plans. Each takes a token's id or digest.
func HolderStatements() []string { return holderSQL[:] }
