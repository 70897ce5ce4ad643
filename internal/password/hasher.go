package password

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"
)

// Options are what New makes a Hasher of.
type Options struct {
	// Scheme of new hashes. The zero value is DefaultScheme.
	Scheme Scheme
	// Peppers, if any: new hashes are made under the first, stored ones are
	// verified under the one they name.
	Peppers []Pepper
	// Slots is how many hashes run at once. 0 leaves one core to everything
	// else, where there is more than one.
	Slots int
	// Queue is how many callers may wait. 0 is 128 for each slot; a negative
	// number lets nobody wait.
	Queue int
	// Wait is how long one of them waits at most. 0 is four seconds.
	Wait time.Duration
	// Now measures how long hashes take. Nil is time.Now.
	Now func() time.Time
	// Observe, if not nil, is told of each hash how long it waited, and how long it
	// took.
	Observe func(waited, took time.Duration)
}

// A Hasher makes and verifies stored hashes, a bounded number at a time. It is
// safe for concurrent use.
type Hasher struct {
	scheme  Scheme
	peppers []Pepper
	pool    *pool
	nobody  stored // what VerifyNone verifies against
	kinds   kinds
}

// New refuses a Scheme beyond the ceilings, peppers that cannot be used and
// negative Slots or Wait. It hashes nothing, so that starting costs nothing.
func New(o Options) (*Hasher, error) {
	if o.Scheme == (Scheme{}) {
		o.Scheme = DefaultScheme()
	}
	if err := errors.Join(o.Scheme.tooCostly(), checkPeppers(o.Peppers)); err != nil {
		return nil, fmt.Errorf("password hashing: %w", err)
	}
	if o.Slots < 0 || o.Wait < 0 {
		return nil, errors.New("password hashing: slots and wait must not be negative")
	}
	if o.Slots == 0 {
		o.Slots = max(1, runtime.NumCPU()-1)
	}
	if o.Queue == 0 {
		o.Queue = 128 * o.Slots
	}
	if o.Wait == 0 {
		o.Wait = 4 * time.Second
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	h := &Hasher{
		scheme:  o.Scheme,
		peppers: slices.Clone(o.Peppers),
		pool:    newPool(o.Slots, o.Queue, o.Wait, o.Now).observed(o.Observe),
	}
	h.nobody = h.blank()
	h.nobody.invent()
	return h, nil
}

// Hash returns the text to store for password: a PHC string, of its NFC form
// (NIST SP 800-63B-4 section 3.1.1.2; RFC 8265 section 4.2). It fails with an
// OverloadedError, or with ctx's error while it waits.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	s := h.blank()
	pepper, err := h.pepper(s.keyID)
	if err != nil {
		return "", err
	}
	if busy := h.pool.run(ctx, func() { err = s.make(s.input(composed(password), pepper)) }); busy != nil {
		return "", busy
	}
	return s.String(), err
}

// Verify reports whether password is the one that text was stored for. After
// a good one, rehash says that the stored hash should be replaced by a new
// Hash: it was made by another algorithm, with other work factors (lower ones
// are weaker, and any others take another time than VerifyNone does), under an
// older pepper or under none, or of the password as it was typed.
//
// The same letters come in several Unicode forms, by keyboard and system. NFC is
// tried first. Where the typed form is another one and NFC fails, it is tried as
// well, for hashes that were imported. Both belong to one attempt: it is decided
// or fails as a whole.
//
// Besides the errors of Hash there is ErrUnreadable, a fault of the store and
// not of the caller. It comes after the work of a hash of the present scheme,
// so that it takes as long as a wrong password.
//
// A wrong password costs one hash of each kind that is in use, see Kinds: the
// time does not tell how the stored hash was made.
func (h *Hasher) Verify(ctx context.Context, password, text string) (ok, rehash bool, err error) {
	s, err := parseStored(text)
	if err == nil {
		_, err = h.pepper(s.keyID)
	}
	if err != nil {
		if busy := h.VerifyNone(ctx, password); busy != nil {
			return false, false, busy
		}
		return false, false, err
	}
	form, err := h.matches(ctx, password, s)
	if err != nil || form == 0 {
		return false, false, err
	}
	return true, form > 1 || h.outdated(s), nil
}

// VerifyNone takes the time and the memory of a Verify of a wrong password, and
// fails like it. It is for accounts that do not exist or
// have no password, so that an answer's time does not tell them apart.
func (h *Hasher) VerifyNone(ctx context.Context, password string) error {
	_, err := h.matches(ctx, password, h.nobody)
	return err
}

// matches tries the forms of a password, the one after the other, until one is
// the one that s was made of, and returns its number; 0 is none.
func (h *Hasher) matches(ctx context.Context, password string, s stored) (form int, err error) {
	pepper, err := h.pepper(s.keyID)
	if err != nil {
		return 0, err
	}
	busy := h.pool.run(ctx, func() {
		for i, text := range forms(password) {
			var ok bool
			if ok, err = s.matches(s.input(text, pepper)); ok {
				form = i + 1
			}
			if ok || err != nil {
				return
			}
		}
		h.makeUp(password, s)
	})
	if busy != nil {
		return 0, busy
	}
	return form, err
}

// makeUp does the work of the kinds that s is not of, for each form of a wrong
// password.
func (h *Hasher) makeUp(password string, s stored) {
	texts := forms(password)
	for _, other := range h.rest(s) {
		for _, text := range texts {
			_, _ = other.matches(other.input(text, nil)) // a made-up hash is readable, and nobody's
		}
	}
}

// blank is a stored hash of the present settings that lacks salt and digest.
func (h *Hasher) blank() stored {
	s := stored{scheme: h.scheme}
	if len(h.peppers) > 0 {
		s.keyID = h.peppers[0].ID
	}
	return s
}

// outdated reports whether s differs from what Hash would store now.
func (h *Hasher) outdated(s stored) bool {
	now := h.nobody
	return s.inner != nil || s.scheme != now.scheme || s.keyID != now.keyID ||
		len(s.salt) != len(now.salt) || len(s.digest) != len(now.digest)
}

// random never fails: the process ends first.
func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // documented to return no error
	return b
}
