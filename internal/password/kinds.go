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
	case bcryptSHA256, bcryptHex, bcryptPlain:
		s.algorithm = bcryptHMAC
	case scryptAES:
		s.algorithm = scryptPHC
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
	case pbkdf2SHA1, pbkdf2SHA256:
		return float64(s.rounds) / 2500
	case pbkdf2SHA512:
		return float64(s.rounds) / 1000
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

// add adds a kind, unless it is known, and reports that it is a dear one. Of
// PBKDF2 with one hash, the most rounds stand for all: see rest.
func (k *kinds) add(present Kind, s Scheme) (dear bool) {
	s = s.alike()
	switch name := string(s.kind()); {
	case s.kind() == present || slices.ContainsFunc(k.others, s.within) || slices.Contains(k.dear, name):
		return false
	case s.milliseconds() > dearest:
		k.dear = append(k.dear, name)
		return true
	}
	fewer := func(other stored) bool { return other.scheme.within(stored{scheme: s}) }
	k.others = append(slices.DeleteFunc(slices.Clone(k.others), fewer), made(s)) // readers keep the one they have
	return false
}

// within reports that the work of s is part of that of other.
func (s Scheme) within(other stored) bool {
	o := other.scheme
	return s == o || s.pbkdf2() && s.algorithm == o.algorithm && s.rounds <= o.rounds
}

// made makes a hash up.
func made(s Scheme) stored {
	one := stored{scheme: s}
	one.invent()
	return one
}

// works lists the kinds of work that a hash is made of.
func (s stored) works() []Scheme {
	list := []Scheme{s.scheme.alike()}
	if s.inner != nil && s.inner.rounds > 0 {
		list = append(list, Scheme{algorithm: s.inner.format, rounds: s.inner.rounds})
	}
	return list
}

// rest are the made-up hashes that a wrong password costs besides that of s,
// whose kinds are known from now on. PBKDF2 repeats one step as often as it has
// rounds. So a hash of fewer rounds than the most that are in use is made up for
// by those that are missing, and many numbers of rounds cost no more than the
// largest one.
func (h *Hasher) rest(s stored) []stored {
	h.kinds.mu.RLock()
	all := append([]stored{h.nobody}, h.kinds.others...)
	h.kinds.mu.RUnlock()
	for _, w := range s.works() {
		i := slices.IndexFunc(all, func(other stored) bool { return w.within(stored{scheme: other.scheme.alike()}) })
		if i < 0 {
			h.meet(w)
			all = slices.DeleteFunc(all, func(other stored) bool { return other.scheme.within(stored{scheme: w}) })
			continue
		}
		missing := all[i].scheme.rounds - w.rounds
		if all = slices.Delete(all, i, i+1); missing > 0 {
			all = append(all, made(Scheme{algorithm: w.algorithm, rounds: missing}))
		}
	}
	return all
}

// meet notes a kind that was not known.
func (h *Hasher) meet(s Scheme) {
	h.kinds.mu.Lock()
	defer h.kinds.mu.Unlock()
	h.kinds.add(h.Present(), s)
	if !slices.Contains(h.kinds.met, s.kind()) {
		h.kinds.met = append(h.kinds.met, s.kind())
	}
}

// What may be in use, together, before imports of other kinds are refused.
const (
	mostMadeUp = 2 * dearest // milliseconds that a wrong password takes for other kinds
	mostDear   = 16
)

// welcome adds the kinds of a hash, and returns them. It refuses those with which
// a wrong password would take too long.
func (k *kinds) welcome(present Kind, s stored) ([]Kind, error) {
	var list []Kind
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, w := range s.works() {
		others, dear, before := k.others, k.dear, k.cost()
		k.add(present, w)
		if k.cost() > max(before, mostMadeUp) || len(k.dear) > max(len(dear), mostDear) {
			k.others, k.dear = others, dear
			return nil, ErrTooMany
		}
		list = append(list, w.kind())
	}
	return list, nil
}

// cost is what a wrong password takes for all kinds but the present one, in
// milliseconds.
func (k *kinds) cost() (sum float64) {
	for _, other := range k.others {
		sum += other.scheme.milliseconds()
	}
	return sum
}
