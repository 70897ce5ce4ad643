package accesstoken

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestRotation takes one key out of service and another into it, in the order in
// which replicas can follow.
func TestRotation(t *testing.T) {
	for _, alg := range algorithms() {
		t.Run(string(alg), func(t *testing.T) {
			c := newClock()
			ours, k1 := authority(t, alg, c)
			k2 := generate(t, alg)
			late, err := New(ours.opts, ring(t, k1)) // a replica that has not loaded k2 yet
			if err != nil {
				t.Fatal(err)
			}
			signedBy := func(a *Authority, want *Key) string {
				t.Helper()
				raw := issue(t, a, sessionClaims(c))
				head, _ := decodeSegment(raw[:strings.Index(raw, ".")])
				if !strings.Contains(string(head), want.ID()) {
					t.Errorf("not signed by the expected key: %s", head)
				}
				return raw
			}
			replace := func(a *Authority, r *Keyring) {
				t.Helper()
				if err := a.Replace(r); err != nil {
					t.Fatalf("Replace() = %v", err)
				}
			}
			published := func(a *Authority, keys ...*Key) {
				t.Helper()
				b, err := a.JWKS()
				if err != nil {
					t.Fatal(err)
				}
				for _, k := range keys {
					if got := strings.Contains(string(b), k.ID()); got == alg.symmetric() {
						t.Errorf("key published: %v", got)
					}
				}
				if n := strings.Count(string(b), `"kid"`); !alg.symmetric() && n != len(keys) {
					t.Errorf("%d keys published, want %d", n, len(keys))
				}
			}

			before := signedBy(ours, k1)
			wantAccepted(t, ours, "k1 before", before)
			published(ours, k1)

			// Publish: k2 is known and signs nothing.
			replace(ours, ring(t, k1, k2))
			published(ours, k1, k2)
			wantAccepted(t, late, "k1 on the late replica", signedBy(ours, k1))

			// Sign: both are accepted, new tokens are k2's.
			replace(ours, ring(t, k2, k1))
			published(ours, k1, k2)
			after := signedBy(ours, k2)
			wantAccepted(t, ours, "k2", after)
			wantAccepted(t, ours, "k1, still living", before)
			wantError(t, late, "k2 on the late replica", after, ErrUnknownKey)
			replace(late, ring(t, k1, k2))
			wantAccepted(t, late, "k2, after loading the keys", after)

			// Retire: k1's tokens are refused at once, remembered or not.
			replace(ours, ring(t, k2))
			published(ours, k2)
			wantError(t, ours, "k1, retired", before, ErrUnknownKey)
			wantAccepted(t, ours, "k2, after retiring k1", after)
		})
	}
}

func TestReplace(t *testing.T) {
	c := newClock()
	a, k := authority(t, HS256, c)
	raw := issue(t, a, sessionClaims(c))
	wantAccepted(t, a, "token", raw)
	remembered := func() int { return a.current.Load().verified.Len() }

	t.Run("the same keys again keep what was verified", func(t *testing.T) {
		der, err := k.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParseKey(string(HS256), k.ID(), der)
		if err != nil {
			t.Fatal(err)
		}
		if err := a.Replace(ring(t, again)); err != nil || remembered() != 1 {
			t.Errorf("error %v, %d tokens remembered, want 1", err, remembered())
		}
	})
	t.Run("another secret under the same id is another key", func(t *testing.T) {
		other, err := ParseKey(string(HS256), k.ID(), randomBytes(32))
		if err != nil {
			t.Fatal(err)
		}
		if err := a.Replace(ring(t, other)); err != nil || remembered() != 0 {
			t.Errorf("error %v, %d tokens remembered, want none", err, remembered())
		}
		wantRefused(t, a, "signed by the former secret", raw)
	})
	t.Run("a ring of another algorithm is refused, and nothing changes", func(t *testing.T) {
		before := a.Keyring()
		if err := a.Replace(ring(t, generate(t, ES256))); err == nil || a.Keyring() != before {
			t.Errorf("Replace() = %v", err)
		}
		if err := a.Replace(nil); err == nil || a.Keyring() != before {
			t.Errorf("Replace(nil) = %v", err)
		}
	})
}

