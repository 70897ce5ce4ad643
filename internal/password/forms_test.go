package password

import (
	"errors"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
)

// The same password in two forms, as keyboards and systems differ.
const (
	zurichNFC = "Z\u00fcrich lanterns 47"
	zurichNFD = "Zu\u0308rich lanterns 47"
)

// imported is what another program stored of a text: of its bytes as they are.
func imported(t *testing.T, h *Hasher, text string) string {
	t.Helper()
	s := h.blank()
	pepper, err := h.pepper(s.keyID)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.make(s.input(text, pepper)); err != nil {
		t.Fatal(err)
	}
	return s.String()
}

func TestForms(t *testing.T) {
	h, err := New(Options{Scheme: InsecureForTests()})
	if err != nil {
		t.Fatal(err)
	}
	hash := func(text string) string {
		stored, err := h.Hash(t.Context(), text)
		if err != nil {
			t.Fatal(err)
		}
		return stored
	}
	for name, test := range map[string]struct {
		stored, given string
		ok, rehash    bool
	}{
		"stored NFC, typed NFC":             {hash(zurichNFC), zurichNFC, true, false},
		"stored NFC, typed NFD":             {hash(zurichNFC), zurichNFD, true, false},
		"stored from NFD, typed NFC":        {hash(zurichNFD), zurichNFC, true, false},
		"imported NFD, typed NFD":           {imported(t, h, zurichNFD), zurichNFD, true, true},
		"imported NFD, typed NFC":           {imported(t, h, zurichNFD), zurichNFC, false, false},
		"imported NFC, typed NFD":           {imported(t, h, zurichNFC), zurichNFD, true, false},
		"another letter":                    {hash(zurichNFC), "Zurich lanterns 47", false, false},
		"compatibility is no equality":      {hash("\ufb01ve lanterns 47"), "five lanterns 47", false, false},
		"width is no equality":              {hash("\uff21 lanterns of 47"), "A lanterns of 47", false, false},
		"letter case counts":                {hash(zurichNFC), strings.ToLower(zurichNFC), false, false},
		"no blank is trimmed":               {hash(zurichNFC), zurichNFC + " ", false, false},
		"blanks are not mapped":             {hash("a\u00a0b lanterns"), "a b lanterns", false, false},
		"a sign with its own composed form": {hash("\u212b lanterns 47"), "\u00c5 lanterns 47", true, false},
	} {
		ok, rehash, err := h.Verify(t.Context(), test.given, test.stored)
		if ok != test.ok || rehash != test.rehash || err != nil {
			t.Errorf("%s: Verify() = %v, %v, %v; want %v, %v", name, ok, rehash, err, test.ok, test.rehash)
		}
	}
}

// The shortest is counted in NFC, the longest in both.
func TestPolicyOfForms(t *testing.T) {
	p := Policy{Min: 8, Max: 64}
	seven := norm.NFD.String(strings.Repeat("\u00fc", 7)) // 14 code points as typed
	if err := p.Check(seven); !errors.Is(err, ErrTooShort) {
		t.Errorf("seven letters in NFD: Check() = %v", err)
	}
	long := norm.NFD.String(strings.Repeat("\u00fc", 64)) // 128 code points as typed
	if p.TooLong(long) || !p.TooLong(long+"x") {
		t.Error("64 letters are too long in NFD, or 65 are not")
	}
	marks := "Z" + strings.Repeat("\u0308", 300) // no form is short
	if !p.TooLong(marks) {
		t.Error("301 code points are not too long")
	}
	if err := p.Check(norm.NFD.String("p\u00e4ssword p\u00e4ssword")); err != nil && !errors.Is(err, ErrTooCommon) {
		t.Errorf("Check() = %v", err)
	}
}
