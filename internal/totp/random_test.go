package totp_test

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // as RFC 6238
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/totp"
)

// slowCode is the code of RFC 4226 section 5.3 in another way: byte by byte, and in
// decimal by big numbers.
func slowCode(key []byte, seconds int64) string {
	message := make([]byte, 8)
	new(big.Int).Div(big.NewInt(seconds), big.NewInt(30)).FillBytes(message)
	h := hmac.New(sha1.New, key)
	h.Write(message)
	sum := h.Sum(nil)
	part := sum[sum[19]%16:][:4]
	part[0] %= 128
	text := "00000" + new(big.Int).SetBytes(part).String()
	return text[len(text)-6:]
}

// Random keys and times: our codes are those of the standard, and a code is good for
// its own step and the two beside it, once.
func TestRandomCases(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same cases each time
	for range 20_000 {
		key := make([]byte, 1+r.IntN(64))
		for i := range key {
			key[i] = byte(r.Uint32())
		}
		at := r.Int64N(1 << 36)
		want := slowCode(key, at)
		if got := totp.Code(key, totp.Step(time.Unix(at, 0))); got != want {
			t.Fatalf("key %x at %d: %s, want %s", key, at, got, want)
		}
		off := r.Int64N(7) - 3 // steps between the app's clock and ours
		now := time.Unix(at+30*off, 0)
		step, ok := totp.Match(key, want, now, 0)
		near := off >= -1 && off <= 1
		if near != (ok && step == at/30) && !strings.Contains(others(key, at, off), want) {
			t.Fatalf("key %x at %d, %d steps off: Match() = %d, %t", key, at, off, step, ok)
		}
		if again, ok := totp.Match(key, want, now, max(step, at/30)); ok && again <= at/30 {
			t.Fatalf("key %x at %d: the code of a step that was used is taken", key, at)
		}
	}
}

// others are the codes of the other steps that count then: one of them may by chance
// be the same.
func others(key []byte, at, off int64) (codes string) {
	for s := at/30 + off - 1; s <= at/30+off+1; s++ {
		if s != at/30 && s >= 0 {
			codes += slowCode(key, s*30) + " "
		}
	}
	return codes
}
