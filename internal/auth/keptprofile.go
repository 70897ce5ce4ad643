package auth

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/internal/profile"
)

// keptProfiles reads what is kept of people. The operator can write it in the
// database, and can make a mistake. That must cost an account its profile, and not
// its login.
type keptProfiles struct {
	*core
	told atomic.Int64 // when one that cannot be read was last logged
}

// of is what is kept of an account. It is false if it cannot be read. The log says
// so once an hour.
func (k *keptProfiles) of(u *ent.User) (profile.Values, bool) {
	values, err := profile.Read(u.Profile)
	if err == nil {
		return values, true
	}
	if onceAnHour(&k.told, k.now()) {
		k.log.Error("the profile of an account cannot be read; it is null until users.profile holds a JSON object", "account", u.ID, "err", err)
	}
	return nil, false
}

// lazyProfile is what is kept of an account that stays in memory, read when it is
// first asked for. It is safe for use by many goroutines.
type lazyProfile struct {
	once   sync.Once
	values profile.Values
	fine   bool
}

// lazily is for a user who was just read; nil if nothing is kept of them.
func lazily(u *ent.User) *lazyProfile {
	if u.Profile == "" || u.Profile == profile.Empty {
		return nil
	}
	return new(lazyProfile)
}

// ofCaller is of for an account that may be the caller's own.
func (k *keptProfiles) ofCaller(c Caller, u *ent.User) (profile.Values, bool) {
	l := c.kept
	if l == nil || c.User != u {
		return k.of(u)
	}
	l.once.Do(func() { l.values, l.fine = k.of(u) })
	return l.values, l.fine
}

// onceAnHour reports that an hour has passed since it last did, and notes the time.
func onceAnHour(last *atomic.Int64, now time.Time) bool {
	before, seconds := last.Load(), now.Unix()
	return seconds-before >= int64(time.Hour/time.Second) && last.CompareAndSwap(before, seconds)
}
