package auth

import (
	"context"

	"github.com/authgraph/authgraph/internal/signing"
)

// RefreshKeys is what Run does regularly: it replaces an old key and takes the
// keys in the database into use.
func (s *Service) RefreshKeys(ctx context.Context) error { return s.keys.Refresh(ctx) }

// PublishLead is how long a key is published before it signs. KeyTrust is how
// long keys are trusted when changes by other processes are not heard of.
const (
	PublishLead = signing.PublishLead
	KeyTrust    = signing.Trust
)
