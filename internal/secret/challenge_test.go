package secret

import (
	"bytes"
	"testing"
)

func TestChallenge(t *testing.T) {
	old := Generate()
	before, err := New(old)
	if err != nil {
		t.Fatal(err)
	}
	after := root(t, old)
	says := []byte("until noon")
	c := after.Challenge("log in", says, []byte("ann"))
	got, digest, ok := after.OpenChallenge("log in", c, []byte("ann"))
	if !ok || !bytes.Equal(got, says) || !bytes.Equal(digest, DigestOf(c)) {
		t.Fatalf("OpenChallenge() = %q, %x, %t", got, digest, ok)
	}
	if again := after.Challenge("log in", says, []byte("ann")); bytes.Equal(again, c) {
		t.Error("two challenges are the same")
	}
	if _, _, ok := after.OpenChallenge("log in", before.Challenge("log in", says, []byte("ann")), []byte("ann")); !ok {
		t.Error("one of the previous secret is refused")
	}
	for what, open := range map[string]func() bool{
		"another label":       func() bool { _, _, ok := after.OpenChallenge("add", c, []byte("ann")); return ok },
		"bound to another":    func() bool { _, _, ok := after.OpenChallenge("log in", c, []byte("bob")); return ok },
		"bound to nothing":    func() bool { _, _, ok := after.OpenChallenge("log in", c); return ok },
		"of another secret":   func() bool { _, _, ok := before.OpenChallenge("log in", c, []byte("ann")); return ok },
		"empty":               func() bool { _, _, ok := after.OpenChallenge("log in", nil, []byte("ann")); return ok },
		"one byte too short":  func() bool { _, _, ok := after.OpenChallenge("log in", c[1:], []byte("ann")); return ok },
		"a part of its bound": func() bool { _, _, ok := after.OpenChallenge("log in", c, []byte("an"), []byte("n")); return ok },
	} {
		if open() {
			t.Errorf("%s: accepted", what)
		}
	}
	for i := range c {
		changed := bytes.Clone(c)
		changed[i] ^= 1
		if _, _, ok := after.OpenChallenge("log in", changed, []byte("ann")); ok {
			t.Errorf("accepted with byte %d changed", i)
		}
	}
}
