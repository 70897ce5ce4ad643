package auth

import (
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

// onceAnHour reports that an hour has passed since it last did, and notes the time.
func onceAnHour(last *atomic.Int64, now time.Time) bool {
	before, seconds := last.Load(), now.Unix()
	return seconds-before >= int64(time.Hour/time.Second) && last.CompareAndSwap(before, seconds)
}
