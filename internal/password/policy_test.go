package password

import (
	"errors"
	"strings"
	"testing"
)

func TestPolicyLengths(t *testing.T) {
	const letters = "xkwqvbzjtmrgdhyplfcn"
	for _, c := range []struct {
		what     string
		policy   Policy
		password string
		want     error
	}{
		{"nothing", Policy{}, "", ErrTooShort},
		{"7 characters", Policy{}, "xkW8-2p", ErrTooShort},
		{"8 characters", Policy{}, "xkW8-2pQ", nil},
		{"14 characters of 15", Policy{Min: 15}, letters[:14], ErrTooShort},
		{"15 characters of 15", Policy{Min: 15}, letters[:15], nil},
		{"14 emoji of 15", Policy{Min: 15}, "😀🚀🌵🎻🧊🐙🍋🧭🎲🛶🦉🍄🔭🪁", ErrTooShort},
		{"15 emoji of 15", Policy{Min: 15}, "😀🚀🌵🎻🧊🐙🍋🧭🎲🛶🦉🍄🔭🪁🧶", nil},
		{"14 code points that compose to 12", Policy{Min: 13}, "a\u0301b\u0302c\u0303d\u0304e\u0305f\u0306g\u0307", ErrTooShort},
		{"marks that compose with nothing count", Policy{Min: 12}, "a\u0301b\u0302c\u0303d\u0304e\u0305f\u0306g\u0307", nil},
		{"64 lower-case letters", Policy{}, "thequietgardenerplantedsevenyellowtulipsbehindtheoldstonechurchx", nil},
		{"128 code points of mixed scripts", Policy{}, mixed(128), nil},
		{"129 code points of mixed scripts", Policy{}, mixed(129), ErrTooLong},
		{"129 characters", Policy{}, strings.Repeat("a", 129), ErrTooLong},
		{"65 of at most 64", Policy{Max: 64}, mixed(65), ErrTooLong},
		{"a megabyte", Policy{}, strings.Repeat("a", 1<<20), ErrTooLong},
		{"spaces are characters", Policy{}, "a cat is", nil},
	} {
		if got := c.policy.Check(c.password); !errors.Is(got, c.want) || (got == nil) != (c.want == nil) {
			t.Errorf("%s: Check() = %v, want %v", c.what, got, c.want)
		}
		if got := c.policy.TooLong(c.password); got != (c.want == ErrTooLong) {
			t.Errorf("%s: TooLong() = %v", c.what, got)
		}
	}
}

// mixed returns n code points that do not repeat.
func mixed(n int) string {
	var s strings.Builder
	for i := range n {
		s.WriteRune([]rune{'a', 'а', 'α', '一', '😀', 'あ'}[i%6] + rune(i*7%25))
	}
	return s.String()
}

func TestPolicyRefusesTheCommon(t *testing.T) {
	for _, p := range []Policy{{}, {Min: 15}} {
		for _, password := range []string{"aaaaaaaaaaaaaaa", "123456789012345", "manchesterunited", "qwertyuiopasdfgh", "ann.lee@example.org", "ann.lee-ann.lee", "authgraphauthgraph", "passwordpassword"} {
			if err := p.Check(password, "ann.lee@example.org", "", "authgraph"); !errors.Is(err, ErrTooCommon) {
				t.Errorf("%+v: Check(%q) = %v, want %v", p, password, err, ErrTooCommon)
			}
		}
	}
}

func TestPolicyValidate(t *testing.T) {
	for _, c := range []struct {
		policy Policy
		ok     bool
	}{
		{Policy{}, true}, {Policy{Min: 8}, true}, {Policy{Min: 15, Max: 64}, true}, {Policy{Min: 64, Max: 64}, true}, {Policy{Max: 1024}, true},
		{Policy{Min: 7}, false}, {Policy{Min: -1}, false}, {Policy{Max: 63}, false}, {Policy{Max: 1025}, false}, {Policy{Max: -1}, false},
		{Policy{Min: 65, Max: 64}, false}, {Policy{Min: 129}, false},
	} {
		if err := c.policy.Validate(); (err == nil) != c.ok {
			t.Errorf("%+v: Validate() = %v", c.policy, err)
		}
	}
}

func BenchmarkCheck(b *testing.B) {
	for b.Loop() {
		_ = Policy{}.Check("we met in lisbon", "ann.lee@example.org", "ann", "authgraph") // only for its time
	}
}

func BenchmarkTooLong(b *testing.B) {
	long := strings.Repeat("é", 1<<19)
	for b.Loop() {
		Policy{}.TooLong(long)
	}
}
