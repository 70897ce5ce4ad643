package outbox

import (
	"slices"
	"strings"
	"time"

	"github.com/authgraph/authgraph/ent/outboxmessage"
	"github.com/authgraph/authgraph/ent/predicate"
)

const (
	// avoidFor is how long a domain is avoided after one of its letters was put
	// off.
	avoidFor = time.Minute
	// maxAvoided bounds how many domains are avoided: each is part of a query.
	maxAvoided = 16
)

// avoided are domains whose letters were put off, or broke the connection, just
// now. Some servers take long to say so, and who signs up chooses the domain:
// letters to others are tried first.
type avoided []struct {
	domain string
	since  time.Time
}

// add avoids a domain from now on.
func (a *avoided) add(domain string, now time.Time) {
	a.forget(domain)
	if len(*a) == maxAvoided {
		*a = slices.Delete(*a, 0, 1)
	}
	*a = append(*a, struct {
		domain string
		since  time.Time
	}{domain, now})
}

// forget avoids a domain no longer.
func (a *avoided) forget(domain string) {
	for i, one := range *a {
		if one.domain == domain {
			*a = slices.Delete(slices.Clone(*a), i, i+1)
			return
		}
	}
}

// letters selects those that are avoided; it is nil if none is.
func (a avoided) letters(now time.Time) predicate.OutboxMessage {
	var to []predicate.OutboxMessage
	for _, one := range a {
		if now.Sub(one.since) < avoidFor {
			to = append(to, outboxmessage.RecipientHasSuffix("@"+one.domain))
		}
	}
	if len(to) == 0 {
		return nil
	}
	return outboxmessage.Or(to...)
}

// domain is what follows the @ of a letter's address.
func domain(l letter) string { return l.Recipient[strings.LastIndexByte(l.Recipient, '@')+1:] }
