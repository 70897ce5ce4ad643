package foreignhash_test

import (
	"context"
	"strings"
	"testing"

	"github.com/authgraph/authgraph/internal/foreignhash"
	"github.com/authgraph/authgraph/internal/password"
)

// What is damaged, unknown, too costly or too cheap is refused on its way in.
func TestRefused(t *testing.T) {
	const salt = "c2FsdHNhbHQ"
	const digest = "CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	h, err := password.New(password.Options{Scheme: password.InsecureForTests()})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ what, text string }{
		{"scrypt of terabytes", "scrypt:1073741824:8:1$salt$" + strings.Repeat("ab", 64)},
		{"scrypt of 2^63", "$7$z..../....salt$kBGj9fHznVYFQMEn/qDCfrDevf9YDtcDdKvEqHJLV8D"},
		{"scrypt whose cost is no power of two", "scrypt:1000:8:1$salt$" + strings.Repeat("ab", 64)},
		{"scrypt that costs nothing", "scrypt:2:1:1$salt$" + strings.Repeat("ab", 64)},
		{"scrypt of many lanes", "scrypt$salt$16384$8$500$" + digest + "="},
		{"PBKDF2 of hours", "pbkdf2_sha256$4000000000$salt$" + digest + "="},
		{"PBKDF2 of more rounds than a number holds", "pbkdf2_sha256$99999999999$salt$" + digest + "="},
		{"PBKDF2 of no rounds", "pbkdf2_sha256$0$salt$" + digest + "="},
		{"PBKDF2 of fewer than no rounds", "pbkdf2_sha256$-1$salt$" + digest + "="},
		{"PBKDF2 without a digest", "pbkdf2_sha256$600000$salt$"},
		{"PBKDF2 without a salt", "pbkdf2_sha256$600000$$" + digest},
		{"PBKDF2 of a hash that is not known", "pbkdf2:md5:600000$salt$" + strings.Repeat("ab", 16)},
		{"PBKDF2 without its rounds", "pbkdf2:sha256$salt$" + strings.Repeat("ab", 32)},
		{"few rounds and half a digest", "$pbkdf2-sha256$i=1000$" + salt + "$" + digest[:22]},
		{"argon2d", "$argon2d$v=19$m=65536,t=3,p=4$" + salt + "$" + digest},
		{"Django's argon2d", "argon2$argon2d$v=19$m=65536,t=3,p=4$" + salt + "$" + digest},
		{"argon2 of gigabytes", "argon2$argon2id$v=19$m=4194304,t=3,p=4$" + salt + "$" + digest},
		{"argon2 that costs nothing", "$argon2id$v=19$m=8,t=2,p=1$" + salt + "$" + digest},
		{"bcrypt of hours", "$2b$31$c92SVSfjeiCD6F2nAD6y0uBpJDjdRkt0EgeC4/31Rf2LUZbDRDE.O"},
		{"the broken bcrypt", "$2x$05$c92SVSfjeiCD6F2nAD6y0uBpJDjdRkt0EgeC4/31Rf2LUZbDRDE.O"},
		{"bcrypt of an HMAC with a pepper that nobody has", "$bcrypt-hmac$v=1,keyid=MQ$2b$05$c92SVSfjeiCD6F2nAD6y0uBpJDjdRkt0EgeC4/31Rf2LUZbDRDE.O"},
		{"ASP.NET of hours", "AQAAAAH/////AAAAEAABAgMEBQYHCAkKCwwNDg+yWU7rLgUwPZb1Itsmra7cbxw2EFpwvVFIEtP+JIuUEw=="},
		{"ASP.NET with a salt beyond its end", "AQAAAAEAACcQ/////wABAgMEBQYHCAkKCwwNDg+yWU7rLgUwPZb1Itsmra7cbxw2EFpwvVFIEtP+JIuUEw=="},
		{"ASP.NET of another hash", "AQAAAAcAACcQAAAAEAABAgMEBQYHCAkKCwwNDg+yWU7rLgUwPZb1Itsmra7cbxw2EFpwvVFIEtP+JIuUEw=="},
		{"MD5 that is not described", "5f4dcc3b5aa765d61d8327deb882cf99"},
		{"a password", "hunter2"},
		{"a fast hash in the way of a stored one", "$wrapped$f=md5,s=none$$md5$" + salt + "$" + digest},
		{"a wrapped one around a wrapped one", "$wrapped$f=md5,s=none$$wrapped$f=md5,s=none$$argon2id$v=19$m=65536,t=3,p=4$" + salt + "$" + digest},
		{"wrapped PBKDF2 of hours", "$wrapped$f=pbkdf2-sha1,i=4000000000$" + salt + "$argon2id$v=19$m=65536,t=3,p=4$" + salt + "$" + digest},
		{"wrapped in what is not ours", "$wrapped$f=md5,s=none$$2b$05$c92SVSfjeiCD6F2nAD6y0uBpJDjdRkt0EgeC4/31Rf2LUZbDRDE.O"},
		{"LDAP's crypt of DES", "{CRYPT}ab0123456789."},
		{"LDAP without a digest", "{SSHA}"},
		{"MD5-crypt", "$1$28772684$iEwNOgGugqO9.bIz5sk8k/"},
		{"a line break", "pbkdf2_sha256$600000$salt$" + digest + "=\n"},
		{"a megabyte", "$2b$" + strings.Repeat("x", 1<<20)},
	} {
		text, err := foreignhash.Translate(c.text)
		if err == nil {
			_, _, err = h.Adopt(context.Background(), text)
		}
		if err == nil {
			t.Errorf("%s is accepted, as %s", c.what, text)
		} else if strings.Contains(err.Error(), digest[:16]) || strings.Contains(err.Error(), "c92SVSfjei") {
			t.Errorf("%s: the error quotes the hash: %v", c.what, err)
		}
	}
}

