package accesstoken

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/json"
)

// TestForgedTokens presents what people forge, to a server of each algorithm.
// All of it is answered alike.
func TestForgedTokens(t *testing.T) {
	for _, alg := range algorithms() {
		t.Run(string(alg), func(t *testing.T) {
			c := newClock()
			a, k := authority(t, alg, c)
			claims := payload(t, c, nil)
			good := signed(t, k, goodHeader(k), claims)
			wantAccepted(t, a, "the genuine token", good)

			head := func(alg string) string { // alg as JSON
				return `{"alg":` + alg + `,"kid":"` + k.ID() + `","typ":"at+jwt"}`
			}
			unsigned := func(header string) string { return b64(header) + "." + b64(claims) + "." }
			forged := map[string]string{
				"no alg":                      signed(t, k, `{"kid":"`+k.ID()+`","typ":"at+jwt"}`, claims),
				"an empty signature":          unsigned(goodHeader(k)),
				"a signature of one byte":     unsigned(goodHeader(k)) + "AA",
				"a signature of zeros":        unsigned(goodHeader(k)) + b64(strings.Repeat("\x00", 64)),
				"another token's signature":   good[:strings.LastIndex(good, ".")] + good[strings.LastIndex(signed(t, k, goodHeader(k), payload(t, c, map[string]any{"scope": "x"})), "."):],
				"a stranger's key, our kid":   signed(t, generate(t, alg), goodHeader(k), claims),
				"no kid":                      signed(t, k, `{"alg":"`+string(alg)+`","typ":"at+jwt"}`, claims),
				"an empty kid":                signed(t, k, `{"alg":"`+string(alg)+`","kid":"","typ":"at+jwt"}`, claims),
				"a numeric kid":               signed(t, k, `{"alg":"`+string(alg)+`","kid":0,"typ":"at+jwt"}`, claims),
				"a list of kids":              signed(t, k, `{"alg":"`+string(alg)+`","kid":["`+k.ID()+`"],"typ":"at+jwt"}`, claims),
				"kid twice":                   signed(t, k, `{"alg":"`+string(alg)+`","kid":"x","kid":"`+k.ID()+`","typ":"at+jwt"}`, claims),
				"alg twice":                   signed(t, k, `{"alg":"none","alg":"`+string(alg)+`","kid":"`+k.ID()+`","typ":"at+jwt"}`, claims),
				"alg twice, once escaped":     signed(t, k, `{"\u0061lg":"none","alg":"`+string(alg)+`","kid":"`+k.ID()+`","typ":"at+jwt"}`, claims),
				"ALG":                         signed(t, k, `{"ALG":"`+string(alg)+`","kid":"`+k.ID()+`","typ":"at+jwt"}`, claims),
				"alg and ALG":                 signed(t, k, `{"ALG":"none","alg":"`+string(alg)+`","kid":"`+k.ID()+`","typ":"at+jwt"}`, claims),
				"a header that is a list":     signed(t, k, `["`+string(alg)+`"]`, claims),
				"a header that is null":       signed(t, k, `null`, claims),
				"an empty header":             signed(t, k, ``, claims),
				"a header of no members":      signed(t, k, `{}`, claims),
				"text behind the header":      signed(t, k, goodHeader(k)+`{}`, claims),
				"invalid UTF-8 in the header": signed(t, k, `{"alg":"`+string(alg)+`","kid":"`+k.ID()+`","typ":"at+jwt","`+"\xff"+`":"x"}`, claims),
				"a deep header":               signed(t, k, strings.Repeat("[", 2000), claims),
				"five parts (a JWE)":          good + ".AAAA.AAAA",
				"four parts":                  good + ".",
				"two parts":                   good[:strings.LastIndex(good, ".")],
				"one part":                    strings.ReplaceAll(good, ".", ""),
				"nothing":                     "",
				"two dots":                    "..",
				"8 KiB of dots":               strings.Repeat(".", 8192),
				"the token of 8 KiB and more": signed(t, k, goodHeader(k), payload(t, c, map[string]any{"x": strings.Repeat("x", 8000)})),
				"a megabyte":                  strings.Repeat("A", 1<<20),
				"a second token behind":       good + " " + good,
				"Bearer in front":             "Bearer " + good,
				"JSON serialization":          `{"protected":"` + strings.Split(good, ".")[0] + `","payload":"` + strings.Split(good, ".")[1] + `","signature":"` + strings.Split(good, ".")[2] + `"}`,
				"an API token":                "agt_0123456789012345678901234567890123456789012abcdef",
				"claims changed, signature not": strings.Join([]string{
					strings.Split(good, ".")[0], b64(payload(t, c, map[string]any{"scope": "admin"})), strings.Split(good, ".")[2],
				}, "."),
			}
			for _, spelling := range []string{`"none"`, `"None"`, `"NONE"`, `"nOnE"`, `""`, `["none"]`, `null`, `0`, `{}`, `true`} {
				forged["unsigned, alg "+spelling] = unsigned(head(spelling))
				forged["signed, alg "+spelling] = signed(t, k, head(spelling), claims)
			}
			for _, spelling := range []string{
				string(alg) + " ", " " + string(alg), strings.ToLower(string(alg)), string(alg) + "\x00", string(alg)[:4],
				"HS384", "HS512", "RS384", "RS512", "PS256", "ES384", "ES512", "ES256K", "Ed25519", "A256GCM", "dir",
			} {
				quoted, _ := json.Marshal(spelling) // a string
				forged["alg "+spelling] = signed(t, k, head(string(quoted)), claims)
			}
			forged["alg as a list"] = signed(t, k, head(`["`+string(alg)+`"]`), claims)
			for _, other := range algorithms() {
				if other != alg {
					forged["alg "+string(other)] = signed(t, k, head(`"`+string(other)+`"`), claims)
					forged["alg "+string(other)+", its key"] = signed(t, generate(t, other), head(`"`+string(other)+`"`), claims)
				}
			}
			for name, value := range map[string]string{
				"jwk": publicJWK(t, generate(t, ES256)), "jku": `"https://evil.test/jwks"`, "x5u": `"https://evil.test/x"`,
				"x5c": `["MIIB"]`, "x5t": `"AAAA"`, "x5t#S256": `"AAAA"`, "b64": `false`, "crit": `["b64"]`, "zip": `"DEF"`,
				"cty": `"JWT"`, "enc": `"A256GCM"`, "p2c": `1000000000`, "epk": `{}`, "apu": `""`, "unknown": `"x"`, "url": `"x"`, "nonce": `"x"`,
			} {
				forged["a header with "+name] = signed(t, k, strings.TrimSuffix(goodHeader(k), "}")+`,"`+name+`":`+value+`}`, claims)
			}
			forged["an empty crit"] = signed(t, k, strings.TrimSuffix(goodHeader(k), "}")+`,"crit":[]}`, claims)
			forged["a null crit"] = signed(t, k, strings.TrimSuffix(goodHeader(k), "}")+`,"crit":null}`, claims)
			for _, typ := range []string{
				`"JWT"`, `"jwt"`, `"AT+JWT"`, `"at+JWT"`, `"Application/at+jwt"`, `"application/jwt"`, `"application/application/at+jwt"`, `"at+jwt "`,
				`"id_token"`, `"logout+jwt"`, `"dpop+jwt"`, `"secevent+jwt"`, `"JOSE"`, `""`, `null`, `1`, `["at+jwt"]`, `{"at+jwt":1}`,
			} {
				forged["typ "+typ] = signed(t, k, strings.Replace(goodHeader(k), `"at+jwt"`, typ, 1), claims)
			}
			forged["no typ"] = signed(t, k, strings.Replace(goodHeader(k), `,"typ":"at+jwt"`, ``, 1), claims)
			for name, raw := range respelled(good) {
				forged[name] = raw
			}
			if !alg.symmetric() {
				for name, secret := range publicSpellings(t, k) {
					forged["HS256 with the public key as "+name] = withHMAC(head(`"HS256"`), claims, secret)
				}
			}
			for _, secret := range []string{"", "secret", "\x00", k.ID()} {
				forged["HS256 with a guessed secret "+secret] = withHMAC(head(`"HS256"`), claims, []byte(secret))
			}

			for name, raw := range forged {
				wantRefused(t, a, name, raw)
			}
			for name, kid := range map[string]string{
				"a stranger's kid": generate(t, alg).ID(), "a kid in the wrong case": swapCase(k.ID()), "a kid and a space": k.ID() + " ",
				"a path": "../../../dev/null", "SQL": "x' UNION SELECT 'AA", "a command": "|id", "an address": "https://evil.test/key",
			} {
				quoted, _ := json.Marshal(kid) // a string
				header := `{"alg":"` + string(alg) + `","kid":` + string(quoted) + `,"typ":"at+jwt"}`
				wantError(t, a, name, signed(t, k, header, claims), ErrUnknownKey)
				wantError(t, a, name, signed(t, k, header, claims), ErrInvalid)
			}
			wantAccepted(t, a, "the genuine token, after all that", good)
			wantAccepted(t, a, "the long form of typ", signed(t, k, strings.Replace(goodHeader(k), "at+jwt", "application/at+jwt", 1), claims))
			t.Logf("%d forged tokens refused", len(forged)+7)
		})
	}
}

