package password

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	xbcrypt "golang.org/x/crypto/bcrypt"
)

// upass is the password of passlib's own tests that is not ASCII.
const upass = "t\u00e1\u0411\u2113\u0259"

// Hashes that other implementations made.
var vectors = []struct{ name, password, stored string }{
	// The reference implementation of Argon2, src/test.c.
	{"argon2id", "password", "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"},
	{"argon2id", "password", "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"},
	{"argon2id", "password", "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc"},
	{"argon2i", "password", "$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA"},
	// RFC 7914, section 12.
	{"scrypt", "pleaseletmein", "$scrypt$ln=14,r=8,p=1$" + b64("SodiumChloride") + "$" + unhex("7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887")},
	// passlib, tests/test_handlers_bcrypt.py.
	{"bcrypt-sha256 of nothing", "", "$bcrypt-sha256$v=2,t=2b,r=5$E/e/2AOhqM5W/KJTFQzLce$WFPIZKtDDTriqWwlmRFfHiOTeheAZWe"},
	{"bcrypt-sha256", "password", "$bcrypt-sha256$v=2,t=2b,r=5$5Hg1DKFqPE8C2aflZ5vVoe$wOK1VFFtS8IGTrGa7.h5fs0u84qyPbS"},
	{"bcrypt-sha256", upass, "$bcrypt-sha256$v=2,t=2b,r=5$.US1fQ4TQS.ZTz/uJ5Kyn.$pzzgp40k8reM1CuQb03PvE0IDPQSdV6"},
	{"bcrypt-sha256 of 72 bytes", strings.Repeat("abc123", 12), "$bcrypt-sha256$v=2,t=2b,r=5$X1g1nh3g0v4h6970O68cxe$zu1cloESVFIOsUIo7fCEgkdHaI9SSue"},
	{"bcrypt-sha256 of 75 bytes", strings.Repeat("abc123", 12) + "qwr", "$bcrypt-sha256$v=2,t=2b,r=5$X1g1nh3g0v4h6970O68cxe$CBF9csfEdW68xv3DwE6xSULXMtqEFP."},
	// John the Ripper.
	{"bcrypt 2a", "U*U*U*U*", "$2a$05$c92SVSfjeiCD6F2nAD6y0uBpJDjdRkt0EgeC4/31Rf2LUZbDRDE.O"},
	{"bcrypt 2a", "U*U***U", "$2a$05$WY62Xk2TXZ7EvVDQ5fmjNu7b0GEzSzUXUh2cllxJwhtOeMtWV3Ujq"},
	{"bcrypt 2a", "*U*U*U*U", "$2a$05$.WRrXibc1zPgIdRXYfv.4uu6TD1KWf0VnHzq/0imhUhuxSxCyeBs2"},
}

func b64(s string) string { return base64.RawStdEncoding.EncodeToString([]byte(s)) }

func unhex(s string) string {
	b, err := hex.DecodeString(s)
	if err != nil {
		return err.Error()
	}
	return b64(string(b))
}

func TestVectors(t *testing.T) {
	h := hasher(t, Options{})
	for _, v := range vectors {
		ok, rehash, err := h.Verify(context.Background(), v.password, v.stored)
		if !ok || !rehash || err != nil {
			t.Errorf("%s: Verify(%q, %s) = %v, %v, %v, want true, true, nil", v.name, v.password, v.stored, ok, rehash, err)
		}
		for _, wrong := range []string{v.password + "x", " " + v.password, strings.ToUpper(v.password) + "\x00"} {
			if ok, _, err := h.Verify(context.Background(), wrong, v.stored); ok || err != nil {
				t.Errorf("%s: Verify(%q, %s) = %v, %v, want false, nil", v.name, wrong, v.stored, ok, err)
			}
		}
	}
}

