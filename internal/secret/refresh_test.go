package secret

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/google/uuid"
)

func TestRefresh(t *testing.T) {
	old := Generate()
	before, err := New(old)
	if err != nil {
		t.Fatal(err)
	}
	after := root(t, old)
	first := NewRefresh(uuid.New())
	text := before.FormatRefresh(first)

	t.Run("is read back, under the present and the previous secret", func(t *testing.T) {
		for name, r := range map[string]*Root{"present": before, "previous": after} {
			if got, ok := r.ParseRefresh(text); !ok || got != first {
				t.Errorf("%s: ParseRefresh() = %v, %v", name, got, ok)
			}
		}
		if len(text) != 116 || !strings.HasPrefix(text, "agr_") {
			t.Errorf("%d characters, want 116", len(text))
		}
		if text != before.FormatRefresh(first) {
			t.Error("the same token has two texts")
		}
	})
	t.Run("the next generation keeps session and random", func(t *testing.T) {
		next := first.Next()
		if first.Generation != 0 || next.Generation != 1 || next.SessionID != first.SessionID || next.Random != first.Random {
			t.Errorf("Next() = %v after %v", next, first)
		}
		if got, ok := before.ParseRefresh(before.FormatRefresh(next)); !ok || got != next {
			t.Errorf("ParseRefresh() = %v, %v", got, ok)
		}
		if sum := sha256.Sum256(first.Random[:]); !bytes.Equal(next.Digest(), sum[:]) {
			t.Error("Digest() is not the SHA-256 of the random")
		}
	})
	t.Run("two sessions share nothing", func(t *testing.T) {
		if NewRefresh(first.SessionID).Random == first.Random {
			t.Error("the same random twice")
		}
	})
	t.Run("every flipped bit is refused", func(t *testing.T) {
		raw, _ := base64.RawURLEncoding.DecodeString(text[4:]) // as the first subtest showed
		for i := range raw {
			for bit := range 8 {
				raw[i] ^= 1 << bit
				if _, ok := before.ParseRefresh("agr_" + base64.RawURLEncoding.EncodeToString(raw)); ok {
					t.Errorf("bit %d of byte %d flipped: accepted", bit, i)
				}
				raw[i] ^= 1 << bit
			}
		}
	})
	t.Run("everything else is refused", func(t *testing.T) {
		api, _, _ := MintAPI()
		mailed, _ := Mint()
		stranger := root(t)
		// Right in form, and authenticated for another use.
		b, _ := base64.RawURLEncoding.DecodeString(text[4:])
		foreign := append(bytes.Clone(b[:macAt]), before.MAC("another label", b[:macAt])...)
		refused := map[string]string{
			"nothing":              "",
			"the prefix alone":     "agr_",
			"no prefix":            text[4:],
			"an upper-case prefix": "AGR_" + text[4:],
			"the API prefix":       "agt_" + text[4:],
			"a character less":     text[:115],
			"a character more":     text + "A",
			"four more":            text + "AAAA",
			"padding":              text + "=",
			"a newline behind":     text + "\n",
			"newlines inside":      text[:50] + "\r\n\r\n" + text[54:],
			"a space in front":     " " + text,
			"another secret's":     stranger.FormatRefresh(first),
			"a MAC of another use": "agr_" + base64.RawURLEncoding.EncodeToString(foreign),
			"no MAC":               "agr_" + base64.RawURLEncoding.EncodeToString(b[:macAt]),
			"an API token":         api,
			"a mailed token":       mailed,
		}
		for name, s := range refused {
			if got, ok := before.ParseRefresh(s); ok || got != (Refresh{}) {
				t.Errorf("%s: ParseRefresh() = %v, %v", name, got, ok)
			}
		}
	})
	t.Run("a later secret is not known to those who lack it", func(t *testing.T) {
		if _, ok := before.ParseRefresh(after.FormatRefresh(first)); ok {
			t.Error("accepted")
		}
	})
}
