// Package totp makes and checks the codes of authenticator apps (RFC 6238 over
// RFC 4226): SHA-1, six digits, a step of thirty seconds, which is the one set
// that every app honours. It knows neither accounts nor storage.
package totp

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // RFC 6238, and what every app expects
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"strings"
	"time"
)

const (
	keySize = 20
	period  = 30 * time.Second
	digits  = 6
	// around is how many steps before and after the present one still count:
	// clocks differ, and typing takes time.
	around = 1
)

// NewKey returns a random key of 160 bits, as RFC 4226 section 4 recommends.
func NewKey() []byte {
	key := make([]byte, keySize)
	_, _ = rand.Read(key) // documented never to return an error
	return key
}

// Step is the number of the step that holds a moment.
func Step(now time.Time) int64 { return now.Unix() / int64(period/time.Second) }

// Code is the code of a step.
func Code(key []byte, step int64) string {
	mac := hmac.New(sha1.New, key)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(step)))
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 0x0f
	n := binary.BigEndian.Uint32(sum[at:]) & 0x7fffffff
	return fmt.Sprintf("%0*d", digits, n%1_000_000)
}

// Match finds the step whose code was given: the present one or a neighbour,
// but none up to after, the latest that was used. It always computes and
// compares all of them, so that its time tells nothing. Spaces in the code do
// not count.
func Match(key []byte, given string, now time.Time, after int64) (step int64, ok bool) {
	given = strings.ReplaceAll(given, " ", "")
	present := Step(now)
	for s := present - around; s <= present+around; s++ {
		same := subtle.ConstantTimeCompare([]byte(Code(key, s)), []byte(given)) == 1
		if same && s > after && !ok {
			step, ok = s, true
		}
	}
	return step, ok
}

// Secret is a key in base32, to type into an app.
func Secret(key []byte) string {
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(key)
}

// URI is what an app reads a key from: an otpauth URI that names the service
// and the account. A colon in the service's name would end it.
func URI(service, account string, key []byte) string {
	label := escape(service) + ":" + escape(account)
	return "otpauth://totp/" + label + "?secret=" + Secret(key) + "&issuer=" + escape(service) +
		"&algorithm=SHA1&digits=6&period=30"
}

// escape writes text for the label and the query alike: apps take + literally.
func escape(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }
