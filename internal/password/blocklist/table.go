package blocklist

import (
	"encoding/binary"
	"slices"
)

// A table is a set of words, kept as the fingerprints of the words so that it
// is small, holds nobody's password in clear, and is searched where it lies in
// the binary: nothing is unpacked, and nothing is held in memory beside it.
//
// A fingerprint is the first bits of a word's hash. The first byte of a table
// says how many of them choose a bucket; 32 more are kept in it. The buckets'
// ends follow as big-endian uint32, counted in entries, then the entries, four
// bytes each and sorted. A word that is not in a set of n is taken for one that
// is in n cases of 2^(bits+32).
type table string

const entrySize = 4

// Build makes a table of 2^bits buckets.
func Build(bits int, words []string) []byte {
	prints := make([]uint64, 0, len(words))
	for _, w := range words {
		prints = append(prints, hash([]rune(w)).print()>>(64-bits-8*entrySize))
	}
	slices.Sort(prints)
	prints = slices.Compact(prints)

	out, next := []byte{byte(bits)}, 0
	for bucket := range uint64(1) << bits {
		for next < len(prints) && prints[next]>>(8*entrySize) == bucket {
			next++
		}
		out = binary.BigEndian.AppendUint32(out, uint32(next))
	}
	for _, p := range prints {
		out = binary.BigEndian.AppendUint32(out, uint32(p))
	}
	return out
}

// has reports whether the word of that hash is in the set.
func (t table) has(h sum) bool {
	bits, print := int(t[0]), h.print()
	bucket := int(print >> (64 - bits))
	want := int(uint32(print >> (64 - bits - 8*entrySize)))

	first, end := 0, t.number(bucket)
	if bucket > 0 {
		first = t.number(bucket - 1)
	}
	// Fingerprints are spread evenly, so that a bucket holds a few dozen.
	for entries := 1 << bits; first < end; {
		middle := (first + end) / 2
		switch got := t.number(entries + middle); {
		case got == want:
			return true
		case got < want:
			first = middle + 1
		default:
			end = middle
		}
	}
	return false
}

// number returns the i-th of the table's numbers.
func (t table) number(i int) int {
	b := t[1+entrySize*i:][:entrySize]
	return int(b[0])<<24 | int(b[1])<<16 | int(b[2])<<8 | int(b[3])
}

// A sum is the hash of a word so far. Going on by one character costs the same
// however long the word is, which is what makes looking up every part of a
// password cheap. It need not resist attack: whoever finds a collision has
// found a password that is refused to himself.
type sum uint64

const empty sum = 0xcbf29ce484222325 // FNV-1a's

func (h sum) with(r rune) sum { return (h ^ sum(r)) * 0x100000001b3 }

func hash(word []rune) sum {
	h := empty
	for _, r := range word {
		h = h.with(r)
	}
	return h
}

// print spreads the sum over all bits (MurmurHash3's finalizer).
func (h sum) print() uint64 {
	x := uint64(h)
	x = (x ^ x>>33) * 0xff51afd7ed558ccd
	x = (x ^ x>>33) * 0xc4ceb9fe1a85ec53
	return x ^ x>>33
}
