package passkey_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"testing"

	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/passkey"
)

var challenge = []byte("a challenge of some bytes")

// made is a new passkey, and what is stored of it.
func made(t testing.TB, p *passkey.Party) (*authtest.Passkey, *passkey.Passkey) {
	t.Helper()
	key := authtest.NewPasskey()
	created, err := passkey.ParseCreated(key.Create(p.CreationOptions(challenge, passkey.Account{Handle: [16]byte{1}, Name: "ann"}, nil, passkey.Preferred)))
	if err != nil || string(created.Challenge()) != string(challenge) {
		t.Fatalf("ParseCreated() = %v", err)
	}
	stored, err := p.Check(created, true)
	if err != nil {
		t.Fatalf("Check() = %v", err)
	}
	return key, stored
}

// No bit of what is signed can be changed, and nothing that is sent ends in a panic.
func TestEveryBitCounts(t *testing.T) {
	p := authtest.Party()
	key, stored := made(t, p)
	answer := key.Get(p.RequestOptions(challenge, nil, passkey.Required))
	verify := func(text []byte) error {
		a, err := passkey.ParseAnswer(text)
		if err == nil {
			_, err = p.Verify(a, stored.PublicKey, true)
		}
		return err
	}
	if err := verify(answer); err != nil {
		t.Fatalf("Verify() = %v", err)
	}
	for _, part := range []string{"authenticatorData", "signature", "clientDataJSON"} {
		var sent map[string]any
		if err := json.Unmarshal(answer, &sent); err != nil {
			t.Fatal(err)
		}
		response := sent["response"].(map[string]any)
		good, err := base64.RawURLEncoding.DecodeString(response[part].(string))
		if err != nil {
			t.Fatal(err)
		}
		for i := range 8 * len(good) {
			bad := append([]byte{}, good...)
			bad[i/8] ^= 1 << (i % 8)
			response[part] = base64.RawURLEncoding.EncodeToString(bad)
			text, err := json.Marshal(sent)
			if err != nil {
				t.Fatal(err)
			}
			if err := verify(text); !errors.Is(err, passkey.ErrRefused) {
				t.Errorf("%s with bit %d changed: %v", part, i, err)
			}
		}
	}
}

// Apps on Android have an origin of their own kind.
func TestAnAppAnswers(t *testing.T) {
	p := authtest.Party()
	const app = "android:apk-key-hash:pNiP5iKyQ8JwgGOaKA1zGPUPJIS-0H1xKCQcfIoGLck"
	p.Allowed = func(origin string) bool { return origin == app }
	key := authtest.NewPasskey()
	key.Origin = app
	created, err := passkey.ParseCreated(key.Create(p.CreationOptions(challenge, passkey.Account{}, nil, passkey.Preferred)))
	if err != nil {
		t.Fatal(err)
	}
	stored, err := p.Check(created, true)
	if err != nil {
		t.Fatalf("Check() = %v", err)
	}
	answer, err := passkey.ParseAnswer(key.Get(p.RequestOptions(challenge, nil, passkey.Required)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Verify(answer, stored.PublicKey, true); err != nil {
		t.Errorf("Verify() = %v", err)
	}
	p.Allowed = func(string) bool { return false }
	if _, err := p.Verify(answer, stored.PublicKey, true); !errors.Is(err, passkey.ErrRefused) {
		t.Errorf("of another app: Verify() = %v", err)
	}
}

func TestCloned(t *testing.T) {
	for _, test := range []struct {
		stored, given uint32
		want          bool
	}{{0, 0, false}, {0, 1, false}, {1, 2, false}, {1, 1, true}, {2, 1, true}, {1, 0, true}, {1<<32 - 1, 0, true}} {
		if got := passkey.Cloned(test.stored, test.given); got != test.want {
			t.Errorf("Cloned(%d, %d) = %t", test.stored, test.given, got)
		}
	}
}

// What extensions answer is not signed and decides nothing, whatever it is.
func TestExtensionsDecideNothing(t *testing.T) {
	p := authtest.Party()
	key := authtest.NewPasskey()
	for _, results := range []any{nil, 7, "x", map[string]any{}, map[string]any{"credProps": "x"}, map[string]any{"credProps": map[string]any{"rk": "x"}}, map[string]any{"prf": 1, "appid": true}} {
		key.Response = func(r map[string]any) { r["clientExtensionResults"] = results }
		created, err := passkey.ParseCreated(key.Create(p.CreationOptions(challenge, passkey.Account{}, nil, passkey.Preferred)))
		if err != nil {
			t.Errorf("%v: ParseCreated() = %v", results, err)
			continue
		}
		if stored, err := p.Check(created, true); err != nil || stored.Discoverable != nil {
			t.Errorf("%v: Check() = %+v, %v", results, stored, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	p := authtest.Party()
	key, stored := made(f, p)
	f.Add([]byte(key.Get(p.RequestOptions(challenge, nil, passkey.Required))))
	f.Add([]byte(key.Create(p.CreationOptions(challenge, passkey.Account{}, nil, passkey.Required))))
	f.Fuzz(func(_ *testing.T, text []byte) {
		if a, err := passkey.ParseAnswer(text); err == nil {
			_, _ = p.Verify(a, stored.PublicKey, true) // it must not panic
		}
		if c, err := passkey.ParseCreated(text); err == nil {
			_, _ = p.Check(c, false)
		}
	})
}

func BenchmarkRequestOptions(b *testing.B) {
	p := authtest.Party()
	for b.Loop() {
		p.RequestOptions(challenge, nil, passkey.Required)
	}
}
