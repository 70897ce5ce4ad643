package accesstoken

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"
)

func TestKeyIsStoredAndReadBack(t *testing.T) {
	for _, alg := range algorithms() {
		k := generate(t, alg)
		if k.Algorithm() != alg || !plausibleID(k.ID()) || k.ID() == generate(t, alg).ID() {
			t.Errorf("%s: key %s of %s", alg, k.ID(), k.Algorithm())
		}
		der, err := k.Marshal()
		if err != nil {
			t.Fatalf("%s: Marshal() = %v", alg, err)
		}
		back, err := ParseKey(string(alg), k.ID(), der)
		if err != nil {
			t.Fatalf("%s: ParseKey() = %v", alg, err)
		}
		if !back.same(k) {
			t.Errorf("%s: another key was read", alg)
		}
		again, err := back.Marshal()
		if err != nil || !bytes.Equal(again, der) {
			t.Errorf("%s: marshalled differently, %v", alg, err)
		}
	}
	if _, err := Generate("HS512"); err == nil {
		t.Error("Generate(HS512): made")
	}
}

func pkcs8(t *testing.T, private any, err error) []byte {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func TestParseKeyRefuses(t *testing.T) {
	der := map[Algorithm][]byte{}
	id := map[Algorithm]string{}
	for _, alg := range algorithms() {
		k := generate(t, alg)
		b, err := k.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		der[alg], id[alg] = b, k.ID()
	}
	p384, err384 := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	rsa1024, err1024 := rsa.GenerateKey(rand.Reader, 1024)
	x25519, errX := ecdh.X25519().GenerateKey(rand.Reader)
	ec, errEC := x509.ParsePKCS8PrivateKey(der[ES256])
	if errEC != nil {
		t.Fatal(errEC)
	}
	sec1, err := x509.MarshalECPrivateKey(ec.(*ecdsa.PrivateKey))
	if err != nil {
		t.Fatal(err)
	}

	cases := []struct {
		name, alg, id string
		der           []byte
	}{
		{"an RSA key of 1024 bits", "RS256", id[RS256], pkcs8(t, rsa1024, err1024)},
		{"a key on P-384", "ES256", id[ES256], pkcs8(t, p384, err384)},
		{"a key for agreement", "EdDSA", id[EdDSA], pkcs8(t, x25519, errX)},
		{"an EC key for EdDSA", "EdDSA", id[ES256], der[ES256]},
		{"an EC key for RS256", "RS256", id[ES256], der[ES256]},
		{"an RSA key for ES256", "ES256", id[RS256], der[RS256]},
		{"an Ed25519 key for ES256", "ES256", id[EdDSA], der[EdDSA]},
		{"a secret for ES256", "ES256", id[HS256], der[HS256]},
		{"a secret of 31 bytes", "HS256", id[HS256], der[HS256][:31]},
		{"no secret", "HS256", id[HS256], nil},
		{"a secret without id", "HS256", "", der[HS256]},
		{"a secret with a short id", "HS256", "key1", der[HS256]},
		{"another key's id", "ES256", generate(t, ES256).ID(), der[ES256]},
		{"no id", "ES256", "", der[ES256]},
		{"an id with padding", "ES256", id[ES256] + "=", der[ES256]},
		{"an algorithm not ours", "ES384", id[ES256], der[ES256]},
		{"none", "none", id[HS256], der[HS256]},
		{"no algorithm", "", id[HS256], der[HS256]},
		{"the wrong case", "hs256", id[HS256], der[HS256]},
		{"SEC 1 in place of PKCS #8", "ES256", id[ES256], sec1},
		{"half a key", "ES256", id[ES256], der[ES256][:60]},
		{"nothing", "ES256", id[ES256], nil},
	}
	for _, c := range cases {
		k, err := ParseKey(c.alg, c.id, c.der)
		if err == nil || k != nil {
			t.Errorf("%s: taken", c.name)
			continue
		}
		if len(c.id) > 8 && strings.Contains(err.Error(), c.id) || len(c.der) > 8 && strings.Contains(err.Error(), hex.EncodeToString(c.der[:4])) {
			t.Errorf("%s: the error quotes the key: %v", c.name, err)
		}
	}
}

func TestPolicy(t *testing.T) {
	k := generate(t, RS256).check.key().(*rsa.PublicKey)
	long := new(big.Int).SetBit(big.NewInt(1), 4096, 1)
	for name, key := range map[string]*rsa.PublicKey{
		"exponent 1": {N: k.N, E: 1}, "exponent 3": {N: k.N, E: 3}, "an even exponent": {N: k.N, E: 65538},
		"an even modulus": {N: new(big.Int).Add(k.N, big.NewInt(1)), E: k.E}, "4097 bits": {N: long, E: k.E},
		"2047 bits": {N: new(big.Int).Rsh(k.N, 1), E: k.E},
	} {
		if admit(RS256, key) == nil {
			t.Errorf("%s: taken", name)
		}
	}
	off := *generate(t, ES256).check.key().(*ecdsa.PublicKey)
	off.Y = new(big.Int).Add(off.Y, big.NewInt(1)) //nolint:staticcheck // a point off the curve cannot be had otherwise
	if admit(ES256, &off) == nil {
		t.Error("a point off the curve: taken")
	}
	if admit(EdDSA, ed25519.PublicKey("short")) == nil {
		t.Error("a short Ed25519 key: taken")
	}
	for _, alg := range algorithms() {
		if admit(alg, nil) == nil || admit(alg, "key") == nil {
			t.Errorf("%s: no key, or text: taken", alg)
		}
	}
}

// TestThumbprint has the examples of RFC 7638 section 3.1 and RFC 8037 appendix
// A.3.
func TestThumbprint(t *testing.T) {
	for jwk, want := range map[string]string{
		`{"kty":"RSA","alg":"RS256","kid":"2011-04-29","e":"AQAB","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"}`: "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs",
		`{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","kid":"x","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`: "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
	} {
		k, err := ParseJWK([]byte(jwk))
		if err != nil {
			t.Fatalf("ParseJWK() = %v", err)
		}
		if got, err := thumbprint(k.key()); err != nil || got != want {
			t.Errorf("thumbprint %s, %v, want %s", got, err, want)
		}
	}
}

func TestNothingPrintsAKey(t *testing.T) {
	for _, alg := range algorithms() {
		k := generate(t, alg)
		der, err := k.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		r := ring(t, k)
		a, err := New(Options{Issuer: issuer, Audience: audience, Algorithm: alg, Now: newClock().now}, r)
		if err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		for _, v := range []any{k, &k.check, r, r.set, a, *k, []any{k, r}, map[string]any{"k": k}, struct{ k Key }{*k}, struct{ r *Keyring }{r}} {
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
				fmt.Fprintf(&out, verb+"\n", v)
			}
		}
		tail := der[len(der)-8:]
		for _, spelling := range []string{
			string(tail), hex.EncodeToString(tail), strings.Trim(fmt.Sprint(tail), "[]"), strings.Trim(fmt.Sprintf("%#v", tail)[7:], "{}"),
		} {
			if strings.Contains(out.String(), spelling) {
				t.Errorf("%s: the key was printed as %q", alg, spelling)
			}
		}
	}
}