// TestSize finds the longest token that is taken, by the Authority and by a set
// of published keys.
func TestSize(t *testing.T) {
	c := newClock()
	a, k := authority(t, EdDSA, c)
	taken, refused := 0, 0
	for pad := 5572; pad < 5772; pad++ {
		raw := signed(t, k, goodHeader(k), payload(t, c, map[string]any{"x": strings.Repeat("x", pad)}))
		_, err := a.Verify(raw)
		_, errSet := a.Keyring().set.Verify(raw)
		if (err == nil) != (len(raw) <= 8192) || (errSet == nil) != (len(raw) <= 8192) {
			t.Fatalf("%d bytes: %v, %v", len(raw), err, errSet)
		}
		if err == nil {
			taken++
		} else {
			refused++
		}
	}
	if taken == 0 || refused == 0 {
		t.Errorf("%d taken, %d refused: the limit was not met", taken, refused)
	}
}

// TestEveryByteCounts flips one bit of each byte of a token.
func TestEveryByteCounts(t *testing.T) {
	for _, alg := range algorithms() {
		c := newClock()
		a, _ := authority(t, alg, c)
		good := issue(t, a, sessionClaims(c))
		for i := range good {
			b := []byte(good)
			b[i] ^= 1
			wantError(t, a, string(alg), string(b), ErrInvalid)
			wantError(t, a, string(alg), good[:i], ErrInvalid)
		}
	}
}

