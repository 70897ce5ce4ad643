package password

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// Floors of imported hashes. What is below is refused, or wrapped where that is
// possible: it would protect no password.
const (
	fewRounds  = 10_000    // of PBKDF2: fewer are wrapped
	littleWork = 512 << 10 // bytes that argon2 and scrypt fill
)

// ErrTooMany says that hashes of one more kind would make every wrong password too
// slow: each kind costs it time.
var ErrTooMany = errors.New("hashes of too many kinds are in use already, and each costs every wrong password its time; give this account no hash, so that its owner chooses a new password")

// Adopt says how to store a hash that another program made, in a normal form of
// package foreignhash, and of which kinds it then is. It refuses what Inspect
// refuses. A fast hash is wrapped: hashed once more by the present scheme, in a
// turn like any other hash, so that no fast one is stored.
func (h *Hasher) Adopt(ctx context.Context, text string) (adopted string, kinds []Kind, err error) {
	s, fastDigest, err := h.inspect(text)
	if err != nil {
		return "", nil, err
	}
	if kinds, err = h.kinds.welcome(h.Present(), s); err != nil || fastDigest == nil {
		return text, kinds, err
	}
	pepper, err := h.pepper(s.keyID)
	if err != nil {
		return "", nil, err
	}
	if busy := h.pool.run(ctx, func() { err = s.make(s.wrapInput(fastDigest, pepper)) }); busy != nil {
		return "", nil, busy
	}
	return s.String(), kinds, err
}

// Inspect does as Adopt, but hashes nothing. It refuses with ErrUnreadable and the
// reason, or with ErrTooMany.
func (h *Hasher) Inspect(text string) ([]Kind, error) {
	s, _, err := h.inspect(text)
	if err != nil {
		return nil, err
	}
	return h.kinds.welcome(h.Present(), s)
}

// inspect reads a hash. If it must be wrapped, there is a fast digest, and what
// will be stored lacks salt and digest.
func (h *Hasher) inspect(text string) (s stored, fastDigest []byte, err error) {
	if strings.HasPrefix(text, "$fast$") {
		s = h.blank()
		s.inner, fastDigest, err = readFast(text)
		return s, fastDigest, err
	}
	s, err = parseStored(text)
	if err == nil {
		_, err = h.pepper(s.keyID)
	}
	switch {
	case err != nil:
		return s, nil, err
	case s.inner == nil && s.scheme.pbkdf2() && s.scheme.rounds < fewRounds:
		block := blocks[s.scheme.algorithm]().Size()
		if len(s.digest) < block {
			return s, nil, fmt.Errorf("%w: so few rounds of PBKDF2 need a digest of %d bytes", ErrUnreadable, block)
		}
		outer := h.blank()
		outer.inner = &inner{format: s.scheme.algorithm, rounds: s.scheme.rounds, salt: s.salt}
		return outer, s.digest, nil
	case s.scheme != h.scheme && s.scheme.tooThin():
		return s, nil, fmt.Errorf("%w: it costs so little that it protects no password", ErrUnreadable)
	}
	return s, nil, nil
}

// tooThin reports work factors that protect nothing.
func (s Scheme) tooThin() bool {
	switch s.algorithm {
	case argon2id, argon2i:
		return uint64(s.memory)<<10*uint64(s.passes) < littleWork
	case scryptPHC, scryptAES:
		return uint64(128)*uint64(s.blockSize)<<s.logN*uint64(s.lanes) < littleWork
	}
	return false
}

// readFast reads the form in which package foreignhash hands fast hashes over.
func readFast(text string) (*inner, []byte, error) {
	fields := strings.Split(text, "$")
	if len(fields) != 5 || len(text) > 512 {
		return nil, nil, ErrUnreadable
	}
	i, ok1 := readInner(fields[2], fields[3])
	digest, ok2 := decode(base64.RawStdEncoding, fields[4])
	if !ok1 || !ok2 || len(digest) != i.size() {
		return nil, nil, ErrUnreadable
	}
	return i, digest, nil
}
