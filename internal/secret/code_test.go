package secret

import "testing"

func TestCode(t *testing.T) {
	seen := map[string]bool{}
	var counts [10]int
	for range 2000 {
		code := MintCode()
		if got, ok := ParseCode(code[:4] + " " + code[4:]); !ok || got != code {
			t.Fatalf("ParseCode(%q with a space) = %q, %t", code, got, ok)
		}
		seen[code] = true
		counts[code[0]-'0']++
	}
	if len(seen) < 1990 {
		t.Errorf("only %d of 2000 codes differ", len(seen))
	}
	for digit, n := range counts {
		if n < 120 || n > 290 {
			t.Errorf("%d codes of 2000 begin with %d", n, digit)
		}
	}
	for _, bad := range []string{"", "1234567", "123456789", "1234567x", "１２３４５６７８", "+1234567", "12345678 12345678", "1234.5678"} {
		if code, ok := ParseCode(bad); ok {
			t.Errorf("ParseCode(%q) = %q", bad, code)
		}
	}
}
