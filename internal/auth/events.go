package auth

import (
	"context"
	"fmt"
	"time"

	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/auditevent"
)

// EventFilter says which recorded events to read. Zero values filter nothing.
type EventFilter struct {
	User         uuid.UUID
	Event        string
	Outcome      string
	Since, Until time.Time
	// Limit is how many of the latest events to read; 0 means 100.
	Limit int
}

// trails reads the audit log.
type trails struct{ *core }

// Events reads recorded events, the latest first.
func (r *trails) Events(ctx context.Context, f EventFilter) ([]*ent.AuditEvent, error) {
	q := r.store.AuditEvent.Query()
	if f.User != uuid.Nil {
		q.Where(auditevent.UserID(f.User))
	}
	if f.Event != "" {
		q.Where(auditevent.Event(f.Event))
	}
	if f.Outcome != "" {
		q.Where(auditevent.Outcome(f.Outcome))
	}
	if !f.Since.IsZero() {
		q.Where(auditevent.AtGTE(f.Since.UTC()))
	}
	if !f.Until.IsZero() {
		q.Where(auditevent.AtLT(f.Until.UTC()))
	}
	if f.Limit == 0 {
		f.Limit = 100
	}
	events, err := q.Order(auditevent.ByAt(sql.OrderDesc()), auditevent.ByID(sql.OrderDesc())).Limit(f.Limit).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read recorded events: %w", err)
	}
	return events, nil
}
