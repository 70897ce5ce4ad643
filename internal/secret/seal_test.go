package secret

import (
	"bytes"
	"errors"
	"testing"
)

func TestSeal(t *testing.T) {
	old := Generate()
	before, err := New(old)
	if err != nil {
		t.Fatal(err)
	}
	after := root(t, Generate(), old)
	plaintext, bound := []byte("a private key"), []byte("row 1")
	sealed, err := before.Seal("keys", plaintext, bound)
	if err != nil {
		t.Fatalf("Seal() = %v", err)
	}

	open := func(r *Root, label string, sealed, bound []byte) (string, bool, error) {
		t.Helper()
		got, current, err := r.Open(label, sealed, bound)
		return string(got), current, err
	}
	t.Run("opens under the secret that sealed it", func(t *testing.T) {
		if got, current, err := open(before, "keys", sealed, bound); got != string(plaintext) || !current || err != nil {
			t.Errorf("Open() = %q, %v, %v", got, current, err)
		}
	})
	t.Run("opens under a previous secret, and says so", func(t *testing.T) {
		if got, current, err := open(after, "keys", sealed, bound); got != string(plaintext) || current || err != nil {
			t.Errorf("Open() = %q, %v, %v", got, current, err)
		}
	})
	t.Run("hides the text and is never the same twice", func(t *testing.T) {
		again, err := before.Seal("keys", plaintext, bound)
		if err != nil || bytes.Equal(again, sealed) || bytes.Contains(sealed, plaintext[:4]) {
			t.Errorf("Seal() = %x, %v after %x", again, err, sealed)
		}
		if len(sealed) != len(plaintext)+29 {
			t.Errorf("%d bytes became %d, want 29 more", len(plaintext), len(sealed))
		}
	})
	t.Run("seals the empty text", func(t *testing.T) {
		empty, err := before.Seal("keys", nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got, current, err := open(before, "keys", empty, nil); got != "" || !current || err != nil {
			t.Errorf("Open() = %q, %v, %v", got, current, err)
		}
	})

	refused := func(name string, r *Root, label string, sealed, bound []byte) {
		t.Helper()
		if got, current, err := open(r, label, sealed, bound); !errors.Is(err, ErrUnopenable) || got != "" || current {
			t.Errorf("%s: Open() = %q, %v, %v, want ErrUnopenable", name, got, current, err)
		}
	}
	t.Run("refuses another secret, label or place", func(t *testing.T) {
		refused("another secret", root(t), "keys", sealed, bound)
		refused("another label", before, "letters", sealed, bound)
		refused("another place", before, "keys", sealed, []byte("row 2"))
		refused("no place", before, "keys", sealed, nil)
	})
	t.Run("refuses every flipped bit and every shorter or longer text", func(t *testing.T) {
		for i := range sealed {
			for bit := range 8 {
				changed := bytes.Clone(sealed)
				changed[i] ^= 1 << bit
				refused("flipped", before, "keys", changed, bound)
			}
			refused("cut", before, "keys", sealed[:i], bound)
			refused("cut in front", before, "keys", sealed[i+1:], bound)
		}
		refused("longer", before, "keys", append(bytes.Clone(sealed), 0), bound)
		refused("nil", before, "keys", nil, nil)
	})
}

func TestMAC(t *testing.T) {
	old := Generate()
	before, err := New(old)
	if err != nil {
		t.Fatal(err)
	}
	after := root(t, old)
	part := func(s string) []byte { return []byte(s) }
	mac := before.MAC("device", part("ab"), part("c"))

	if len(mac) != 32 || !bytes.Equal(mac, before.MAC("device", part("ab"), part("c"))) {
		t.Fatalf("MAC() = %x, want the same 32 bytes every time", mac)
	}
	if !before.CheckMAC("device", mac, part("ab"), part("c")) {
		t.Error("refused under the current secret")
	}
	if !after.CheckMAC("device", mac, part("ab"), part("c")) {
		t.Error("refused under a previous secret")
	}
	refused := map[string]bool{
		"another secret":     root(t).CheckMAC("device", mac, part("ab"), part("c")),
		"a coming secret":    before.CheckMAC("device", after.MAC("device", part("ab"), part("c")), part("ab"), part("c")),
		"another label":      before.CheckMAC("letter", mac, part("ab"), part("c")),
		"shifted boundary":   before.CheckMAC("device", mac, part("a"), part("bc")),
		"joined parts":       before.CheckMAC("device", mac, part("abc")),
		"another order":      before.CheckMAC("device", mac, part("c"), part("ab")),
		"an empty part more": before.CheckMAC("device", mac, part("ab"), part("c"), nil),
		"an empty part less": before.CheckMAC("device", before.MAC("device", nil), []([]byte)(nil)...),
		"no mac":             before.CheckMAC("device", nil, part("ab"), part("c")),
		"half a mac":         before.CheckMAC("device", mac[:16], part("ab"), part("c")),
		"a longer mac":       before.CheckMAC("device", append(bytes.Clone(mac), 0), part("ab"), part("c")),
	}
	for name, accepted := range refused {
		if accepted {
			t.Errorf("%s: accepted", name)
		}
	}
	for i := range mac {
		changed := bytes.Clone(mac)
		changed[i] ^= 1
		if before.CheckMAC("device", changed, part("ab"), part("c")) {
			t.Errorf("byte %d flipped: accepted", i)
		}
	}
}
