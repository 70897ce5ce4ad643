package password

import (
	"errors"
	"fmt"
)

// Ceilings for settings and for stored hashes alike. A row that was imported,
// or planted, must not be able to ask for gigabytes or for minutes.
const (
	maxMemory = 256 << 20 // bytes that one hash may hold
	maxWork   = 2 << 30   // bytes that one hash may fill, all passes and lanes together: a few seconds
	maxLanes  = 16
	maxCost   = 16        // bcrypt: a few seconds
	maxRounds = 5_000_000 // pbkdf2: a few seconds
)

// tooCostly says why s may not run: it is out of its algorithm's own range or
// above the ceilings.
func (s Scheme) tooCostly() error {
	switch s.algorithm {
	case argon2id, argon2i:
		return s.argon2OutOfRange()
	case scryptPHC, scryptAES:
		return s.scryptOutOfRange()
	case pbkdf2SHA1, pbkdf2SHA256, pbkdf2SHA512:
		if s.rounds < 1 || s.rounds > maxRounds {
			return fmt.Errorf("pbkdf2: i must be from 1 to %d", maxRounds)
		}
		return nil
	}
	if s.cost < 4 || s.cost > maxCost {
		return fmt.Errorf("bcrypt: the cost must be %d at most, and 4 at least", maxCost)
	}
	return nil
}

func (s Scheme) argon2OutOfRange() error {
	memory := uint64(s.memory) << 10
	switch {
	case s.passes < 1:
		return errors.New("argon2: t must be at least 1")
	case s.lanes < 1 || s.lanes > maxLanes:
		return fmt.Errorf("argon2: p must be from 1 to %d", maxLanes)
	case s.memory < 8*s.lanes: // RFC 9106, section 3.1
		return errors.New("argon2: m must be at least 8 × p")
	case memory > maxMemory:
		return fmt.Errorf("argon2: m must be %d at most", maxMemory>>10)
	case memory*uint64(s.passes) > maxWork:
		return fmt.Errorf("argon2: m × t must be %d at most", maxWork>>10)
	}
	return nil
}

func (s Scheme) scryptOutOfRange() error {
	if s.logN < 1 || s.logN > 24 {
		return errors.New("scrypt: n must be from 2 to 2^24")
	}
	// The algorithm fills 128·r·n bytes per lane, and the lanes share them.
	memory := uint64(128) * uint64(s.blockSize) << s.logN
	switch {
	case s.blockSize < 1:
		return errors.New("scrypt: r must be at least 1")
	case s.lanes < 1 || s.lanes > maxLanes:
		return fmt.Errorf("scrypt: p must be from 1 to %d", maxLanes)
	case memory > maxMemory:
		return fmt.Errorf("scrypt: 128 × n × r must be %d bytes at most", maxMemory)
	case memory*uint64(s.lanes) > maxWork:
		return fmt.Errorf("scrypt: 128 × n × r × p must be %d bytes at most", maxWork)
	}
	return nil
}

// tooWeak says why s may not protect new passwords. The rows are those of
// OWASP's Password Storage Cheat Sheet: less memory for more passes.
func (s Scheme) tooWeak() error {
	switch s.algorithm {
	case argon2id:
		for _, row := range []Scheme{
			{memory: 47104, passes: 1}, {memory: 19456, passes: 2}, {memory: 12288, passes: 3},
			{memory: 9216, passes: 4}, {memory: 7168, passes: 5},
		} {
			if s.memory >= row.memory && s.passes >= row.passes {
				return nil
			}
		}
		return errors.New("argon2id is too weak: at least m=47104,t=1 or m=19456,t=2 or m=12288,t=3 or m=9216,t=4 or m=7168,t=5")
	case scryptPHC:
		for _, row := range []Scheme{
			{logN: 17, lanes: 1}, {logN: 16, lanes: 2}, {logN: 15, lanes: 3}, {logN: 14, lanes: 5},
		} {
			if s.logN >= row.logN && s.lanes >= row.lanes && s.blockSize >= 8 {
				return nil
			}
		}
		return errors.New("scrypt is too weak: r at least 8, and at least n=131072,p=1 or n=65536,p=2 or n=32768,p=3 or n=16384,p=5")
	}
	if s.pbkdf2() {
		return errors.New("pbkdf2 is for imported hashes only; the algorithm must be argon2id, scrypt or bcrypt")
	}
	if s.cost < 10 {
		return errors.New("bcrypt is too weak: the cost must be at least 10")
	}
	return nil
}