func TestJWKS(t *testing.T) {
	for _, alg := range algorithms() {
		t.Run(string(alg), func(t *testing.T) {
			signing, coming, former := generate(t, alg), generate(t, alg), generate(t, alg)
			b, err := ring(t, signing, coming, former).JWKS()
			if err != nil {
				t.Fatal(err)
			}
			if other, err := ring(t, former, signing, coming).JWKS(); err != nil || !bytes.Equal(b, other) {
				t.Errorf("another order on another replica: %v", err)
			}
			if alg.symmetric() {
				if string(b) != `{"keys":[]}` {
					t.Errorf("JWKS() = %s, want an empty list", b)
				}
				return
			}
			var set struct{ Keys []map[string]any }
			if err := json.Unmarshal(b, &set); err != nil || len(set.Keys) != 3 {
				t.Fatalf("JWKS() = %s, %v", b, err)
			}
			members := map[Algorithm][]string{
				ES256: {"alg", "crv", "kid", "kty", "use", "x", "y"}, EdDSA: {"alg", "crv", "kid", "kty", "use", "x"}, RS256: {"alg", "e", "kid", "kty", "n", "use"},
			}[alg]
			for _, k := range set.Keys {
				var names []string
				for name := range k {
					names = append(names, name)
				}
				slices.Sort(names)
				if !slices.Equal(names, members) || k["use"] != "sig" || k["alg"] != string(alg) {
					t.Errorf("published %v", k)
				}
			}

			// What is published verifies what is signed, and nothing else is needed.
			published, err := ParseJWKS(b)
			if err != nil {
				t.Fatalf("ParseJWKS() = %v", err)
			}
			for _, k := range []*Key{signing, coming, former} {
				jws, err := published.Verify(signed(t, k, goodHeader(k), "x"))
				if err != nil || jws.KeyID != k.ID() || jws.Type != "at+jwt" || string(jws.Payload) != "x" {
					t.Errorf("Verify() = %+v, %v", jws, err)
				}
			}
		})
	}
}

