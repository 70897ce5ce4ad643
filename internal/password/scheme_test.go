package password

import (
	"strings"
	"testing"
)

func TestParseScheme(t *testing.T) {
	for setting, want := range map[string]string{
		"argon2id":                  "argon2id:m=19456,t=2,p=1",
		"argon2id:m=19456,t=2,p=1":  "argon2id:m=19456,t=2,p=1",
		"argon2id:p=4,m=65536":      "argon2id:m=65536,t=2,p=4",
		"argon2id:m=47104,t=1":      "argon2id:m=47104,t=1,p=1",
		"argon2id:m=12288,t=3,p=1":  "argon2id:m=12288,t=3,p=1",
		"argon2id:m=9216,t=4,p=1":   "argon2id:m=9216,t=4,p=1",
		"argon2id:m=7168,t=5,p=1":   "argon2id:m=7168,t=5,p=1",
		"argon2id:m=262144,t=3,p=1": "argon2id:m=262144,t=3,p=1",
		"scrypt":                    "scrypt:n=131072,r=8,p=1",
		"scrypt:n=65536,p=2":        "scrypt:n=65536,r=8,p=2",
		"scrypt:n=16384,r=8,p=5":    "scrypt:n=16384,r=8,p=5",
		"bcrypt":                    "bcrypt:12",
		"bcrypt:10":                 "bcrypt:10",
		"bcrypt:16":                 "bcrypt:16",
	} {
		s, err := ParseScheme(setting)
		if err != nil || s.String() != want {
			t.Errorf("ParseScheme(%q) = %v, %v, want %s", setting, s, err, want)
		}
		if again, err := ParseScheme(s.String()); err != nil || again != s {
			t.Errorf("ParseScheme(%q) = %v, %v, want the scheme it was written from", s, again, err)
		}
	}
}

func TestParseSchemeRefuses(t *testing.T) {
	for _, c := range []struct{ setting, because string }{
		{"", "must be argon2id, scrypt or bcrypt"},
		{"md5", "must be argon2id, scrypt or bcrypt"},
		{"argon2i", "must be argon2id, scrypt or bcrypt"},
		{"Argon2id", "must be argon2id, scrypt or bcrypt"},
		{" argon2id", "must be argon2id, scrypt or bcrypt"},
		{"argon2id:", "nothing follows the colon"},
		{"argon2id:m", "m: a whole number is needed"},
		{"argon2id:m=", "m: a whole number is needed"},
		{"argon2id:m=64MB", "m: a whole number is needed"},
		{"argon2id:m=-1", "m: a whole number is needed"},
		{"argon2id:m=+65536", "m: a whole number is needed"},
		{"argon2id:m=065536", "m: a whole number is needed"},
		{"argon2id:m=4294967296", "m must be 262144 at most"},
		{"argon2id:m=99999999999999999999999", "m must be 262144 at most"},
		{"argon2id:t=99999999999999999999999", "m × t must be 2097152 at most"},
		{"argon2id:p=99999999999999999999999", "p must be from 1 to 16"},
		{"argon2id:m=99999999999999999999999x", "m: a whole number is needed"},
		{"argon2id:m=099999999999999999999999", "m: a whole number is needed"},
		{"argon2id:m=65536,", `"" is not a work factor`},
		{"argon2id:m=65536, t=2", `" t" is not a work factor`},
		{"argon2id:n=2", `"n" is not a work factor`},
		{"argon2id:t=2,t=3", "t is set twice"},
		{"argon2id:t=0", "t must be at least 1"},
		{"argon2id:p=0", "p must be from 1 to 16"},
		{"argon2id:p=17", "p must be from 1 to 16"},
		{"argon2id:m=65536,t=2,p=256", "p must be from 1 to 16"},
		{"argon2id:m=19455", "too weak"},
		{"argon2id:t=1", "too weak"},
		{"argon2id:m=7167,t=100", "too weak"},
		{"argon2id:m=7168,t=4", "too weak"},
		{"argon2id:m=262145", "m must be 262144 at most"},
		{"argon2id:m=4294967295", "m must be 262144 at most"},
		{"argon2id:m=262144,t=9", "m × t must be 2097152 at most"},
		{"argon2id:t=4294967295", "m × t must be 2097152 at most"},
		{"scrypt:n=131071", "power of two"},
		{"scrypt:n=0", "power of two"},
		{"scrypt:n=1", "n must be from 2"},
		{"scrypt:n=8192,p=10", "too weak"},
		{"scrypt:n=16384,p=1", "too weak"},
		{"scrypt:r=7", "too weak"},
		{"scrypt:n=524288", "128 × n × r must be"},
		{"scrypt:r=4294967295", "128 × n × r must be"},
		{"scrypt:n=2147483648", "n must be from 2 to 2^24"},
		{"scrypt:n=99999999999999999999999", "n must be from 2 to 2^24"},
		{"scrypt:r=99999999999999999999999", "128 × n × r must be"},
		{"scrypt:n=131072,r=16,p=9", "128 × n × r × p must be"},
		{"scrypt:p=17", "p must be from 1 to 16"},
		{"bcrypt:9", "too weak"},
		{"bcrypt:17", "must be 16 at most"},
		{"bcrypt:32", "must be 16 at most"},
		{"bcrypt:99999999999999999999999", "must be 16 at most"},
		{"bcrypt:ten", "a whole number is needed"},
		{"bcrypt:cost=12", "a whole number is needed"},
		{"bcrypt:cost=12", "written as bcrypt:12"},
		{"argon2id:12", "written as argon2id:m=19456,t=2,p=1"},
		{"scrypt:17", "written as scrypt:n=131072,r=8,p=1"},
		{"argon2id:", "written as argon2id:m=19456,t=2,p=1"},
		{"md5", "written as argon2id:m=19456,t=2,p=1, scrypt:n=131072,r=8,p=1 or bcrypt:12"},
	} {
		s, err := ParseScheme(c.setting)
		if err == nil || !strings.Contains(err.Error(), c.because) {
			t.Errorf("ParseScheme(%q) = %v, %v, want an error that says %q", c.setting, s, err, c.because)
		}
	}
}

func TestInsecureForTests(t *testing.T) {
	if s, err := ParseScheme(InsecureForTests().String()); err == nil {
		t.Errorf("a setting can ask for %v", s)
	}
}
