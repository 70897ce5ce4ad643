package auth

import (
	"encoding/base64"
	"encoding/binary"
	"time"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/internal/secret"
)

// deviceTTL is how long a browser is known after a login.
const deviceTTL = 365 * 24 * time.Hour

// deviceLabel names the derived key.
const deviceLabel = "known device"

// devices tells browsers that have logged in before from others.
type devices struct {
	*core
	secret *secret.Root
}

// cookie proves that a person at this browser once logged in to the account, and
// says whether a second factor was proved there as well. It is not a credential: its
// holder only gets a separate count of attempts. A change of password voids it.
func (d *devices) cookie(u *ent.User, proved bool) Cookie {
	expires := d.now().Add(deviceTTL)
	claim := deviceClaim(u.ID, expires, proved)
	mac := d.secret.MAC(deviceLabel, claim, credentialsEpoch(u))
	return Cookie{Name: DeviceCookie, Value: base64.RawURLEncoding.EncodeToString(append(claim, mac...)), Expires: expires}
}

// knows reports that the caller's browser has logged in to this account since
// the last change of its password.
func (d *devices) knows(c Caller, u *ent.User) bool {
	_, ok := d.read(c, u)
	return ok
}

// knowsFactors reports that a factor was proved in the caller's browser since the
// account's factors last changed: who knows only the password counts as a stranger to
// them.
func (d *devices) knowsFactors(c Caller, u *ent.User) bool {
	says, ok := d.read(c, u)
	return ok && says.proved && knownSince(u, says.expires.Add(-deviceTTL))
}

// provesFactors reports that a factor was proved in the caller's session or browser.
func (d *devices) provesFactors(c Caller) bool {
	return !c.StrongAt.IsZero() || d.knowsFactors(c, c.User)
}

// deviceSays is what a cookie says of its browser.
type deviceSays struct {
	expires time.Time
	proved  bool
}

// read reads the caller's cookie, if it is of this account and still good.
func (d *devices) read(c Caller, u *ent.User) (deviceSays, bool) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(c.Browser.device())
	if err != nil || len(raw) <= deviceClaimSize {
		return deviceSays{}, false
	}
	claim, mac := raw[:deviceClaimSize], raw[deviceClaimSize:]
	says := deviceSays{time.Unix(int64(binary.BigEndian.Uint64(claim[16:])), 0), claim[deviceClaimSize-1] == 1}
	ok := uuid.UUID(claim[:16]) == u.ID && d.now().Before(says.expires) && d.secret.CheckMAC(deviceLabel, mac, claim, credentialsEpoch(u))
	return says, ok
}

const deviceClaimSize = 16 + 8 + 1

func deviceClaim(userID uuid.UUID, expires time.Time, proved bool) []byte {
	claim := binary.BigEndian.AppendUint64(userID[:], uint64(expires.Unix()))
	if proved {
		return append(claim, 1)
	}
	return append(claim, 0)
}

func credentialsEpoch(u *ent.User) []byte {
	return binary.BigEndian.AppendUint64(nil, uint64(u.CredentialsChangedAt.UnixMicro()))
}

// factorsEpoch changes with the password and with the factors of an account.
func factorsEpoch(u *ent.User) []byte {
	epoch := credentialsEpoch(u)
	if u.FactorsChangedAt != nil {
		epoch = binary.BigEndian.AppendUint64(epoch, uint64(u.FactorsChangedAt.UnixMicro()))
	}
	return epoch
}