func TestParseJWKRefuses(t *testing.T) {
	secret := `"k":"` + b64(strings.Repeat("k", 32)) + `"`
	good := `{"kty":"oct","alg":"HS256","kid":"a",` + secret + `}`
	if _, err := ParseJWK([]byte(good)); err != nil {
		t.Fatalf("ParseJWK() = %v", err)
	}
	with := func(member string) string { return strings.Replace(good, "{", "{"+member+",", 1) }
	for name, member := range map[string]string{
		"use sig": `"use":"sig"`, "key_ops verify": `"key_ops":["verify"]`, "both operations": `"key_ops":["sign","verify"]`, "an unknown member": `"x5t":""`,
	} {
		if _, err := ParseJWK([]byte(with(member))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	ed := publicJWK(t, generate(t, EdDSA))
	for name, text := range map[string]string{
		"use enc":              with(`"use":"enc"`),
		"use SIG":              with(`"use":"SIG"`),
		"use null":             with(`"use":null`),
		"use a list":           with(`"use":["sig"]`),
		"only signing":         with(`"key_ops":["sign"]`),
		"encryption":           with(`"key_ops":["encrypt"]`),
		"verify and encrypt":   with(`"key_ops":["verify","encrypt"]`),
		"an operation twice":   with(`"key_ops":["verify","verify"]`),
		"no operation":         with(`"key_ops":[]`),
		"an operation by name": with(`"key_ops":"verify"`),
		"an operation nested":  with(`"key_ops":[["verify"]]`),
		"operations null":      with(`"key_ops":null`),
		"alg twice":            with(`"alg":"HS256"`),
		"kid twice":            with(`"kid":"b"`),
		"no alg":               strings.Replace(good, `"alg":"HS256",`, "", 1),
		"alg none":             strings.Replace(good, "HS256", "none", 1),
		"alg HS512":            strings.Replace(good, "HS256", "HS512", 1),
		"alg ES256":            strings.Replace(good, "HS256", "ES256", 1),
		"no kid":               strings.Replace(good, `"kid":"a",`, "", 1),
		"an empty kid":         strings.Replace(good, `"kid":"a"`, `"kid":""`, 1),
		"no kty":               strings.Replace(good, `"kty":"oct",`, "", 1),
		"no secret":            strings.Replace(good, `,`+secret, "", 1),
		"a short secret":       `{"kty":"oct","alg":"HS256","kid":"a","k":"` + b64(strings.Repeat("k", 31)) + `"}`,
		"a private key":        strings.Replace(ed, "{", `{"d":"`+b64(strings.Repeat("d", 32))+`",`, 1),
		"a low-order point":    `{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","kid":"a","x":"` + b64(strings.Repeat("\x00", 32)) + `"}`,
		"an agreement key":     `{"kty":"OKP","crv":"X25519","alg":"EdDSA","kid":"a","x":"` + b64(strings.Repeat("x", 32)) + `"}`,
		"a list":               "[" + good + "]",
		"null":                 "null",
		"nothing":              "",
		"text behind":          good + "x",
		"more than 64 KiB":     with(`"x":"` + strings.Repeat("x", 64<<10) + `"`),
		"ten million levels":   strings.Repeat("[", 10_000_000),
	} {
		if _, err := ParseJWK([]byte(text)); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	for name, text := range map[string]string{
		"no list": `{}`, "a null list": `{"keys":null}`, "an object for a list": `{"keys":{}}`, "a null key": `{"keys":[null]}`, "KEYS": `{"KEYS":[]}`,
		"lists twice": `{"keys":[],"keys":[]}`, "a bad key among good ones": `{"keys":[` + good + `,{}]}`, "one id twice": `{"keys":[` + good + `,` + good + `]}`,
		"a secret among public keys": `{"keys":[` + ed + `,` + good + `]}`, "a key alone": good, "null": `null`, "nothing": ``,
	} {
		if _, err := ParseJWKS([]byte(text)); err == nil {
			t.Errorf("a set with %s: taken", name)
		}
	}
}
