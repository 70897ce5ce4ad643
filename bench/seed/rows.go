package seed

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/internal/secret"
)

// week is how long ago the first account was made, and month how long a session
// lives.
const (
	week  = 7 * 24 * time.Hour
	month = 30 * 24 * time.Hour
)

const agent = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"

// table is where rows go, and which columns they fill.
type table struct {
	name    string
	columns []string
}

var (
	users = table{"users", []string{"id", "email", "email_key", "password_hash", "credentials_changed_at", "confirmed_at", "created_at", "updated_at"}}
	// tokens are sessions that have not been refreshed yet.
	tokens = table{"user_tokens", []string{"id", "purpose", "user_id", "digest", "created_at", "expires_at", "ends_at", "generation",
		"rotated_at", "authenticated_at", "methods", "last_used_at", "user_agent", "ip_address"}}
	events = table{"audit_events", []string{"id", "at", "event", "outcome", "actor", "user_id", "session_id", "ip_address", "user_agent", "request_id"}}
)

// rows are those of a batch, in the order in which they refer to each other.
type rows []struct {
	table
	rows [][]any
}

// next makes up so many accounts more.
func (p *people) next(n int) rows {
	all := rows{{table: users}, {table: tokens}, {table: events}}
	for range n {
		at := p.from.Add(week * time.Duration(p.made) / time.Duration(p.options.Accounts))
		email := fmt.Sprintf("person-%08d@%s.example.org", p.made, p.tag)
		ip := fmt.Sprintf("10.%d.%d.%d", byte(p.made>>16), byte(p.made>>8), byte(p.made))
		id := idAt(at)
		all[0].rows = append(all[0].rows, []any{id, email, email, p.hash, at, at, at, at})
		refresh := secret.NewRefresh(idAt(at))
		p.keep(email, refresh)
		all[1].rows = append(all[1].rows, []any{refresh.SessionID, "session", id, refresh.Digest(), at, at.Add(2 * week), at.Add(month), 0,
			at, at, "password", at, agent, ip})
		for i := range p.options.Events {
			event := "login"
			if i == 0 {
				event = "sign_up"
			}
			all[2].rows = append(all[2].rows, []any{idAt(at), at, event, "ok", "anonymous", id, refresh.SessionID, ip, agent, idAt(at).String()})
		}
		p.made++
	}
	return all
}

// keep takes a session into the sample, if it is its turn.
func (p *people) keep(email string, refresh secret.Refresh) {
	taken, wanted := len(p.sample), min(p.options.Sample, p.options.Accounts)
	if taken < wanted && p.made >= taken*p.options.Accounts/wanted {
		p.sample = append(p.sample, Session{email, p.root.FormatRefresh(refresh)})
	}
}

// idAt is a UUIDv7 of another time: its first six bytes are the milliseconds.
func idAt(at time.Time) uuid.UUID {
	id := uuid.Must(uuid.NewV7())
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(at.UnixMilli())) //nolint:gosec // after 1970
	copy(id[:6], ms[2:])
	return id
}
