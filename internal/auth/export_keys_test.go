package auth

import (
	"context"

	"github.com/authgraph/authgraph/internal/signing"
)

// RefreshKeys is what Run does now and then: it replaces an old key and takes
// the keys in the database into use.
func (s *Service) RefreshKeys(ctx context.Context) error { return s.keys.Refresh(ctx) }

// PublishLead is how long a key is published before it signs, and KeyTrust how
// long keys are believed where changes by others are not heard of.
const (
	PublishLead = signing.PublishLead
	KeyTrust    = signing.Trust
)
