package accesstoken

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"errors"
	"math/big"
)

const (
	minModulusBits = 2048 // RFC 7518 section 3.3
	maxModulusBits = 4096 // beyond, checking a signature is work an attacker chooses
	minExponent    = 65537
	minSecretBytes = 32 // RFC 7518 section 3.2: no shorter than the hash
)

// admit refuses keys that are unfit for alg: of another type or curve, too
// short, or known to be weak. The key is what checks signatures: a public key,
// or the secret of HS256. That the type decides is what makes confusing HS256
// with RS256 or ES256 impossible: a public key never becomes a secret.
func admit(alg Algorithm, key any) error {
	switch alg {
	case ES256:
		k, ok := key.(*ecdsa.PublicKey)
		if !ok || k.Curve != elliptic.P256() {
			return errors.New("ES256 needs a key on P-256")
		}
		if _, err := k.ECDH(); err != nil {
			return errors.New("the point is not on the curve")
		}
	case EdDSA:
		k, ok := key.(ed25519.PublicKey)
		if !ok || len(k) != ed25519.PublicKeySize {
			return errors.New("EdDSA needs an Ed25519 key")
		}
	case RS256:
		k, ok := key.(*rsa.PublicKey)
		if !ok {
			return errors.New("RS256 needs an RSA key")
		}
		return admitRSA(k)
	case HS256:
		k, ok := key.([]byte)
		if !ok || len(k) < minSecretBytes {
			return errors.New("HS256 needs a secret of at least 32 bytes")
		}
	default:
		return errors.New("unknown algorithm")
	}
	return nil
}

func admitRSA(k *rsa.PublicKey) error {
	switch {
	case k.N.BitLen() < minModulusBits:
		return errors.New("the RSA key is shorter than 2048 bits")
	case k.N.BitLen() > maxModulusBits:
		return errors.New("the RSA key is longer than 4096 bits")
	case k.N.Bit(0) == 0:
		return errors.New("the RSA modulus is even")
	case k.E < minExponent || k.E%2 == 0:
		return errors.New("the RSA exponent is below 65537 or even")
	case roca(k.N):
		return errors.New("the RSA key comes from a broken generator (ROCA, CVE-2017-15361)")
	}
	return nil
}

// roca tells whether n has the fingerprint of keys from the broken Infineon
// library, which can be factored: modulo every small prime, n is a power of
// 65537. Another modulus passes for one with a chance below 2^-27 (Nemec et al.,
// "The Return of Coppersmith's Attack", section 3).
func roca(n *big.Int) bool {
	// The primes at which the powers of 65537 are few enough to tell.
	for _, p := range []int64{11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157} {
		rest := new(big.Int).Mod(n, big.NewInt(p)).Int64()
		power, found := int64(1), false
		for range p {
			if power == rest {
				found = true
				break
			}
			power = power * 65537 % p
		}
		if !found {
			return false
		}
	}
	return true
}
