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

// cookie proves that a person at this browser once knew the account's password.
// It is not a credential: its holder only gets a separate count of attempts. A
// change of password voids it.
func (d *devices) cookie(u *ent.User) Cookie {
	expires := d.now().Add(deviceTTL)
	claim := deviceClaim(u.ID, expires)
	mac := d.secret.MAC(deviceLabel, claim, credentialsEpoch(u))
	return Cookie{Name: DeviceCookie, Value: base64.RawURLEncoding.EncodeToString(append(claim, mac...)), Expires: expires}
}

// knows reports that the caller's browser has logged in to this account since
// the last change of its password.
func (d *devices) knows(c Caller, u *ent.User) bool {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(c.Browser.device())
	if err != nil || len(raw) <= deviceClaimSize {
		return false
	}
	claim, mac := raw[:deviceClaimSize], raw[deviceClaimSize:]
	expires := time.Unix(int64(binary.BigEndian.Uint64(claim[16:])), 0)
	return uuid.UUID(claim[:16]) == u.ID && d.now().Before(expires) &&
		d.secret.CheckMAC(deviceLabel, mac, claim, credentialsEpoch(u))
}

// knowsFactors reports that the caller's browser has logged in to this account
// since its factors last changed: who knew only the password before counts as
// a stranger to them.
func (d *devices) knowsFactors(c Caller, u *ent.User) bool {
	if !d.knows(c, u) {
		return false
	}
	raw, _ := base64.RawURLEncoding.Strict().DecodeString(c.Browser.device()) // knows has read it
	expires := time.Unix(int64(binary.BigEndian.Uint64(raw[16:deviceClaimSize])), 0)
	return knownSince(u, expires.Add(-deviceTTL))
}

const deviceClaimSize = 16 + 8

func deviceClaim(userID uuid.UUID, expires time.Time) []byte {
	return binary.BigEndian.AppendUint64(userID[:], uint64(expires.Unix()))
}

func credentialsEpoch(u *ent.User) []byte {
	return binary.BigEndian.AppendUint64(nil, uint64(u.CredentialsChangedAt.UnixMicro()))
}
