package secret

import (
	"math/rand/v2"
	"strings"
	"testing"
)

const (
	base64url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	base62s   = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

// A place is a position of a token and the characters that may stand there,
// with the value of chi-square that random text exceeds with p = 0.001.
type place struct {
	at       int
	alphabet string
	critical float64
}

// unfair returns the places where the characters of the samples are not evenly
// spread (p <= 0.001).
func unfair(samples []string, places []place) []place {
	var bad []place
	for _, p := range places {
		counts := make([]int, len(p.alphabet))
		for _, s := range samples {
			i := strings.IndexByte(p.alphabet, s[p.at])
			if i < 0 {
				return places // a character that cannot be there
			}
			counts[i]++
		}
		expected := float64(len(samples)) / float64(len(counts))
		chi := 0.0
		for _, n := range counts {
			d := float64(n) - expected
			chi += d * d / expected
		}
		if chi > p.critical {
			bad = append(bad, p)
		}
	}
	return bad
}

// suspects looks at 10,000 tokens, and at the places that fail again with
// 10,000 new ones, up to three times. Good randomness fails one place with
// p = 0.001, the same place thrice with p = 1e-9, any of a hundred places with
// p = 1e-7: the test does not flicker. A generator that is unfair at a place
// fails there each time.
func suspects(t *testing.T, mint func() string, places []place) []place {
	t.Helper()
	seen := make(map[string]bool, 10_000)
	for range 3 {
		samples := make([]string, 10_000)
		for i := range samples {
			samples[i] = mint()
			if seen[samples[i]] {
				t.Fatal("a token was minted twice")
			}
			seen[samples[i]] = true
		}
		if places = unfair(samples, places); len(places) == 0 {
			break
		}
	}
	return places
}

// Critical values of chi-square for p = 0.001 with 63, 61 and 15 degrees of
// freedom.
const critical63, critical61, critical15 = 103.442, 100.888, 37.697

func mailedPlaces() []place {
	var places []place
	for i := range 42 {
		places = append(places, place{i, base64url, critical63})
	}
	// The last character holds the last four of 256 bits: every fourth letter.
	return append(places, place{42, "AEIMQUYcgkosw048", critical15})
}

func TestTokensAreRandom(t *testing.T) {
	t.Run("mailed", func(t *testing.T) {
		mint := func() string { plain, _ := Mint(); return plain }
		for _, p := range suspects(t, mint, mailedPlaces()) {
			t.Errorf("position %d is not evenly spread", p.at)
		}
	})
	t.Run("API", func(t *testing.T) {
		// The first digits are left out: 2^256 is no power of 62.
		var places []place
		for i := len(apiPrefix) + 3; i < len(apiPrefix)+bodyWidth; i++ {
			places = append(places, place{i, base62s, critical61})
		}
		mint := func() string { plain, _, _ := MintAPI(); return plain }
		for _, p := range suspects(t, mint, places) {
			t.Errorf("position %d is not evenly spread", p.at)
		}
	})
	t.Run("the test sees a generator that is slightly unfair", func(t *testing.T) {
		// The classic mistake: a random byte modulo an alphabet of 60.
		mint := func() string {
			b := make([]byte, 43)
			for i := range b {
				b[i] = base64url[rand.IntN(256)%60]
			}
			return string(b)
		}
		if got := suspects(t, mint, mailedPlaces()[:42]); len(got) != 42 {
			t.Errorf("found %d of 42 unfair positions", len(got))
		}
	})
}
