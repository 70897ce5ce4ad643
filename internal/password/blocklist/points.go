package blocklist

import "slices"

// What a part of a password is worth, in points. A point is about five bits
// that somebody who guesses in the order of likelihood has to try.
const (
	pointsCharacter = 1 // any character by itself
	pointsRun       = 1 // qwertyui, 123456, aaaa
	pointsYear      = 2 // 1900 to 2099
	pointsRepeat    = 1 // something that stood earlier in the password
	pointsContext   = 1 // username, address, name of the service
	pointsWord      = 2 // one of the few thousand commonest words
	pointsCommon    = 3 // one of the common passwords
)

// Shorter parts are not looked for: too many good passwords hold them.
const (
	shortestRepeat = 4
	shortestWord   = 4
	shortestCommon = 8
	longestPart    = 24
)

// points returns what the cheapest way of putting password together from such
// parts is worth. Password and context come folded.
func points(password []rune, context [][]rune) int {
	spellings := [][]rune{password}
	if plain := unleet(password); !slices.Equal(plain, password) {
		spellings = append(spellings, plain)
	}
	run, repeat := runs(password), repeats(password)

	// cost[i] is the price of the first i characters. It is final when the
	// loop comes to i, because every part ends after it begins.
	cost := make([]int, len(password)+1)
	for i := range cost {
		cost[i] = i * pointsCharacter
	}
	for i := range password {
		part := func(length, price int) {
			cost[i+length] = min(cost[i+length], cost[i]+price)
		}
		part(1, pointsCharacter)
		for n := shortestSame; n <= run[i]; n++ {
			part(n, pointsRun)
		}
		for n := shortestRepeat; n <= repeat[i]; n++ {
			part(n, pointsRepeat)
		}
		if isYear(password[i:]) {
			part(4, pointsYear)
		}
		for _, s := range spellings {
			listed(s[i:], part)
			for _, word := range context {
				if len(s)-i >= len(word) && slices.Equal(s[i:i+len(word)], word) {
					part(len(word), pointsContext)
				}
			}
		}
	}
	return cost[len(password)]
}

// listed reports the words and common passwords that s begins with.
func listed(s []rune, part func(length, price int)) {
	h := empty
	for i, r := range s[:min(len(s), longestPart)] {
		h = h.with(r)
		if i+1 >= shortestWord && words.has(h) {
			part(i+1, pointsWord)
		}
		if i+1 >= shortestCommon && common.has(h) {
			part(i+1, pointsCommon)
		}
	}
}

// repeats returns for each position how many characters from there on stand
// earlier too. The two may overlap, so that in abcabcabc all but the first
// three are one repeat.
func repeats(p []rune) []int {
	longest := make([]int, len(p)+1)
	// same[j] is how far the text from i equals the text from j, for the i of
	// the round before: one more than for i+1 and j+1 where the first
	// characters agree.
	same := make([]int, len(p)+1)
	for i := len(p) - 1; i > 0; i-- {
		for j := range i {
			if p[i] != p[j] {
				same[j] = 0
				continue
			}
			same[j] = same[j+1] + 1
			longest[i] = max(longest[i], same[j])
		}
	}
	return longest
}

// isYear reports whether p begins with a year that people put into passwords.
func isYear(p []rune) bool {
	if len(p) < 4 || !(p[0] == '1' && p[1] == '9' || p[0] == '2' && p[1] == '0') {
		return false
	}
	return '0' <= p[2] && p[2] <= '9' && '0' <= p[3] && p[3] <= '9'
}
