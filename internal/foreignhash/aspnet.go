package foreignhash

import (
	"encoding/base64"
	"encoding/binary"
	"strings"
)

// aspnet reads what ASP.NET Identity stores: base64 of bytes of which the first
// is the version.
//
//	2: 0, a salt of 16 bytes, 32 bytes of PBKDF2 with HMAC-SHA-1 in 1000 rounds
//	3: 1, then three numbers of four bytes, the highest byte first: the hash, the
//	   rounds, the size of the salt; then the salt, and PBKDF2
func aspnet(text string) (string, error) {
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(b) < 45 || strings.ContainsAny(text, "\r\n") {
		return "", ErrUnknown
	}
	switch b[0] {
	case 0:
		if len(b) != 49 {
			return "", ErrUnknown
		}
		return pbkdf2("sha1", 1000, b[1:17], b[17:])
	case 1:
		prf, rounds, size := binary.BigEndian.Uint32(b[1:]), binary.BigEndian.Uint32(b[5:]), binary.BigEndian.Uint32(b[9:])
		hashes := []string{"sha1", "sha256", "sha512"}
		if uint64(prf) >= uint64(len(hashes)) || size < 8 || uint64(size) > uint64(len(b)-13-16) { // 16 bytes of PBKDF2 at least
			return "", ErrUnknown
		}
		return pbkdf2(hashes[prf], uint64(rounds), b[13:13+size], b[13+size:])
	}
	return "", ErrUnknown
}
