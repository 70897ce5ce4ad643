package foreignhash_test

import (
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/authgraph/authgraph/internal/foreignhash"
	"github.com/authgraph/authgraph/internal/password"
)

// made is what a vector says of a hash: a text, or an object.
type made struct {
	text                         string
	CredentialData, SecretData   string
	Format, Hash, Salt, Position string
}

func (m *made) UnmarshalJSON(b []byte) error {
	if b[0] == '"' {
		return json.Unmarshal(b, &m.text)
	}
	type plain made
	return json.Unmarshal(b, (*plain)(m))
}

func (m *made) translate() (string, error) {
	switch {
	case m.Format != "":
		return foreignhash.Described(m.Format, m.Hash, m.Salt, "", m.Position)
	case m.CredentialData != "":
		return foreignhash.Keycloak(m.CredentialData, m.SecretData)
	}
	return foreignhash.Translate(m.text)
}

func load(t *testing.T, path string, into any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatal(err)
	}
}

func TestVectors(t *testing.T) {
	t.Parallel()
	var vectors []struct {
		Program, Name, Password string
		Hash                    made
	}
	load(t, "testdata/vectors.json", &vectors)
	if len(vectors) < 100 {
		t.Fatalf("only %d vectors", len(vectors))
	}
	for _, v := range vectors {
		text, err := v.Hash.translate()
		if err != nil {
			t.Errorf("%s: %s: %v", v.Program, v.Name, err)
			continue
		}
		verifies(t, v.Program+": "+v.Name, v.Password, text)
	}
}

func TestFirebase(t *testing.T) {
	t.Parallel()
	var file struct {
		Config  string
		Vectors []struct{ Password, Salt, PasswordHash string }
	}
	load(t, "testdata/firebase.json", &file)
	config, err := foreignhash.ParseFirebaseConfig(file.Config)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range file.Vectors {
		text, err := config.Hash(v.PasswordHash, v.Salt)
		if err != nil {
			t.Fatal(err)
		}
		verifies(t, "Firebase", v.Password, text)
	}
}

// verifies that a hash is good for its password alone, and is to be replaced. No
// fast hash is stored.
func verifies(t *testing.T, name, right, text string) {
	t.Helper()
	ctx := context.Background()
	h, err := password.New(password.Options{Scheme: password.InsecureForTests()})
	if err != nil {
		t.Fatal(err)
	}
	stored, kinds, err := h.Adopt(ctx, text)
	if err != nil || len(kinds) == 0 {
		t.Errorf("%s: Adopt(%s) = %v, %v", name, text, kinds, err)
		return
	}
	if strings.HasPrefix(text, "$fast$") && !strings.HasPrefix(stored, "$wrapped$") {
		t.Errorf("%s: a fast hash would be stored: %s", name, stored)
	}
	if ok, rehash, err := h.Verify(ctx, right, stored); !ok || !rehash || err != nil {
		t.Errorf("%s: Verify(%q, %s) = %v, %v, %v, want true, true, nil", name, right, stored, ok, rehash, err)
	}
	for _, wrong := range []string{right + "x", right[1:]} {
		if ok, _, err := h.Verify(ctx, wrong, stored); ok || err != nil {
			t.Errorf("%s: Verify(%q, %s) = %v, %v, want false, nil", name, wrong, stored, ok, err)
		}
	}
	if again, _, err := h.Adopt(ctx, stored); again != stored || err != nil {
		t.Errorf("%s: Adopt of what was stored, %s, = %s, %v", name, stored, again, err)
	}
	if other, err := foreignhash.Translate(stored); other != stored || err != nil {
		t.Errorf("%s: Translate of what was stored, %s, = %s, %v", name, stored, other, err)
	}
}
