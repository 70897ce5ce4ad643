package secret

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/uuid"
)

// root returns a Root of fresh secrets.
func root(t *testing.T, previous ...string) *Root {
	t.Helper()
	r, err := New(Generate(), previous...)
	if err != nil {
		t.Fatalf("New() = %v", err)
	}
	return r
}

func TestNewRefuses(t *testing.T) {
	cases := []struct {
		why, secret string
	}{
		{"nothing", ""},
		{"31 bytes", "Zk3vQ9xLw2RtY7bNc5HdJ8mPf4sGa1e"},
		{"32 bytes of which one is white space around it", "Zk3vQ9xLw2RtY7bNc5HdJ8mPf4sGa1e\n"},
		{"one character", strings.Repeat("a", 64)},
		{"zeros in hex", strings.Repeat("00", 32)},
		{"seven different characters", "abcdefgagfedcbbdfgacegbadcfebgdcafg"},
		{"the alphabet", "abcdefghijklmnopqrstuvwxyz0123456789"},
		{"digits in order", "01234567890123456789012345678901"},
		{"doubled letters in order", "aabbccddeeffgghhiijjkkllmmnnooppqqrr"},
		{"the alphabet backwards", "zyxwvutsrqponmlkjihgfedcba987654321"},
		{"sixteen bytes twice", "Zk3vQ9xLw2RtY7bNZk3vQ9xLw2RtY7bN"},
		{"a word again and again", "tr0ub4dor-tr0ub4dor-tr0ub4dor-tr0ub4dor"},
		{"two words mixed", "hunter2horsehorsehunter2horsehunter2hunter2horse"},
		{"changeme", "changeme-changeme2-please-1234-xyz"},
		{"CHANGE_ME", "CHANGE_ME_to_something_long_and_random"},
		{"a sample's text", "replace-with-a-32-byte-random-string!"},
		{"your-secret", "your-secret-goes-here-0987-zyxw-5432"},
		{"the command that makes one", "$(openssl rand -base64 32) not expanded"},
		{"password", "P-a-s-s-w-o-r-d for the accounts 2026"},
	}
	for _, c := range cases {
		t.Run(c.why, func(t *testing.T) {
			_, err := New(c.secret)
			if err == nil {
				t.Fatal("New() took it as the current secret")
			}
			if len(c.secret) >= 8 && strings.Contains(err.Error(), c.secret[:8]) {
				t.Errorf("the error quotes the secret: %v", err)
			}
			_, err = New(Generate(), Generate(), c.secret)
			if err == nil || !strings.HasPrefix(err.Error(), "previous secret 2: ") {
				t.Errorf("as the second previous secret: error %v, want one that names it", err)
			}
		})
	}
}

func TestNewAccepts(t *testing.T) {
	hexed := func(n int) string { return hex.EncodeToString(random(n)) }
	cases := []struct {
		why, secret string
	}{
		{"16 random bytes in hex", hexed(16)},
		{"32 random bytes in hex", hexed(32)},
		{"32 random bytes in base64", Generate()},
		{"two kilobytes in hex", hexed(2048)},
		{"a megabyte", base64.StdEncoding.EncodeToString(random(1 << 20))},
		{"words by dice", "canyon-mulch-vivid-octopus-brisk-lantern-fjord"},
		{"32 raw bytes", "x" + string(random(32)) + "x"},
		{"decimal digits", "84120957361840275913684702958137"},
	}
	for _, c := range cases {
		t.Run(c.why, func(t *testing.T) {
			if _, err := New(c.secret); err != nil {
				t.Errorf("New() = %v", err)
			}
		})
	}
	t.Run("what Generate makes, a thousand times", func(t *testing.T) {
		seen := map[string]bool{}
		for range 1000 {
			s := Generate()
			if _, err := New(s); err != nil {
				t.Fatalf("New(Generate()) = %v", err)
			}
			if seen[s] {
				t.Fatal("Generate() repeated itself")
			}
			seen[s] = true
		}
	})
}

func TestNewIgnoresWhiteSpaceAround(t *testing.T) {
	s := Generate()
	a, errA := New(s)
	b, errB := New(" " + s + "\r\n")
	if errA != nil || errB != nil {
		t.Fatal(errA, errB)
	}
	if !bytes.Equal(a.Key("x"), b.Key("x")) {
		t.Error("a trailing newline made another secret")
	}
}

func TestKey(t *testing.T) {
	s := Generate()
	a, errA := New(s)
	b, errB := New(s, Generate())
	if errA != nil || errB != nil {
		t.Fatal(errA, errB)
	}
	if !bytes.Equal(a.Key("one"), b.Key("one")) {
		t.Error("a previous secret changed the current key")
	}
	keys := map[string]string{}
	for name, k := range map[string][]byte{
		"one": a.Key("one"), "two": a.Key("two"), "none": a.Key(""), "another secret": root(t).Key("one"),
		"sealing": derive(a.roots()[0], useSeal+"one"), "mac": derive(a.roots()[0], useMAC+"one"),
	} {
		if len(k) != 32 {
			t.Errorf("%s: %d bytes, want 32", name, len(k))
		}
		if other, taken := keys[string(k)]; taken {
			t.Errorf("%s and %s have the same key", name, other)
		}
		keys[string(k)] = name
	}
}

// TestKeyIsHKDF pins the derivation: a change of it would orphan every sealed
// value and end every session.
func TestKeyIsHKDF(t *testing.T) {
	r, err := New("Zk3vQ9xLw2RtY7bNc5HdJ8mPf4sGa1eU")
	if err != nil {
		t.Fatal(err)
	}
	// Computed apart from this code, with Python's hmac: PRK = HMAC(32 zero
	// bytes, secret), then HMAC(PRK, "authgraph key 1: pin" 01).
	const want = "920a10d1e73123474f63dd0a1e78f24ea0ad4b800ccb813319d458709f734f20"
	if got := hex.EncodeToString(r.Key("pin")); got != want {
		t.Errorf("Key(pin) = %s, want %s", got, want)
	}
}

func TestNothingPrintsASecret(t *testing.T) {
	r := root(t)
	token := NewRefresh(uuid.New())
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "root", r, "token", token)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "root", r, "token", token)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d", "%q"} {
		fmt.Fprintf(&log, verb+verb+verb+verb+"\n", r, *r, struct{ r *Root }{r}, token)
	}
	for name, b := range map[string][]byte{"the root": r.roots()[0], "the random": token.Random[:]} {
		for _, spelling := range []string{
			string(b[:8]), hex.EncodeToString(b[:8]), strings.ToUpper(hex.EncodeToString(b[:8])),
			strings.Trim(fmt.Sprint(b[:8]), "[]"), strings.ReplaceAll(strings.Trim(fmt.Sprint(b[:8]), "[]"), " ", ","),
			strings.Trim(fmt.Sprintf("%#v", b[:8])[7:], "{}"), base64.StdEncoding.EncodeToString(b[:6]),
		} {
			if strings.Contains(log.String(), spelling) {
				t.Errorf("%s was printed as %q", name, spelling)
			}
		}
	}
	if !strings.Contains(log.String(), token.SessionID.String()) {
		t.Error("the session id should be printed")
	}
}