// bcrypt reads 72 bytes and ignores the rest, so that any longer password
// would do.
func TestPlainBcryptBeyondItsInput(t *testing.T) {
	h := hasher(t, Options{})
	full := strings.Repeat("0123456789ab", 6)
	made, err := xbcrypt.GenerateFromPassword([]byte(full), xbcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	for prefix := range strings.SplitSeq("$2a$ $2b$ $2y$", " ") {
		stored := prefix + string(made[4:])
		if ok, rehash, err := h.Verify(context.Background(), full, stored); !ok || !rehash || err != nil {
			t.Errorf("Verify(72 bytes, %s…) = %v, %v, %v, want true, true, nil", prefix, ok, rehash, err)
		}
		if ok, _, err := h.Verify(context.Background(), full+"c", stored); ok || err != nil {
			t.Errorf("Verify(73 bytes, %s…) = %v, %v, want false, nil", prefix, ok, err)
		}
	}
}

// What is stored of bcrypt is bcrypt of the password's HMAC in base64: another
// program can verify it.
func TestBcryptOfHMAC(t *testing.T) {
	for _, key := range []string{"", strings.Repeat("k", minPepperKey)} {
		o := Options{Scheme: Scheme{algorithm: bcryptHMAC, cost: 4}}
		label, head := "authgraph password 1", "$bcrypt-hmac$v=1"
		if key != "" {
			o.Peppers, label, head = []Pepper{{ID: "1", Key: []byte(key)}}, key, "$bcrypt-hmac$v=1,keyid=MQ"
		}
		password := "zero\x00 " + strings.Repeat("long ", 30)
		stored := store(t, hasher(t, o), password)
		text, found := strings.CutPrefix(stored, head)
		mac := hmac.New(sha256.New, []byte(label))
		mac.Write([]byte(password))
		input := base64.StdEncoding.EncodeToString(mac.Sum(nil))
		if err := xbcrypt.CompareHashAndPassword([]byte(text), []byte(input)); !found || err != nil {
			t.Errorf("Hash() = %s, which is not bcrypt of %s: %v", stored, input, err)
		}
	}
}

// Salts of other makers may carry stray bits in their last character, and
// x/crypto ignores them too.
func TestBcryptAgreesWithXCrypto(t *testing.T) {
	h := hasher(t, Options{})
	for _, password := range []string{"", "a", "\x00", "пароль", strings.Repeat("x", 72)} {
		made, err := xbcrypt.GenerateFromPassword([]byte(password), xbcrypt.MinCost)
		if err != nil {
			t.Fatal(err)
		}
		if ok, _, err := h.Verify(context.Background(), password, string(made)); !ok || err != nil {
			t.Errorf("Verify(%q, x/crypto's hash) = %v, %v, want true, nil", password, ok, err)
		}
	}
}

func TestUnreadable(t *testing.T) {
	const salt, digest = "c29tZXNhbHQ", "CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	const tail = "$" + salt + "$" + digest
	for _, c := range []struct{ what, stored string }{
		{"nothing", ""},
		{"a password", "hunter2"},
		{"dollars", "$$$$$"},
		{"a legacy kind", "$1$28772684$iEwNOgGugqO9.bIz5sk8k/"},
		{"argon2d", "$argon2d$v=19$m=19456,t=2,p=1" + tail},
		{"an old version", "$argon2id$v=16$m=19456,t=2,p=1" + tail},
		{"no version", "$argon2id$m=19456,t=2,p=1" + tail},
		{"text before it", "x$argon2id$v=19$m=19456,t=2,p=1" + tail},
		{"a field after it", "$argon2id$v=19$m=19456,t=2,p=1" + tail + "$"},
		{"a line break after it", "$argon2id$v=19$m=19456,t=2,p=1" + tail + "\n"},
		{"a line break in the salt", "$argon2id$v=19$m=19456,t=2,p=1$c29t\nZXNhbHQ$" + digest},
		{"no digest", "$argon2id$v=19$m=19456,t=2,p=1$" + salt + "$"},
		{"a short digest", "$argon2id$v=19$m=19456,t=2,p=1$" + salt + "$CTFhFdXP"},
		{"a short salt", "$argon2id$v=19$m=19456,t=2,p=1$c29t$" + digest},
		{"a long salt", "$argon2id$v=19$m=19456,t=2,p=1$" + b64(strings.Repeat("s", 65)) + "$" + digest},
		{"a long digest", "$argon2id$v=19$m=19456,t=2,p=1$" + salt + "$" + b64(strings.Repeat("d", 65))},
		{"padding", "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ=$" + digest},
		{"parameters out of order", "$argon2id$v=19$t=2,m=19456,p=1" + tail},
		{"a parameter twice", "$argon2id$v=19$m=19456,t=2,p=1,p=1" + tail},
		{"a parameter too few", "$argon2id$v=19$m=19456,t=2" + tail},
		{"a sign", "$argon2id$v=19$m=+19456,t=2,p=1" + tail},
		{"a leading zero", "$argon2id$v=19$m=019456,t=2,p=1" + tail},
		{"associated data", "$argon2id$v=19$m=19456,t=2,p=1,data=c29t" + tail},
		{"no passes", "$argon2id$v=19$m=19456,t=0,p=1" + tail},
		{"no lanes", "$argon2id$v=19$m=19456,t=2,p=0" + tail},
		{"lanes that wrap around", "$argon2id$v=19$m=19456,t=2,p=257" + tail},
		{"gigabytes", "$argon2id$v=19$m=4194304,t=1,p=1" + tail},
		{"minutes", "$argon2id$v=19$m=65536,t=4294967295,p=1" + tail},
		{"gigabytes of scrypt", "$scrypt$ln=22,r=8,p=1" + tail},
		{"a scrypt cost that wraps around", "$scrypt$ln=64,r=8,p=1" + tail},
		{"scrypt blocks that wrap around", "$scrypt$ln=14,r=4294967295,p=1" + tail},
		{"no scrypt blocks", "$scrypt$ln=14,r=0,p=1" + tail},
		{"a bcrypt cost of hours", "$2b$31$c92SVSfjeiCD6F2nAD6y0uBpJDjdRkt0EgeC4/31Rf2LUZbDRDE.O"},
		{"a bcrypt cost of nothing", "$2b$00$c92SVSfjeiCD6F2nAD6y0uBpJDjdRkt0EgeC4/31Rf2LUZbDRDE.O"},
		{"a bcrypt cost of one digit", "$2b$5$c92SVSfjeiCD6F2nAD6y0uBpJDjdRkt0EgeC4/31Rf2LUZbDRDE.OO"},
		{"the broken bcrypt", "$2x$05$c92SVSfjeiCD6F2nAD6y0uBpJDjdRkt0EgeC4/31Rf2LUZbDRDE.O"},
		{"a cut bcrypt", "$2b$05$c92SVSfjeiCD6F2nAD6y0uBpJDjdRkt0EgeC4/31Rf2LUZbDRDE."},
		{"bcrypt with a foreign character", "$2b$05$c92SVSfjeiCD6F2nAD6y0uBpJDjdRkt0EgeC4+31Rf2LUZbDRDE.O"},
		{"bcrypt-sha256 of version 1", "$bcrypt-sha256$2b,5$5Hg1DKFqPE8C2aflZ5vVoe$12BjNE0p7axMg55.Y/mHsYiVuFBDQyu"},
		{"bcrypt-sha256 with stray bits in its salt", "$bcrypt-sha256$v=2,t=2b,r=5$5Hg1DKFqPE8C2aflZ5vVof$wOK1VFFtS8IGTrGa7.h5fs0u84qyPbS"},
		{"bcrypt with stray bits in its digest", "$2b$05$c92SVSfjeiCD6F2nAD6y0uBpJDjdRkt0EgeC4/31Rf2LUZbDRDE.P"},
		{"bcrypt of an HMAC of another version", "$bcrypt-hmac$v=2$2b$05$c92SVSfjeiCD6F2nAD6y0uBpJDjdRkt0EgeC4/31Rf2LUZbDRDE.O"},
		{"bcrypt of an HMAC, cut", "$bcrypt-hmac$v=1$2b$05$c92SVSfjeiCD6F2nAD6y0uBpJDjdRkt0EgeC4/31Rf2LUZbDRDE."},
		{"bcrypt of an HMAC with a cost of hours", "$bcrypt-hmac$v=1$2b$31$c92SVSfjeiCD6F2nAD6y0uBpJDjdRkt0EgeC4/31Rf2LUZbDRDE.O"},
		{"passlib's bcrypt-sha256 with a pepper", "$bcrypt-sha256$v=2,t=2b,r=5,keyid=MQ$5Hg1DKFqPE8C2aflZ5vVoe$wOK1VFFtS8IGTrGa7.h5fs0u84qyPbS"},
		{"an empty key ID", "$argon2id$v=19$m=19456,t=2,p=1,keyid=" + tail},
		{"a key ID of nine bytes", "$argon2id$v=19$m=19456,t=2,p=1,keyid=" + b64("ninebytes") + tail},
		{"a pepper that is not configured", "$argon2id$v=19$m=19456,t=2,p=1,keyid=" + b64("gone") + tail},
		{"a megabyte", "$argon2id$" + strings.Repeat("$", 1<<20)},
	} {
		ok, rehash, err := hasher(t, Options{}).Verify(context.Background(), "password", c.stored)
		if ok || rehash || !errors.Is(err, ErrUnreadable) {
			t.Errorf("%s: Verify() = %v, %v, %v, want false, false, ErrUnreadable", c.what, ok, rehash, err)
		}
		if err != nil && (strings.Contains(err.Error(), salt) || strings.Contains(err.Error(), digest)) {
			t.Errorf("%s: the error quotes the stored hash: %v", c.what, err)
		}
	}
}

// What is read is within the bounds, and has one spelling only.
func FuzzParseStored(f *testing.F) {
	for _, v := range vectors {
		f.Add(v.stored)
	}
	f.Add("$pbkdf2-sha1$i=100000$c2FsdA$CTFhFdXPJO1aFaMaO6Mm5c8y7cI")
	f.Add("$scrypt-aes$ln=14,r=8,p=1$c2FsdA$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc")
	f.Add("$bcrypt-sha256-hex$v=1$2b$05$5Hg1DKFqPE8C2aflZ5vVoewOK1VFFtS8IGTrGa7.h5fs0u84qyPbS")
	f.Add("$wrapped$f=md5,s=after$c2FsdA$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc")
	f.Add("$wrapped$f=pbkdf2-sha1,i=1000$c2FsdA$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc")
	f.Add("$bcrypt-hmac$v=1,keyid=MQ$2a$05$5Hg1DKFqPE8C2aflZ5vVoewOK1VFFtS8IGTrGa7.h5fs0u84qyPbS")
	f.Add("$argon2id$v=19$m=19456,t=2,p=1,keyid=" + b64("2026") + "$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := parseStored(text)
		if err != nil {
			if !errors.Is(err, ErrUnreadable) {
				t.Errorf("parseStored(%q) fails with %v, want ErrUnreadable", text, err)
			}
			return
		}
		if err := s.scheme.tooCostly(); err != nil {
			t.Errorf("parseStored(%q) accepts what may not run: %v", text, err)
		}
		if s.scheme.algorithm == bcryptPlain || s.scheme.algorithm == bcryptSHA256 {
			return // are never written
		}
		again, err := parseStored(s.String())
		if err != nil || again.String() != s.String() {
			t.Errorf("parseStored(%q) = %v, %v, want what was read from %q", s, again, err, text)
		}
	})
}

func FuzzParseScheme(f *testing.F) {
	f.Add("argon2id:m=19456,t=2,p=1")
	f.Add("scrypt:n=131072,r=8,p=1")
	f.Add("bcrypt:12")
	f.Fuzz(func(t *testing.T, setting string) {
		s, err := ParseScheme(setting)
		if err != nil {
			return
		}
		if again, err := ParseScheme(s.String()); err != nil || again != s {
			t.Errorf("ParseScheme(%q) = %v, %v, want %v", s, again, err, s)
		}
	})
}
