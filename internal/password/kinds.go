package password

import (
	"math"
	"slices"
	"sync"
)

// dearest is how long a kind may take, in milliseconds, to be made up for: four
// times bcrypt at a cost of 12.
const dearest = 4 * bcrypt12

// bcrypt12 is about how long bcrypt takes at a cost of 12, in milliseconds.
const bcrypt12 = 250

// kinds are the schemes that stored hashes were made with, beside the present
// one. Who does not know the password is to learn from the time of an answer
// neither that there is an account nor how its hash was made. So a wrong password
// costs one hash of each kind, whatever the account's is, and so does an unknown
// name. The work is the same, on any machine, without measuring anything.
type kinds struct {
	mu     sync.RWMutex
	others []stored // one made up for each kind but the present one
	dear   []string // kinds that are not made up for
	met    []Kind   // those that were not known when a hash of them was verified
}

// Kind names a scheme, as in the setting.
type Kind string

// KindOf is the kind of a stored hash; false if it is unreadable.
func KindOf(text string) (Kind, bool) {
	s, err := parseStored(text)
	return s.scheme.kind(), err == nil
}

// kind is that of a scheme. What costs the same is one kind.
func (s Scheme) kind() Kind { return Kind(s.alike().String()) }

// alike is the scheme that stands for all that cost the same.
func (s Scheme) alike() Scheme {
	switch s.algorithm {
	case bcryptSHA256, bcryptPlain:
		s.algorithm = bcryptHMAC
	case argon2i:
		s.algorithm = argon2id
	}
	return s
}

// milliseconds is about how long a hash takes, on a machine of the day.
func (s Scheme) milliseconds() float64 {
	switch s.alike().algorithm {
	case argon2id:
		return 21 * float64(s.memory) / 19456 * float64(s.passes) / 2
	case scryptPHC:
		return 350 * float64(s.blockSize) / 8 * float64(s.lanes) * math.Exp2(float64(s.logN)-17)
	}
	return bcrypt12 * math.Exp2(float64(s.cost)-12)
}

// Present is the kind of new hashes.
func (h *Hasher) Present() Kind { return h.scheme.kind() }

// Kinds lists the kinds that are known to be in use: the present one, those that
// were set, and those that were met since.
func (h *Hasher) Kinds() []Kind {
	h.kinds.mu.RLock()
	defer h.kinds.mu.RUnlock()
	list := []Kind{h.Present()}
	for _, s := range h.kinds.others {
		list = append(list, s.scheme.kind())
	}
	for _, kind := range h.kinds.dear {
		list = append(list, Kind(kind))
	}
	return list
}

// Met lists the kinds that were met since SetKinds, which did not name them.
func (h *Hasher) Met() []Kind {
	h.kinds.mu.RLock()
	defer h.kinds.mu.RUnlock()
	return slices.Clone(h.kinds.met)
}

// SetKinds says which kinds are in use. It returns those that cost too much to be
// made up for: their accounts can be told from others by time, until a login
// replaces the hash. What is no kind is left out.
func (h *Hasher) SetKinds(list []Kind) (dear []Kind) {
	h.kinds.mu.Lock()
	defer h.kinds.mu.Unlock()
	h.kinds.others, h.kinds.dear, h.kinds.met = nil, nil, nil
	for _, kind := range list {
		if s, err := parseScheme(string(kind)); err == nil && s.tooCostly() == nil && h.kinds.add(h.Present(), s) {
			dear = append(dear, s.kind())
		}
	}
	return dear
}

// add adds a kind, unless it is known, and reports that it is a dear one.
func (k *kinds) add(present Kind, s Scheme) (dear bool) {
	s = s.alike()
	same := func(other stored) bool { return other.scheme == s }
	switch name := string(s.kind()); {
	case s.kind() == present || slices.ContainsFunc(k.others, same) || slices.Contains(k.dear, name):
		return false
	case s.milliseconds() > dearest:
		k.dear = append(k.dear, name)
		return true
	}
	one := stored{scheme: s}
	one.invent()
	k.others = append(slices.Clone(k.others), one) // readers keep the one they have
	return false
}

// rest are the made-up hashes that a wrong password costs besides that of s,
// whose kind is known from now on.
func (h *Hasher) rest(s stored) []stored {
	scheme := s.scheme.alike()
	h.kinds.mu.RLock()
	all := append([]stored{h.nobody}, h.kinds.others...)
	h.kinds.mu.RUnlock()
	known := slices.IndexFunc(all, func(other stored) bool { return other.scheme.alike() == scheme })
	if known >= 0 {
		return slices.Delete(all, known, known+1)
	}
	h.kinds.mu.Lock()
	defer h.kinds.mu.Unlock()
	h.kinds.add(h.Present(), scheme)
	if !slices.Contains(h.kinds.met, scheme.kind()) {
		h.kinds.met = append(h.kinds.met, scheme.kind())
	}
	return all
}
