package secret

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"hash/crc32"
	"math/big"
	"strings"
	"testing"
)

func TestMailed(t *testing.T) {
	plain, digest := Mint()
	raw, err := base64.RawURLEncoding.Strict().DecodeString(plain)
	if err != nil || len(plain) != 43 || len(raw) != 32 {
		t.Fatalf("Mint() made %d characters, %d bytes, %v", len(plain), len(raw), err)
	}
	if want := sha256.Sum256(raw); !bytes.Equal(digest, want[:]) {
		t.Error("the digest is not the SHA-256 of the bytes")
	}
	if got, ok := ParseMailed(plain); !ok || !bytes.Equal(got, digest) {
		t.Error("ParseMailed() did not give the digest of Mint")
	}

	zeros := strings.Repeat("A", 43)
	api, _, _ := MintAPI()
	refused := map[string]string{
		"nothing":              "",
		"a character less":     plain[:42],
		"a character more":     plain + "A",
		"padding":              plain + "=",
		"padding inside":       plain[:42] + "=",
		"a newline behind":     plain + "\n",
		"a newline for one":    plain[:42] + "\n",
		"newlines inside":      plain[:20] + "\r\n" + plain[22:],
		"a space in front":     " " + plain[1:],
		"plus":                 "+" + plain[1:],
		"slash":                "/" + plain[1:],
		"NUL":                  "\x00" + plain[1:],
		"a letter of two":      "é" + plain[2:],
		"broken UTF-8":         "\xff" + plain[1:],
		"percent":              "%41" + plain[3:],
		"bits behind the last": zeros[:42] + "B",
		"an API token":         api,
	}
	for name, s := range refused {
		if _, ok := ParseMailed(s); ok {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestAPI(t *testing.T) {
	plain, hint, digest := MintAPI()
	if len(plain) != 53 || !strings.HasPrefix(plain, "agt_") {
		t.Fatalf("MintAPI() made %d characters", len(plain))
	}
	if len(hint) != 8 || !strings.HasPrefix(plain, hint) {
		t.Errorf("the hint is %d characters, want the first 8", len(hint))
	}
	if got, ok := ParseAPI(plain); !ok || !bytes.Equal(got, digest) {
		t.Error("ParseAPI() did not give the digest of MintAPI")
	}

	t.Run("every single wrong character is refused", func(t *testing.T) {
		const alphabet = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-+/= \n\x00\xff"
		for i := range plain {
			for j := range alphabet {
				if alphabet[j] == plain[i] {
					continue
				}
				if _, ok := ParseAPI(plain[:i] + alphabet[j:j+1] + plain[i+1:]); ok {
					t.Errorf("character %d replaced: accepted", i)
				}
			}
		}
	})
	t.Run("neighbours swapped, characters lost or doubled are refused", func(t *testing.T) {
		for i := range len(plain) - 1 {
			swapped := plain[:i] + plain[i+1:i+2] + plain[i:i+1] + plain[i+2:]
			for _, s := range []string{swapped, plain[:i] + plain[i+1:], plain[:i+1] + plain[i:]} {
				if _, ok := ParseAPI(s); ok && s != plain {
					t.Errorf("at %d: accepted", i)
				}
			}
		}
	})
	t.Run("no second spelling", func(t *testing.T) {
		sum := func(body string) string { return body + checksum(body) }
		beyond := new(big.Int).Lsh(big.NewInt(1), 256) // 2^256 still fits 43 digits
		refused := map[string]string{
			"2^256":               sum("agt_" + base62(beyond, 43)),
			"62^43-1":             sum("agt_" + strings.Repeat("Z", 43)),
			"a sign":              sum("agt_+" + plain[5:47]),
			"a minus":             sum("agt_-" + plain[5:47]),
			"an underscore":       sum("agt__" + plain[5:47]),
			"upper-case prefix":   sum("AGT_" + plain[4:47]),
			"another prefix":      sum("agr_" + plain[4:47]),
			"no prefix":           sum(plain[4:47]),
			"white space around":  plain + " ",
			"a checksum + 2^32":   plain[:47] + base62(new(big.Int).Add(big.NewInt(1<<32), big.NewInt(int64(crc(plain[:47])))), 6),
			"the prefix alone":    "agt_",
			"nothing":             "",
			"a checksum of zeros": plain[:47] + "000000",
		}
		for name, s := range refused {
			if _, ok := ParseAPI(s); ok {
				t.Errorf("%s: accepted", name)
			}
		}
		least := sum("agt_" + strings.Repeat("0", 43))
		most := sum("agt_" + base62(new(big.Int).Sub(beyond, big.NewInt(1)), 43))
		for _, s := range []string{least, most} {
			if _, ok := ParseAPI(s); !ok {
				t.Errorf("%s: refused", s)
			}
		}
	})
}

func TestLooksLikeAPI(t *testing.T) {
	for s, want := range map[string]bool{"agt_": true, "agt_x": true, "": false, "agt": false, "AGT_x": false, " agt_x": false, "agr_x": false} {
		if got := LooksLikeAPI(s); got != want {
			t.Errorf("LooksLikeAPI(%q) = %v, want %v", s, got, want)
		}
	}
}

func crc(s string) uint32 { return crc32.ChecksumIEEE([]byte(s)) }
