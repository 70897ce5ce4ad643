package totp_test

import (
	"encoding/xml"
	"io"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/totp"
)

var key = []byte("12345678901234567890")

// The vectors of RFC 6238, appendix B, cut to six digits.
func TestVectors(t *testing.T) {
	for seconds, want := range map[int64]string{
		59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130",
	} {
		if got := totp.Code(key, totp.Step(time.Unix(seconds, 0))); got != want {
			t.Errorf("at %d: %s, want %s", seconds, got, want)
		}
	}
}

func TestMatch(t *testing.T) {
	now := time.Unix(1234567890, 0)
	step := totp.Step(now)
	code := func(by int64) string { return totp.Code(key, step+by) }
	tests := []struct {
		name, given string
		after, want int64 // want 0: refused
	}{
		{"the present code", code(0), 0, step},
		{"the one before", code(-1), 0, step - 1},
		{"the next one", code(1), 0, step + 1},
		{"two steps ago", code(-2), 0, 0},
		{"two steps ahead", code(2), 0, 0},
		{"one that was used", code(0), step, 0},
		{"one before one that was used", code(-1), step, 0},
		{"the next after one that was used", code(1), step, step + 1},
		{"with spaces", " " + code(0)[:3] + " " + code(0)[3:] + " ", 0, step},
		{"too short", code(0)[:5], 0, 0},
		{"too long", code(0) + "0", 0, 0},
		{"nothing", "", 0, 0},
		{"other digits of Unicode", "００５９２４", 0, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, ok := totp.Match(key, test.given, now, test.after)
			if got != test.want || ok != (test.want != 0) {
				t.Errorf("Match() = %d, %t, want %d", got, ok, test.want)
			}
		})
	}
}

func TestURI(t *testing.T) {
	text := totp.URI("Shop: a & b", "ann+x@example.org", key)
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	if u.Scheme != "otpauth" || u.Host != "totp" || u.Path != "/Shop: a & b:ann+x@example.org" || strings.ContainsAny(text, "+ ") {
		t.Errorf("URI() = %s", text)
	}
	if !strings.HasPrefix(u.EscapedPath(), "/Shop%3A%20a%20%26%20b:ann%2Bx") {
		t.Errorf("URI() = %s: the label is not escaped", text)
	}
	if q := u.Query(); q.Get("issuer") != "Shop: a & b" || q.Get("secret") != "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" {
		t.Errorf("URI() has %v", q)
	}
}

func TestNewKey(t *testing.T) {
	if a, b := totp.Secret(totp.NewKey()), totp.Secret(totp.NewKey()); a == b || len(a) != 32 {
		t.Errorf("NewKey() gives %s and %s", a, b)
	}
}

func TestSVG(t *testing.T) {
	svg, err := totp.SVG(totp.URI("Example", "ann@example.org", totp.NewKey()))
	if err != nil {
		t.Fatal(err)
	}
	for dec := xml.NewDecoder(strings.NewReader(svg)); ; {
		_, err := dec.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("not XML: %v", err)
		}
	}
	// The finder of the upper left corner: seven dark modules inside the margin.
	if !strings.Contains(svg, "M4 4h7v1h-7z") || len(svg) > 12_000 {
		t.Errorf("SVG() = %.80s… (%d bytes)", svg, len(svg))
	}
	if _, err := totp.SVG(strings.Repeat("x", 10_000)); err == nil {
		t.Error("a text that fits no QR code is taken")
	}
}
