package secret

import (
	"bytes"
	"encoding/base64"
	"math/big"
	"testing"

	"github.com/google/uuid"
)

// The parsers accept a text only if writing what they read gives that text
// again: no token has a second spelling, and nothing panics.

func FuzzParseMailed(f *testing.F) {
	plain, _ := Mint()
	for _, s := range []string{"", plain, plain + "\n", plain[:42] + "_", "agt_" + plain} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		digest, ok := ParseMailed(s)
		if !ok {
			return
		}
		b, err := base64.RawURLEncoding.Strict().DecodeString(s)
		if err != nil || len(b) != 32 || base64.RawURLEncoding.EncodeToString(b) != s || !bytes.Equal(digest, digestOf(b)) {
			t.Errorf("accepted %q", s)
		}
	})
}

func FuzzParseAPI(f *testing.F) {
	plain, _, _ := MintAPI()
	for _, s := range []string{"", plain, plain + " ", plain[:52] + "0", "agt_", "agt_" + string(make([]byte, 49))} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		// The checksum is mended, or the fuzzer would never pass it.
		for _, s := range []string{s, s + checksum(s)} {
			digest, ok := ParseAPI(s)
			if !ok {
				continue
			}
			n, read := new(big.Int).SetString(s[4:47], 62)
			if !read || n.Sign() < 0 || n.BitLen() > 256 || "agt_"+base62(n, 43)+checksum(s[:47]) != s ||
				!bytes.Equal(digest, digestOf(n.FillBytes(make([]byte, 32)))) {
				t.Errorf("accepted %q", s)
			}
		}
	})
}

func FuzzParseRefresh(f *testing.F) {
	r, err := New(Generate())
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{"", "agr_", r.FormatRefresh(NewRefresh(uuid.New())), r.FormatRefresh(Refresh{Generation: 1<<32 - 1})} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got, ok := r.ParseRefresh(s); ok && r.FormatRefresh(got) != s {
			t.Errorf("accepted %q", s)
		}
	})
}

func FuzzOpen(f *testing.F) {
	r, err := New(Generate(), Generate())
	if err != nil {
		f.Fatal(err)
	}
	sealed, err := r.Seal("x", []byte("text"), []byte("row"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sealed, []byte("row"))
	f.Add([]byte{}, []byte{})
	f.Add([]byte{sealVersion}, []byte("row"))
	f.Fuzz(func(t *testing.T, s, bound []byte) {
		if _, _, err := r.Open("x", s, bound); err == nil && !(bytes.Equal(s, sealed) && string(bound) == "row") {
			t.Errorf("opened %x for %x", s, bound)
		}
	})
}
