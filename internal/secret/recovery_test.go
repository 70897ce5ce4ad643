package secret_test

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/internal/secret"
)

func TestRecovery(t *testing.T) {
	ann, bob := uuid.New(), uuid.New()
	plain, digest := secret.MintRecovery(ann)
	if !regexp.MustCompile(`^([0-9A-HJKMNP-TV-Z]{4}-){5}[0-9A-HJKMNP-TV-Z]{4}$`).MatchString(plain) {
		t.Fatalf("MintRecovery() = %s", plain)
	}
	misread := strings.NewReplacer("0", "o", "1", "l")
	for _, given := range []string{plain, strings.ToLower(plain), strings.ReplaceAll(plain, "-", ""), " " + strings.ReplaceAll(plain, "-", " ") + "\n", misread.Replace(plain)} {
		if got, ok := secret.ParseRecovery(ann, given); !ok || !bytes.Equal(got, digest) {
			t.Errorf("ParseRecovery(%q) is another code, or none", given)
		}
	}
	if got, ok := secret.ParseRecovery(bob, plain); !ok || bytes.Equal(got, digest) {
		t.Error("a code is good for two accounts")
	}
	for _, given := range []string{"", plain[:len(plain)-1], plain + "0", strings.Repeat("U", 24), strings.Repeat(" ", 1000) + plain, "0000-0000-0000-0000-0000-000é"} {
		if _, ok := secret.ParseRecovery(ann, given); ok {
			t.Errorf("ParseRecovery(%q) takes it", given)
		}
	}
	if other, _ := secret.MintRecovery(ann); other == plain {
		t.Error("two codes are alike")
	}
}
