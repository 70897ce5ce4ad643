package secret

import (
	"hash/crc32"
	"math/big"
	"strings"
)

// An API token is "agt_", 43 base62 digits of 32 random bytes and 6 base62
// digits of the CRC-32 of all before them. The prefix lets scanners find leaked
// tokens; the checksum lets a typo be refused without the database.
const (
	apiPrefix = "agt_"
	bodyWidth = 43 // 62^43 is just above 2^256
	sumWidth  = 6  // 62^6 is above 2^32
	hintWidth = 4
	apiLength = len(apiPrefix) + bodyWidth + sumWidth
)

// MintAPI returns an API token, how it begins (what a list may show: 24 of its
// 256 bits), and the digest that is stored in its place.
func MintAPI() (plain, hint string, digest []byte) {
	b := random(tokenSize)
	body := apiPrefix + base62(new(big.Int).SetBytes(b), bodyWidth)
	return body + checksum(body), body[:len(apiPrefix)+hintWidth], digestOf(b)
}

// ParseAPI returns the digest under which an API token is stored. It refuses
// whatever MintAPI cannot have made, which includes every token with one wrong
// character.
func ParseAPI(plain string) (digest []byte, ok bool) {
	if len(plain) != apiLength || !LooksLikeAPI(plain) {
		return nil, false
	}
	body, sum := plain[:apiLength-sumWidth], plain[apiLength-sumWidth:]
	if sum != checksum(body) {
		return nil, false
	}
	n, ok := fromBase62(body[len(apiPrefix):])
	if !ok || n.BitLen() > 8*tokenSize {
		return nil, false
	}
	return digestOf(n.FillBytes(make([]byte, tokenSize))), true
}

// LooksLikeAPI tells whether s means to be an API token, good or not: it begins
// with "agt_".
func LooksLikeAPI(s string) bool {
	return strings.HasPrefix(s, apiPrefix)
}

func checksum(body string) string {
	return base62(big.NewInt(int64(crc32.ChecksumIEEE([]byte(body)))), sumWidth)
}

// base62 writes n in the digits 0-9, a-z, A-Z, with leading zeros up to width.
func base62(n *big.Int, width int) string {
	s := n.Text(62)
	return strings.Repeat("0", width-len(s)) + s
}

// fromBase62 reads what base62 writes. The alphabet is checked first, because
// SetString takes a sign as well.
func fromBase62(s string) (*big.Int, bool) {
	for i := range len(s) {
		c := s[i]
		if !('0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z') {
			return nil, false
		}
	}
	return new(big.Int).SetString(s, 62)
}