// respelled writes a good token in ways that decode to the same bytes.
func respelled(good string) map[string]string {
	parts := strings.Split(good, ".")
	all := map[string]string{
		"a newline behind": good + "\n", "CR LF behind": good + "\r\n", "a space behind": good + " ", "a tab in front": "\t" + good,
		"a NUL behind": good + "\x00", "a byte order mark": "\ufeff" + good, "a percent sign": strings.Replace(good, ".", "%2E", 1),
	}
	for i, name := range []string{"header", "payload", "signature"} {
		for what, space := range map[string]string{"newline": "\n", "CR": "\r", "space": " ", "tab": "\t", "vertical tab": "\v"} {
			changed := append([]string(nil), parts...)
			changed[i] = parts[i][:5] + space + parts[i][5:]
			all["a "+what+" in the "+name] = strings.Join(changed, ".")
			changed[i] = parts[i] + space
			all["a "+what+" behind the "+name] = strings.Join(changed, ".")
		}
		for _, pad := range []string{"=", "==", "==="} {
			changed := append([]string(nil), parts...)
			changed[i] = parts[i] + pad
			all["padding "+pad+" behind the "+name] = strings.Join(changed, ".")
		}
		if spare := loose(parts[i]); spare != "" {
			changed := append([]string(nil), parts...)
			changed[i] = spare
			all["unused bits set in the "+name] = strings.Join(changed, ".")
		}
	}
	if plain := strings.NewReplacer("-", "+", "_", "/").Replace(good); plain != good {
		all["the other alphabet"] = plain
	}
	return all
}

// loose sets an unused bit of the last character; "" if there is none.
func loose(s string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	if len(s)%4 == 0 {
		return ""
	}
	last := strings.IndexByte(alphabet, s[len(s)-1])
	return s[:len(s)-1] + alphabet[last+1:last+2]
}

func withHMAC(header, claims string, secret []byte) string {
	input := b64(header) + "." + b64(claims)
	h := hmac.New(sha256.New, secret)
	h.Write([]byte(input))
	return input + "." + b64(string(h.Sum(nil)))
}

// publicSpellings is the public key in the forms that servers have been tricked
// into using as an HMAC secret.
func publicSpellings(t *testing.T, k *Key) map[string][]byte {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(k.check.key())
	if err != nil {
		t.Fatal(err)
	}
	block := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	jwk := publicJWK(t, k)
	jwks, err := ring(t, k).JWKS()
	if err != nil {
		t.Fatal(err)
	}
	return map[string][]byte{
		"DER": der, "PEM": block, "PEM without the last newline": []byte(strings.TrimSpace(string(block))),
		"JWK": []byte(jwk), "JWK Set": jwks, "base64 of the DER": []byte(b64(string(der))),
	}
}

func publicJWK(t *testing.T, k *Key) string {
	t.Helper()
	b, err := json.Marshal(jose.JSONWebKey{Key: k.check.key(), KeyID: k.ID(), Algorithm: string(k.Algorithm()), Use: "sig"})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func swapCase(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z':
			return r - 'a' + 'A'
		case 'A' <= r && r <= 'Z':
			return r - 'A' + 'a'
		}
		return r
	}, s)
}
