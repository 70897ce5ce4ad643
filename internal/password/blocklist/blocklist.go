// Package blocklist says which passwords are too easy to guess: the commonest
// ones, the patterns and variations that guessing programs try first, and what
// anybody who knows the account's name would try.
//
// A password is taken apart into what is easy to guess (a common word, a run
// along the keyboard, a year, the username, a repetition) and what is not, and
// each part counts points (see points.go). A password needs six points: six
// characters that nothing explains are enough, and so are three words. This is
// the idea of Microsoft Entra's password protection and of zxcvbn, kept small.
// So these are refused
//
//	password  P@ssw0rd2024!  qwertyuiopasdfgh  passwordpassword  aaaaaaaaaaaaaaa
//
// and these are not
//
//	correct horse battery staple  481516234209117  xkW8-2pQ
//
// The lists are searched where they lie in the binary; README.md says where
// they come from. The package must not know of policies or accounts, and works
// without a network.
package blocklist

import _ "embed"

//go:embed common.bin
var commonData string

//go:embed words.bin
var wordsData string

// common is the commonest passwords of every length that a policy may ask for,
// words the commonest of any length that hold a letter.
var (
	common = table(commonData)
	words  = table(wordsData)
)

const enough = 6 // points

// Refuses reports whether password is too easy to guess. Letter case does not
// matter. The context is what a guesser knows: the account's address and
// username, the name of the service. The cost grows with the square of the
// length, which the caller has to bound.
func Refuses(password string, context ...string) bool {
	p := fold(password)
	return common.has(hash(p)) || points(p, contextWords(context)) < enough
}
