package password

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

// hasher makes a cheap one where nothing else is asked for.
func hasher(t testing.TB, o Options) *Hasher {
	t.Helper()
	if o.Scheme == (Scheme{}) {
		o.Scheme = InsecureForTests()
	}
	h, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func pepper(id string) Pepper {
	return Pepper{ID: id, Key: bytes.Repeat([]byte(id)[:1], minPepperKey)}
}

func store(t *testing.T, h *Hasher, password string) string {
	t.Helper()
	stored, err := h.Hash(context.Background(), password)
	if err != nil {
		t.Fatal(err)
	}
	return stored
}

func TestHash(t *testing.T) {
	for _, c := range []struct {
		scheme Scheme
		plain  string
		keyed  string
	}{
		{DefaultScheme(), "$argon2id$v=19$m=19456,t=2,p=1$", "$argon2id$v=19$m=19456,t=2,p=1,keyid=MjAyNg$"},
		{Scheme{algorithm: scryptPHC, logN: 5, blockSize: 8, lanes: 1}, "$scrypt$ln=5,r=8,p=1$", "$scrypt$ln=5,r=8,p=1,keyid=MjAyNg$"},
		{Scheme{algorithm: bcryptHMAC, cost: 4}, "$bcrypt-hmac$v=1$2a$04$", "$bcrypt-hmac$v=1,keyid=MjAyNg$2a$04$"},
	} {
		for _, peppers := range [][]Pepper{nil, {pepper("2026")}} {
			want := c.plain
			if peppers != nil {
				want = c.keyed
			}
			h := hasher(t, Options{Scheme: c.scheme, Peppers: peppers})
			stored := store(t, h, "correct horse")
			if !strings.HasPrefix(stored, want) {
				t.Errorf("Hash() = %s, want it to begin with %s", stored, want)
			}
			if other := store(t, h, "correct horse"); other == stored {
				t.Errorf("Hash() = %s twice: the salt is not random", other)
			}
			if ok, rehash, err := h.Verify(context.Background(), "correct horse", stored); !ok || rehash || err != nil {
				t.Errorf("Verify(%s) = %v, %v, %v, want true, false, nil", stored, ok, rehash, err)
			}
			if ok, rehash, err := h.Verify(context.Background(), "correct hors", stored); ok || rehash || err != nil {
				t.Errorf("Verify(%s) with another password = %v, %v, %v, want false, false, nil", stored, ok, rehash, err)
			}
		}
	}
}

// ASVS 5.0, V6.2.8: verified as received, but for the Unicode form.
func TestPasswordsAreUsedAsReceived(t *testing.T) {
	for _, s := range []Scheme{InsecureForTests(), {algorithm: scryptPHC, logN: 1, blockSize: 1, lanes: 1}, {algorithm: bcryptHMAC, cost: 4}} {
		h := hasher(t, Options{Scheme: s})
		for _, password := range []string{"  two  spaces  ", "Case", "caf\u00e9", "nul\x00byte", strings.Repeat("long ", 30) + "end", "\xff\xfe"} {
			stored := store(t, h, password)
			if ok, _, err := h.Verify(context.Background(), password, stored); !ok || err != nil {
				t.Errorf("%v: Verify(%q) = %v, %v, want true, nil", s, password, ok, err)
			}
			for _, other := range []string{
				strings.TrimSpace(password), strings.ToUpper(password), strings.ReplaceAll(password, "  ", " "),
				strings.ReplaceAll(password, "\u00e9", "e"), strings.ToValidUTF8(password, "\uFFFD"),
				password[:len(password)-1], password + " ", strings.TrimRight(password[:min(len(password), 72)], "d"),
				strings.TrimRight(password[:min(len(password), 64)], "d"), strings.Split(password, "\x00")[0],
			} {
				if other == password {
					continue
				}
				if ok, _, err := h.Verify(context.Background(), other, stored); ok || err != nil {
					t.Errorf("%v: Verify(%q) against the hash of %q = %v, %v, want false, nil", s, other, password, ok, err)
				}
			}
		}
	}
}

func TestRehash(t *testing.T) {
	old, present := pepper("old"), pepper("new")
	weak := Scheme{algorithm: argon2id, memory: 64, passes: 1, lanes: 1}
	strong := Scheme{algorithm: argon2id, memory: 64, passes: 3, lanes: 1}
	for _, c := range []struct {
		what     string
		was, now Options
		rehash   bool
	}{
		{"nothing changed", Options{Scheme: weak}, Options{Scheme: weak}, false},
		{"a stronger setting", Options{Scheme: weak}, Options{Scheme: strong}, true},
		{"another setting", Options{Scheme: strong}, Options{Scheme: weak}, true},
		{"another algorithm", Options{Scheme: Scheme{algorithm: bcryptHMAC, cost: 4}}, Options{Scheme: weak}, true},
		{"a first pepper", Options{}, Options{Peppers: []Pepper{present}}, true},
		{"the same pepper", Options{Peppers: []Pepper{present}}, Options{Peppers: []Pepper{present}}, false},
		{"a pepper that was replaced", Options{Peppers: []Pepper{old}}, Options{Peppers: []Pepper{present, old}}, true},
		{"a pepper that is on its way out", Options{Peppers: []Pepper{old}}, Options{Peppers: []Pepper{old, present}}, false},
	} {
		stored := store(t, hasher(t, c.was), "correct horse")
		now := hasher(t, c.now)
		if ok, rehash, err := now.Verify(context.Background(), "correct horse", stored); !ok || rehash != c.rehash || err != nil {
			t.Errorf("%s: Verify() = %v, %v, %v, want true, %v, nil", c.what, ok, rehash, err, c.rehash)
		}
		if ok, rehash, err := now.Verify(context.Background(), "wrong horse", stored); ok || rehash || err != nil {
			t.Errorf("%s: Verify() of another password = %v, %v, %v, want false, false, nil", c.what, ok, rehash, err)
		}
	}
}

func TestPepperIsNeeded(t *testing.T) {
	stored := store(t, hasher(t, Options{Peppers: []Pepper{pepper("a")}}), "correct horse")
	impostor := pepper("b")
	impostor.ID = "a"
	if ok, _, err := hasher(t, Options{Peppers: []Pepper{impostor}}).Verify(context.Background(), "correct horse", stored); ok || err != nil {
		t.Errorf("Verify() under another key = %v, %v, want false, nil", ok, err)
	}
	if ok, _, err := hasher(t, Options{}).Verify(context.Background(), "correct horse", stored); ok || !errors.Is(err, ErrUnreadable) {
		t.Errorf("Verify() without the key = %v, %v, want false, ErrUnreadable", ok, err)
	}
}

func TestNewRefuses(t *testing.T) {
	key := make([]byte, minPepperKey)
	for what, o := range map[string]Options{
		"too much work":              {Scheme: Scheme{algorithm: argon2id, memory: 1 << 30, passes: 1, lanes: 1}},
		"negative slots":             {Slots: -1},
		"a negative wait":            {Wait: -1},
		"a pepper without ID":        {Peppers: []Pepper{{Key: key}}},
		"a long pepper ID":           {Peppers: []Pepper{{ID: "ninebytes", Key: key}}},
		"a strange pepper ID":        {Peppers: []Pepper{{ID: "a$b", Key: key}}},
		"a short pepper":             {Peppers: []Pepper{{ID: "a", Key: key[1:]}}},
		"two peppers of the same ID": {Peppers: []Pepper{{ID: "a", Key: key}, {ID: "a", Key: key}}},
	} {
		if _, err := New(o); err == nil {
			t.Errorf("New() with %s succeeds", what)
		}
	}
	if _, err := New(Options{}); err != nil {
		t.Errorf("New(Options{}) = %v, want nil", err)
	}
}

// A login for nobody, one with a wrong password and one at an account whose
// hash is damaged all run the algorithm once, with the same work factors. The
// clock is asked when a hash begins and when it ends, and counts them.
func TestSameWork(t *testing.T) {
	for _, peppers := range [][]Pepper{nil, {pepper("a")}} {
		asked := 0
		h := hasher(t, Options{Peppers: peppers, Now: func() time.Time { asked++; return time.Time{} }})
		stored := store(t, h, "correct horse")
		for what, verify := range map[string]func() error{
			"a good password":  func() error { _, _, err := h.Verify(context.Background(), "correct horse", stored); return err },
			"a wrong password": func() error { _, _, err := h.Verify(context.Background(), "wrong horse", stored); return err },
			"nobody":           func() error { return h.VerifyNone(context.Background(), "correct horse") },
			"a damaged hash": func() error {
				_, _, err := h.Verify(context.Background(), "correct horse", stored[1:])
				return nilIf(err, ErrUnreadable)
			},
			"a missing pepper": func() error {
				_, _, err := h.Verify(context.Background(), "x", vectorKeyed)
				return nilIf(err, ErrUnreadable)
			},
			"no hash was stored": func() error { _, _, err := h.Verify(context.Background(), "", ""); return nilIf(err, ErrUnreadable) },
		} {
			asked = 0
			if err := verify(); err != nil || asked != 2 {
				t.Errorf("%s: %v after %d readings of the clock, want one hash", what, err, asked)
			}
		}
		if made, err := parseStored(stored); err != nil || h.outdated(made) {
			t.Errorf("VerifyNone works on %v, unlike Verify", h.nobody)
		}
	}
}

// What VerifyNone works on is read like a stored hash, and no password is its.
func TestNobody(t *testing.T) {
	for _, s := range []Scheme{InsecureForTests(), {algorithm: scryptPHC, logN: 1, blockSize: 1, lanes: 1}, {algorithm: bcryptHMAC, cost: 4}} {
		h := hasher(t, Options{Scheme: s})
		if ok, rehash, err := h.Verify(context.Background(), "correct horse", h.nobody.String()); ok || rehash || err != nil {
			t.Errorf("%v: Verify() = %v, %v, %v", s, ok, rehash, err)
		}
		if err := h.VerifyNone(context.Background(), "correct horse"); err != nil {
			t.Errorf("%v: VerifyNone() = %v", s, err)
		}
		if s, err := parseStored(h.nobody.String()); err != nil || h.outdated(s) {
			t.Errorf("%v: VerifyNone works on what Hash does not store: %v", s, err)
		}
	}
}

const vectorKeyed = "$argon2id$v=19$m=8,t=1,p=1,keyid=Z29uZQ$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"

func nilIf(err, expected error) error {
	if errors.Is(err, expected) {
		return nil
	}
	return errors.Join(errors.New("another error was expected"), err)
}

func TestContext(t *testing.T) {
	h := hasher(t, Options{})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := h.Hash(ctx, "x"); !errors.Is(err, context.Canceled) {
		t.Errorf("Hash() = %v, want %v", err, context.Canceled)
	}
	if _, _, err := h.Verify(ctx, "x", ""); !errors.Is(err, context.Canceled) {
		t.Errorf("Verify() = %v, want %v", err, context.Canceled)
	}
	if err := h.VerifyNone(ctx, "x"); !errors.Is(err, context.Canceled) {
		t.Errorf("VerifyNone() = %v, want %v", err, context.Canceled)
	}
}

func BenchmarkHash(b *testing.B) {
	for _, setting := range []string{"argon2id", "scrypt", "bcrypt:10", "bcrypt"} {
		b.Run(setting, func(b *testing.B) {
			s, err := ParseScheme(setting)
			if err != nil {
				b.Fatal(err)
			}
			benchmarkHash(b, hasher(b, Options{Scheme: s}))
		})
	}
	b.Run("insecure", func(b *testing.B) { benchmarkHash(b, hasher(b, Options{})) })
	b.Run("costliest argon2id", func(b *testing.B) {
		benchmarkHash(b, hasher(b, Options{Scheme: Scheme{algorithm: argon2id, memory: 262144, passes: 8, lanes: 1}}))
	})
}

func benchmarkHash(b *testing.B, h *Hasher) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := h.Hash(context.Background(), "correct horse battery staple"); err != nil {
			b.Fatal(err)
		}
	}
}
