package secret

import "crypto/sha256"

const (
	nonceSize     = 16
	challengeSize = nonceSize + sha256.Size // without what it says
)

// Challenge makes a challenge that says something, and that nobody else can make:
// a nonce, what it says, and a MAC of both and of what it is bound to. It is
// stored nowhere. What it is bound to is not in it, but must be given again to
// open it.
func (r *Root) Challenge(label string, says []byte, bound ...[]byte) []byte {
	c := append(random(nonceSize), says...)
	return append(c, r.MAC(label, append(bound, c)...)...)
}

// OpenChallenge returns what a challenge says, and the digest under which it is
// remembered that it was used. Whether it was, is for the database to say.
func (r *Root) OpenChallenge(label string, challenge []byte, bound ...[]byte) (says, digest []byte, ok bool) {
	if len(challenge) < challengeSize {
		return nil, nil, false
	}
	at := len(challenge) - sha256.Size
	c := challenge[:at]
	if !r.CheckMAC(label, challenge[at:], append(bound, c)...) {
		return nil, nil, false
	}
	return c[nonceSize:], DigestOf(challenge), true
}

// DigestOf is the digest under which it is remembered that something was used.
func DigestOf(b []byte) []byte { return digestOf(b) }
