package accesstoken

import "testing"

// BenchmarkAuthority shows what a request costs: a token seen for the first time
// (cold), and one that was verified before (warm), which should cost the same
// under every algorithm.
func BenchmarkAuthority(b *testing.B) {
	for _, alg := range algorithms() {
		c := newClock()
		k := generate(b, alg)
		with := func(cacheSize int) *Authority {
			a, err := New(Options{Issuer: issuer, Audience: audience, Algorithm: alg, Now: c.now, CacheSize: cacheSize}, ring(b, k))
			if err != nil {
				b.Fatal(err)
			}
			return a
		}
		cold, warm := with(-1), with(0)
		claims := sessionClaims(c)
		raw := issue(b, warm, claims)
		verify := func(b *testing.B, a *Authority) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := a.Verify(raw); err != nil {
					b.Fatal(err)
				}
			}
		}
		b.Run("issue/"+string(alg), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := warm.Issue(claims); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("cold/"+string(alg), func(b *testing.B) { verify(b, cold) })
		b.Run("warm/"+string(alg), func(b *testing.B) { verify(b, warm) })
	}
}
