package password

import (
	"errors"
	"fmt"
	"strings"
)

const (
	maxPepperID  = 8 // bytes; the PHC string format allows no more
	minPepperKey = 32
)

// A Pepper is a key kept outside the database, without which a dump of it
// cannot be searched for passwords. Its ID goes into the hashes made under it,
// so that peppers can be replaced one after the other. Losing a pepper loses
// every password under it.
type Pepper struct {
	// ID is one to eight of the characters A-Z a-z 0-9 . _ -
	ID string
	// Key is at least 32 bytes, from a source of randomness.
	Key []byte
}

func checkPeppers(peppers []Pepper) error {
	seen := map[string]bool{}
	for _, p := range peppers {
		switch {
		case p.ID == "" || len(p.ID) > maxPepperID || strings.Trim(p.ID, idCharacters) != "":
			return fmt.Errorf("pepper: an ID is 1 to %d of the characters A-Z a-z 0-9 . _ -", maxPepperID)
		case seen[p.ID]:
			return errors.New("pepper: two have the same ID")
		case len(p.Key) < minPepperKey:
			return fmt.Errorf("pepper: a key needs at least %d bytes", minPepperKey)
		}
		seen[p.ID] = true
	}
	return nil
}

const idCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"

// pepper is the key of that ID; of none it is nil.
func (h *Hasher) pepper(id string) ([]byte, error) {
	for _, p := range h.peppers {
		if p.ID == id {
			return p.Key, nil
		}
	}
	if id != "" {
		return nil, fmt.Errorf("%w: its pepper is not configured", ErrUnreadable)
	}
	return nil, nil
}
