package foreignhash

import "strings"

// itoa64 is the alphabet of crypt(3).
const itoa64 = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// crypt7 reads scrypt as crypt(3) writes it behind $7$: one character for the
// logarithm of N, five for r, five for p, the salt, which is its text, and the
// digest.
func crypt7(rest string) (string, error) {
	if len(rest) < 11 {
		return "", ErrDamaged
	}
	logN, ok1 := sixes(rest[:1])
	r, ok2 := sixes(rest[1:6])
	p, ok3 := sixes(rest[6:11])
	salt, text, ok4 := strings.Cut(rest[11:], "$")
	digest, ok5 := uncrypt(text)
	if !ok1 || !ok2 || !ok3 || !ok4 || !ok5 {
		return "", ErrDamaged
	}
	return scrypt("scrypt", 1<<logN, r, p, []byte(salt), digest)
}

// sixes reads a number, its lowest six bits first.
func sixes(text string) (n uint64, ok bool) {
	for i := range len(text) {
		at := strings.IndexByte(itoa64, text[i])
		if at < 0 {
			return 0, false
		}
		n |= uint64(at) << (6 * i)
	}
	return n, true
}

// uncrypt reads bytes, three in four characters, as sixes reads numbers.
func uncrypt(text string) ([]byte, bool) {
	var b []byte
	for len(text) > 0 {
		group := text[:min(4, len(text))]
		text = text[len(group):]
		n, ok := sixes(group)
		if !ok || len(group) == 1 {
			return nil, false
		}
		for i := range len(group) - 1 {
			b = append(b, byte(n>>(8*i)))
		}
	}
	return b, true
}