func TestNewKeyringRefuses(t *testing.T) {
	es, hs := generate(t, ES256), generate(t, HS256)
	sameID, err := ParseKey(string(HS256), hs.ID(), randomBytes(32))
	if err != nil {
		t.Fatal(err)
	}
	for name, keys := range map[string][]*Key{
		"no key":                {nil},
		"a missing key":         {es, nil},
		"the same key twice":    {es, es},
		"two secrets of one id": {hs, sameID},
	} {
		if _, err := NewKeyring(keys[0], keys[1:]...); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

// TestKeysOfSeveralAlgorithms: each verifies by its own algorithm and no other,
// whatever signs at present, and secrets are published never.
func TestKeysOfSeveralAlgorithms(t *testing.T) {
	c := newClock()
	keys := make([]*Key, 0, 4)
	for _, alg := range algorithms() {
		keys = append(keys, generate(t, alg))
	}
	for i, signing := range keys {
		others := slices.Concat(keys[:i], keys[i+1:])
		a, err := New(Options{Issuer: issuer, Audience: audience, Algorithm: signing.Algorithm(), Now: c.now}, ring(t, signing, others...))
		if err != nil {
			t.Fatalf("New() = %v", err)
		}
		for _, k := range keys {
			wantAccepted(t, a, string(k.Algorithm())+" by its own key", signed(t, k, goodHeader(k), payload(t, c, nil)))
			for _, other := range keys {
				if other == k {
					continue
				}
				named := `{"alg":"` + string(k.Algorithm()) + `","kid":"` + other.ID() + `","typ":"at+jwt"}`
				wantRefused(t, a, string(k.Algorithm())+" by a key of "+string(other.Algorithm()), signed(t, k, named, payload(t, c, nil)))
				claimed := `{"alg":"` + string(other.Algorithm()) + `","kid":"` + k.ID() + `","typ":"at+jwt"}`
				wantRefused(t, a, string(k.Algorithm())+" that says it is "+string(other.Algorithm()), signed(t, k, claimed, payload(t, c, nil)))
			}
		}
		set, err := a.JWKS()
		if err != nil || strings.Contains(string(set), `"oct"`) || strings.Contains(string(set), "HS256") || strings.Count(string(set), `"kid"`) != 3 {
			t.Errorf("JWKS() = %s, %v, want the three public keys", set, err)
		}
	}
}

// TestReplaceRace verifies, issues and publishes while keys are exchanged. After
// the last exchange nothing of the removed key is accepted.
func TestReplaceRace(t *testing.T) {
	c := newClock()
	a, k1 := authority(t, HS256, c)
	k2 := generate(t, HS256)
	first := issue(t, a, sessionClaims(c))

	var readers sync.WaitGroup
	for range 8 {
		readers.Go(func() {
			for range 300 {
				if _, err := a.Verify(first); err != nil && err != ErrUnknownKey {
					t.Errorf("Verify() = %v", err)
				}
				raw, err := a.Issue(sessionClaims(c))
				if err != nil {
					t.Errorf("Issue() = %v", err)
				}
				if _, err := a.Verify(raw); err != nil && err != ErrUnknownKey {
					t.Errorf("Verify() = %v", err)
				}
				if _, err := a.JWKS(); err != nil {
					t.Errorf("JWKS() = %v", err)
				}
			}
		})
	}
	rings := []*Keyring{ring(t, k1, k2), ring(t, k2, k1), ring(t, k2), ring(t, k1)}
	for i := range 400 {
		if err := a.Replace(rings[i%len(rings)]); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.Replace(ring(t, k2)); err != nil {
		t.Fatal(err)
	}
	wantError(t, a, "right after the last exchange", first, ErrUnknownKey)
	readers.Wait()
	wantError(t, a, "when all readers are done", first, ErrUnknownKey)
	c.t = c.t.Add(time.Minute)
	wantAccepted(t, a, "the key that stayed", issue(t, a, sessionClaims(c)))
}
