package auth

import (
	"context"
)

// RefreshKeys is what Run does now and then: it replaces an old key and takes
// the keys in the database into use.
func (s *Service) RefreshKeys(ctx context.Context) error { return s.keys.refresh(ctx, s.tokens) }

// HoldKeys has every reading of the keys wait until release is called.
func (s *Service) HoldKeys() (release func()) {
	s.keys.turn <- struct{}{}
	return func() { <-s.keys.turn }
}

// PublishLead is how long a key is published before it signs, and KeyTrust how
// long keys are believed where changes by others are not heard of.
const (
	PublishLead = publishLead
	KeyTrust    = keyTrust
)
