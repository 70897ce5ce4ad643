package password

import (
	"slices"
	"testing"
)

// cheap are kinds whose hashes cost next to nothing.
var cheap = map[Kind]Scheme{
	"bcrypt:4":             {algorithm: bcryptHMAC, cost: 4},
	"scrypt:n=2,r=1,p=1":   {algorithm: scryptPHC, logN: 1, blockSize: 1, lanes: 1},
	"argon2id:m=8,t=1,p=1": InsecureForTests(),
}

// work lists what a wrong password is hashed with, besides the stored hash.
func work(h *Hasher, text string) []Kind {
	s := h.nobody
	if text != "" {
		s, _ = parseStored(text)
	}
	list := []Kind{s.scheme.kind()}
	for _, other := range h.rest(s) {
		list = append(list, other.scheme.kind())
	}
	slices.Sort(list)
	return list
}

// Whatever an account's hash was made with, and whether there is an account, a
// wrong password costs the same.
func TestEveryWrongPasswordCostsTheSame(t *testing.T) {
	h, err := New(Options{Scheme: InsecureForTests()})
	if err != nil {
		t.Fatal(err)
	}
	if got := work(h, ""); !slices.Equal(got, []Kind{h.Present()}) {
		t.Errorf("where there is one kind, nobody costs %q", got)
	}
	texts := []string{""}
	for _, scheme := range cheap {
		other, err := New(Options{Scheme: scheme})
		if err != nil {
			t.Fatal(err)
		}
		text, err := other.Hash(t.Context(), "lanterns of Zurich")
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, text)
		// The first one met makes its kind known.
		if ok, _, err := h.Verify(t.Context(), "wrong", text); ok || err != nil {
			t.Fatalf("Verify() = %v, %v", ok, err)
		}
		if ok, rehash, err := h.Verify(t.Context(), "lanterns of Zurich", text); !ok || err != nil || rehash != (scheme != InsecureForTests()) {
			t.Errorf("Verify() of the right one = %v, %v, %v", ok, rehash, err)
		}
	}
	all := h.Kinds()
	slices.Sort(all)
	if len(all) != len(cheap) {
		t.Fatalf("Kinds() = %q, want all %d", all, len(cheap))
	}
	for _, text := range texts {
		if got := work(h, text); !slices.Equal(got, all) {
			t.Errorf("a wrong password at %q costs %q, want %q", text, got, all)
		}
	}
}

func TestSetKinds(t *testing.T) {
	h, err := New(Options{Scheme: InsecureForTests()})
	if err != nil {
		t.Fatal(err)
	}
	dear := h.SetKinds([]Kind{"bcrypt:10", "bcrypt:14", "bcrypt:15", "junk", h.Present(), "bcrypt:10", "argon2id:m=262144,t=8,p=1", "scrypt:n=131072,r=8,p=1"})
	if want := []Kind{"bcrypt:15", "argon2id:m=262144,t=8,p=1"}; !slices.Equal(dear, want) {
		t.Errorf("SetKinds() = %q, want %q, which cost more than four times bcrypt:12", dear, want)
	}
	if got := work(h, ""); !slices.Equal(got, []Kind{h.Present(), "bcrypt:10", "bcrypt:14", "scrypt:n=131072,r=8,p=1"}) {
		t.Errorf("nobody costs %q", got)
	}
	if len(h.Kinds()) != 6 {
		t.Errorf("Kinds() = %q, want the dear ones too", h.Kinds())
	}
	if h.SetKinds(nil); len(h.Kinds()) != 1 {
		t.Errorf("Kinds() = %q, want the present one alone", h.Kinds())
	}
}

func TestKindOf(t *testing.T) {
	for text, want := range map[string]Kind{
		"$2y$04$abcdefghijklmnopqrstuuEDQVYTyMWuVOhVcTmkJKi9ZMJPrAo1u":                    "bcrypt:4",
		"$argon2i$v=19$m=65536,t=3,p=4$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNo": "argon2id:m=65536,t=3,p=4",
	} {
		if got, ok := KindOf(text); !ok || got != want {
			t.Errorf("KindOf(%s) = %q, %v, want %q", text, got, ok, want)
		}
	}
	if _, ok := KindOf("junk"); ok {
		t.Error("junk has a kind")
	}
}
