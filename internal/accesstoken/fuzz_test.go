package accesstoken

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// FuzzVerify presents arbitrary text. HS256 has one signature for one text, so
// nothing but the tokens issued can be accepted.
func FuzzVerify(f *testing.F) {
	c := newClock()
	a, k := authority(f, HS256, c)
	good := issue(f, a, sessionClaims(c))
	for _, s := range []string{good, good + "\n", good + "=", "", "..", "a.b.c", "eyJhbGciOiJub25lIn0..", signed(f, k, goodHeader(k), "{}")} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		got, err := a.Verify(raw)
		if (err == nil) != (raw == good) || err != nil && got != (Claims{}) {
			t.Errorf("Verify(%q) = %+v, %v", raw, got, err)
		}
	})
}

// FuzzHeader signs arbitrary headers with the right key. Accepted are those that
// say what ours say, to a reader of another make too.
func FuzzHeader(f *testing.F) {
	c := newClock()
	a, k := authority(f, HS256, c)
	claims := payload(f, c, nil)
	for _, s := range []string{
		goodHeader(k), " " + goodHeader(k) + "\n", `{}`, `null`, `{"alg":"none"}`, strings.Replace(goodHeader(k), "{", `{"crit":["exp"],`, 1),
		strings.Replace(goodHeader(k), "alg", `\u0061lg`, 1), strings.Replace(goodHeader(k), "{", `{"alg":"none",`, 1),
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, header string) {
		if _, err := a.Verify(signed(t, k, header, claims)); err != nil {
			return
		}
		m := independent(t, header)
		if len(m) != 3 || m["alg"] != "HS256" || m["kid"] != k.ID() || m["typ"] != "at+jwt" && m["typ"] != "application/at+jwt" {
			t.Errorf("accepted with the header %q", header)
		}
	})
}

// FuzzClaims signs arbitrary payloads with the right key. Accepted are those in
// which a reader of another make finds the very claims that we found.
func FuzzClaims(f *testing.F) {
	c := newClock()
	a, k := authority(f, HS256, c)
	good := payload(f, c, nil)
	for _, s := range []string{
		good, `{}`, `null`, `[]`, payload(f, c, map[string]any{"aud": []any{"x", audience}}), payload(f, c, map[string]any{"sid": absent{}, "tid": "0192f0c4-7a3e-7cc2-8a5e-3f1d9b6a7c09", "auth_time": absent{}}),
		strings.Replace(good, "{", `{"exp":1,`, 1), strings.Replace(good, `"sub"`, `"\u0073ub"`, 1), strings.Replace(good, "{", `{"x":{"y":1,"y":2},`, 1),
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := a.Verify(signed(t, k, goodHeader(k), text))
		if err != nil {
			if got != (Claims{}) {
				t.Errorf("claims beside an error for %q", text)
			}
			return
		}
		m := independent(t, text)
		for name, want := range got.wire(issuer, audience) {
			if list, isList := m[name].([]any); isList && name == "aud" {
				m[name] = list[0]
				for _, entry := range list {
					if entry == want {
						m[name] = entry
					}
				}
			}
			if fmt.Sprint(m[name]) != fmt.Sprint(want) {
				t.Errorf("%s is %v, read as %v", name, m[name], want)
			}
		}
		if n := c.t.Unix(); got.ExpiresAt.Unix() < n-30 || got.NotBefore.Unix() > n+30 || got.IssuedAt.Unix() > n+30 {
			t.Errorf("accepted out of its time: %+v", got)
		}
	})
}

// independent reads an object with the standard library, token by token, and
// fails if a name occurs twice in it.
func independent(t *testing.T, text string) map[string]any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	m := map[string]any{}
	if _, err := d.Token(); err != nil {
		t.Fatalf("accepted %q: %v", text, err)
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			t.Fatalf("accepted %q: %v", text, err)
		}
		var value any
		if err := d.Decode(&value); err != nil {
			t.Fatalf("accepted %q: %v", text, err)
		}
		if _, twice := m[fmt.Sprint(name)]; twice {
			t.Fatalf("accepted %q, in which %v occurs twice", text, name)
		}
		m[fmt.Sprint(name)] = value
	}
	return m
}

func FuzzParseJWKS(f *testing.F) {
	for _, alg := range algorithms() {
		k := generate(f, alg)
		b, err := ring(f, k).JWKS()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte(`{"keys":[{"kty":"oct","alg":"HS256","kid":"a","k":"` + b64(strings.Repeat("k", 32)) + `"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := ParseJWKS(data)
		if err != nil {
			return
		}
		for id, k := range s.byID {
			if id == "" || k.id != id || admit(k.alg, k.key()) != nil {
				t.Errorf("accepted %q", data)
			}
		}
	})
}

func FuzzParseKey(f *testing.F) {
	for _, alg := range algorithms() {
		k := generate(f, alg)
		der, err := k.Marshal()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(alg), k.ID(), der)
	}
	f.Fuzz(func(t *testing.T, alg, id string, der []byte) {
		k, err := ParseKey(alg, id, der)
		if err != nil {
			return
		}
		back, err := k.Marshal()
		if err != nil || k.ID() != id || string(k.Algorithm()) != alg || alg == "HS256" && !bytes.Equal(back, der) {
			t.Errorf("accepted %s %s %x: %v", alg, id, der, err)
		}
	})
}