// An account without a password is imported without one.
func TestNoPassword(t *testing.T) {
	for _, text := range []string{"", "!", "!vXrFOqTJzK0pbTQIYlvHW0vC8vCwxyMb0ZTVw3Jc"} {
		if got, err := foreignhash.Translate(text); got != "" || err != nil {
			t.Errorf("Translate(%q) = %q, %v, want nothing", text, got, err)
		}
	}
}

func TestDescribed(t *testing.T) {
	const md5 = "5f4dcc3b5aa765d61d8327deb882cf99"
	for _, c := range []struct{ what, format, digest, salt, encoding, position string }{
		{"a format that is not known", "md4", md5, "", "", ""},
		{"a digest of another length", "sha1", md5, "", "", ""},
		{"a salt without a position", "md5", md5, "salt", "", ""},
		{"a position that is not known", "md5", md5, "salt", "", "around"},
		{"a salt that is not in its encoding", "md5", md5, "salt", "hex", "after"},
		{"an encoding that is not known", "md5", md5, "salt", "rot13", "after"},
		{"a salt of a megabyte", "md5", md5, strings.Repeat("s", 1<<20), "", "after"},
		{"a digest that is none", "md5", strings.Repeat("x", 32), "", "", ""},
	} {
		if text, err := foreignhash.Described(c.format, c.digest, c.salt, c.encoding, c.position); err == nil {
			t.Errorf("%s is accepted, as %s", c.what, text)
		}
	}
	text, err := foreignhash.Described("md5", md5, "", "", "")
	if err != nil {
		t.Fatal(err)
	}
	verifies(t, "MD5", "password", text)
}

func FuzzTranslate(f *testing.F) {
	for _, seed := range []string{
		"pbkdf2_sha256$600000$salt$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc=", "scrypt:32768:8:1$salt$abab", "{SSHA}abcd", "$7$C6..../....SodiumChloride$kBGj9fHz",
		"AQAAAAEAACcQAAAAEAABAgMEBQYHCAkKCwwNDg+yWU7rLgUwPZb1Itsmra7cbxw2EFpwvVFIEtP+JIuUEw==", "sha1$salt$abab", "argon2$argon2id$v=19$m=8,t=1,p=1$c2FsdA$abcd",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		normal, err := foreignhash.Translate(text)
		if err != nil || normal == "" || strings.HasPrefix(normal, "$fast$") {
			return
		}
		if again, err := foreignhash.Translate(normal); err != nil || again != normal {
			t.Errorf("Translate(%q) = %q, and of that %q, %v", text, normal, again, err)
		}
	})
}
