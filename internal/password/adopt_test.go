package password

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

const adoptedTail = "$c2FsdHNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"

// What Django has changed its rounds to over the years costs a wrong password no
// more than the most of them.
func TestRoundsOfOneHashAreOneKind(t *testing.T) {
	h := hasher(t, Options{})
	cost := func(text string) (rounds uint32) {
		s, err := parseStored(text)
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range s.works() {
			rounds += w.rounds
		}
		for _, other := range h.rest(s) {
			rounds += other.scheme.rounds
		}
		return rounds
	}
	var stored []string
	for _, rounds := range []int{20_000, 600_000, 260_000, 600_000} {
		text, kinds, err := h.Adopt(context.Background(), fmt.Sprintf("$pbkdf2-sha256$i=%d%s", rounds, adoptedTail))
		if want := []Kind{Kind(fmt.Sprintf("pbkdf2-sha256:i=%d", rounds))}; err != nil || !slices.Equal(kinds, want) {
			t.Fatalf("Adopt() of %d rounds = %v, %v, want %v", rounds, kinds, err, want)
		}
		stored = append(stored, text)
	}
	few, _, err := h.Adopt(context.Background(), "$pbkdf2-sha256$i=1000"+adoptedTail)
	if err != nil {
		t.Fatal(err)
	}
	own := store(t, h, "correct horse")
	for _, text := range append(stored, few, own, h.nobody.String()) {
		if got := cost(text); got != 600_000 {
			t.Errorf("a wrong password at %.40s costs %d rounds of PBKDF2, want 600000", text, got)
		}
	}
	if want := []Kind{h.Present(), "pbkdf2-sha256:i=600000"}; !slices.Equal(h.Kinds(), want) {
		t.Errorf("Kinds() = %v, want %v", h.Kinds(), want)
	}
	if len(h.Met()) > 0 {
		t.Errorf("Met() = %v, want none: all were adopted", h.Met())
	}
	met := Scheme{algorithm: pbkdf2SHA256, rounds: 700_000}
	s, err := parseStored("$pbkdf2-sha256$i=700000" + adoptedTail)
	if err != nil {
		t.Fatal(err)
	}
	if rest := h.rest(s); len(rest) != 1 || !slices.Equal(h.Met(), []Kind{met.kind()}) {
		t.Errorf("a hash of more rounds: %d others, met %v, want 1 and itself", len(rest), h.Met())
	}
	if got := cost(own); got != 700_000 {
		t.Errorf("then a wrong password costs %d rounds, want 700000", got)
	}
}

// A file whose rows all have other parameters cannot make logins slow.
func TestTooManyKinds(t *testing.T) {
	h := hasher(t, Options{})
	refused := 0
	for memory := range 200 {
		_, _, err := h.Adopt(context.Background(), fmt.Sprintf("$argon2id$v=19$m=%d,t=2,p=1%s", 60_000+memory, adoptedTail))
		if errors.Is(err, ErrTooMany) {
			refused++
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if cost := h.kinds.cost(); cost > mostMadeUp || refused < 150 {
		t.Errorf("a wrong password costs %.0f ms, and %d of 200 kinds were refused", cost, refused)
	}
	known := fmt.Sprintf("$argon2id$v=19$m=%d,t=2,p=1%s", 60_000, adoptedTail)
	if _, _, err := h.Adopt(context.Background(), known); err != nil {
		t.Errorf("Adopt() of a kind that is known = %v", err)
	}
	for cost := range 100 { // dear ones cost nobody time, but there must be an end to them too
		_, _, _ = h.Adopt(context.Background(), fmt.Sprintf("$argon2id$v=19$m=%d,t=8,p=1%s", 262_144-cost, adoptedTail))
	}
	if got := len(h.kinds.dear); got > mostDear {
		t.Errorf("%d dear kinds, want %d at most", got, mostDear)
	}
}

// A wrapped hash depends on the pepper, like any other.
func TestWrappedUnderAPepper(t *testing.T) {
	h := hasher(t, Options{Peppers: []Pepper{pepper("2026")}})
	stored, kinds, err := h.Adopt(context.Background(), "$fast$f=md5,s=none$$X03MO1qnZdYdgyfeuILPmQ")
	if err != nil || !slices.Equal(kinds, []Kind{h.Present()}) || !strings.Contains(stored, ",keyid=MjAyNg$") {
		t.Fatalf("Adopt() = %s, %v, %v", stored, kinds, err)
	}
	if ok, rehash, err := h.Verify(context.Background(), "password", stored); !ok || !rehash || err != nil {
		t.Errorf("Verify() = %v, %v, %v, want true, true, nil", ok, rehash, err)
	}
	other := Pepper{ID: "2026", Key: []byte(strings.Repeat("x", minPepperKey))}
	if ok, _, err := hasher(t, Options{Peppers: []Pepper{other}}).Verify(context.Background(), "password", stored); ok || err != nil {
		t.Errorf("Verify() under another pepper = %v, %v, want false, nil", ok, err)
	}
	if strings.Contains(stored, "X03MO1qnZdYdgyfeuILPmQ") {
		t.Errorf("the fast hash is stored: %s", stored)
	}
}

// A hash that the present settings make is adopted as it is, however cheap they
// are.
func TestAdoptOwn(t *testing.T) {
	h := hasher(t, Options{})
	own := store(t, h, "correct horse")
	if got, kinds, err := h.Adopt(context.Background(), own); got != own || err != nil || !slices.Equal(kinds, []Kind{h.Present()}) {
		t.Errorf("Adopt(%s) = %s, %v, %v", own, got, kinds, err)
	}
}
