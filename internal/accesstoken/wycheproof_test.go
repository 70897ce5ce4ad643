package accesstoken

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// vectors is a file of Project Wycheproof, as far as it is read here.
type vectors struct {
	TestGroups []struct {
		Comment         string
		Public, Private json.RawMessage
		Tests           []struct {
			TcID    int
			Comment string
			JWS     text
			JWE     text
			Result  string
		}
	}
}

// text is a string, or the JSON that stands in place of one.
type text string

func (s *text) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, (*string)(s))
	}
	*s = text(b)
	return nil
}

// wycheproof reads a file of vectors. They are not part of the repository: they
// are found beside it, or where AUTHGRAPH_TEST_WYCHEPROOF says. Without them the
// test is skipped, but not in CI.
func wycheproof(t *testing.T, name string) vectors {
	t.Helper()
	dir := os.Getenv("AUTHGRAPH_TEST_WYCHEPROOF")
	if dir == "" {
		dir = filepath.Join(repository(t), "..", "shared", "wycheproof")
	}
	b, err := os.ReadFile(filepath.Join(dir, name))
	if errors.Is(err, os.ErrNotExist) && os.Getenv("CI") != "true" {
		t.Skip("Project Wycheproof's vectors were not found: set AUTHGRAPH_TEST_WYCHEPROOF to the folder of json_web_signature_test.json")
	}
	if err != nil {
		t.Fatalf("read vectors: %v", err)
	}
	var v vectors
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatalf("read vectors: %v", err)
	}
	return v
}

// repository is the folder of go.mod, above the package.
func repository(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the package")
		}
		dir = filepath.Dir(dir)
	}
}

// set loads the key or keys of a group as a consumer of them would: the public
// part if there is one. A key that is refused leaves nothing to verify with.
func set(public, private json.RawMessage) *KeySet {
	key := public
	if key == nil {
		key = private
	}
	var s *KeySet
	k, err := ParseJWK(key)
	if err == nil {
		s, err = NewKeySet(k)
	} else {
		s, err = ParseJWKS(key)
	}
	if err != nil {
		return &KeySet{}
	}
	return s
}

// verdict tells under which of our algorithms s accepts raw; nil if under none.
func verdict(s *KeySet, raw string) []Algorithm {
	jws, err := s.Verify(raw)
	if err != nil {
		return nil
	}
	return []Algorithm{s.byID[jws.KeyID].alg}
}

// inUse tells whether the header of raw names one of our algorithms.
func inUse(raw string) (Algorithm, bool) {
	for i, c := range raw {
		if c != '.' {
			continue
		}
		head, ok := decodeSegment(raw[:i])
		if !ok {
			return "", false
		}
		h, ok := readHeader(head)
		return Algorithm(h.alg), ok && Algorithm(h.alg).Valid()
	}
	return "", false
}

// excluded are vectors of json_web_signature that contradict others or the
// standard.
var excluded = map[int]string{
	346: "the key is for PS256, the header says PS384, and yet it is 'valid'",
	350: "the key is for PS256, the header says PS384, and yet it is 'valid'",
	367: "'invalid', but the same string as the valid vector 357: the padding it is about was lost",
	370: "'invalid', but the same string as the valid vector 357: the padding it is about was lost",
	372: "'valid' with a '?' inside base64url, against RFC 7515 section 2",
	373: "'valid' with a '?' inside base64url, against RFC 7515 section 2",
}

func TestWycheproofSignatures(t *testing.T) {
	checkVectors(t, "json_web_signature_test.json", excluded, 395)
}

func TestWycheproofKeys(t *testing.T) {
	checkVectors(t, "json_web_key_test.json", nil, 26)
}

// checkVectors runs a file. Accepted must be what is valid under an algorithm of
// ours, under that algorithm alone; what is valid under another is refused.
func checkVectors(t *testing.T, file string, except map[int]string, want int) {
	agreed, accepted := 0, map[Algorithm]int{}
	for _, g := range wycheproof(t, file).TestGroups {
		s := set(g.Public, g.Private)
		for _, v := range g.Tests {
			if except[v.TcID] != "" {
				continue
			}
			var expected []Algorithm
			if alg, ours := inUse(string(v.JWS)); ours && v.Result == "valid" {
				expected = []Algorithm{alg}
			}
			got := verdict(s, string(v.JWS))
			if !slices.Equal(got, expected) {
				t.Errorf("%s %d (%s, %s): accepted under %v, want %v", g.Comment, v.TcID, v.Comment, v.Result, got, expected)
				continue
			}
			agreed++
			for _, alg := range got {
				accepted[alg]++
			}
		}
	}
	if agreed != want {
		t.Errorf("%d vectors agree, want %d", agreed, want)
	}
	for _, alg := range []Algorithm{ES256, RS256, HS256} {
		if accepted[alg] == 0 && file == "json_web_signature_test.json" {
			t.Errorf("no vector of %s was accepted: nothing was tested", alg)
		}
	}
	t.Logf("%d of %d vectors agree; accepted: %v", agreed, want, accepted)
}

// TestWycheproofBearers presents every string of all four files as an access
// token: encrypted ones, and signed ones of keys that are not ours.
func TestWycheproofBearers(t *testing.T) {
	for _, alg := range algorithms() {
		a, _ := authority(t, alg, newClock())
		n := 0
		for _, file := range []string{"json_web_encryption_test.json", "json_web_signature_test.json", "json_web_key_test.json", "json_web_crypto_test.json"} {
			for _, g := range wycheproof(t, file).TestGroups {
				for _, v := range g.Tests {
					wantError(t, a, file+" "+v.Comment, string(v.JWE+v.JWS), ErrInvalid)
					n++
				}
			}
		}
		if n != 139+401+26+83 {
			t.Errorf("%d strings presented, want 649", n)
		}
	}
}
