package password

import "golang.org/x/text/unicode/norm"

// composed is the NFC form of a password, which is judged and hashed: no other
// mapping is applied, no blank is trimmed, and letter case counts (RFC 8265
// section 4.2, OpaqueString, without its mapping of blanks).
func composed(password string) string { return norm.NFC.String(password) }

// forms are the texts that a typed password may have been hashed as, the likely
// one first.
func forms(password string) []string {
	if nfc := composed(password); nfc != password {
		return []string{nfc, password}
	}
	return []string{password}
}
