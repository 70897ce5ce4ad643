package blocklist

import "sync"

// rows are what counting and fingers run along, forwards and backwards. Where
// a row begins again after its end, its first character is repeated there.
// There are at most 64.
var rows = [...]string{
	"01234567890", "abcdefghijklmnopqrstuvwxyza", // the counting ones
	"135791", "024680", "a1b2c3d4e5f6g7h8i9j0", "1a2b3c4d5e6f7g8h9i0j",
	"`1234567890-=", "~!@#$%^&*()_+",
	// Rows of the keyboard: QWERTY, QWERTZ, AZERTY, ЙЦУКЕН.
	"qwertyuiop[]asdfghjkl;'zxcvbnm,./", "qwertyuiopasdfghjklzxcvbnm",
	"qwertzuiopüasdfghjklöäyxcvbnm", "qwertzuiopasdfghjklyxcvbnm",
	"azertyuiopqsdfghjklmwxcvbn", "йцукенгшщзхъфывапролджэячсмитьбю",
	// Columns: down, down without the digits, down and up again, up, zigzag.
	"1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/", "qazwsxedcrfvtgbyhnujm",
	"1qazxsw23edcvfr45tgbnhy67ujm,ki89ol./;p0", "qazxswedcvfrtgbnhyujm",
	"zaq1xsw2cde3vfr4bgt5nhy6mju7", "zaq12wsxcde34rfvbgt56yhnmju7", "zaqxswcdevfrbgtnhymju",
	"1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0", "1qa2ws3ed4rf5tg6yh7uj8ik9ol",
	"1qw23er45ty67ui89op0", "qweasdzxcrtyfghvbn", "qawsedrftgyhujikolp",
	"147258369", "741852963", "789456123", "159357", "159753", // the number pad
}

// How many different characters make a run. Three beside each other on a
// keyboard are often chance; three that count are not.
const (
	shortestCount = 3
	shortestWalk  = 4
	shortestSame  = 3 // of one character

	counting = 1<<0 | 1<<1 // the counting rows, as bits
	anyRow   = ^uint64(0)
)

// neighbours are the rows, as bits, along which one character comes right
// after another.
var neighbours = sync.OnceValue(func() map[[2]rune]uint64 {
	m := make(map[[2]rune]uint64, 512)
	for i, row := range rows {
		along := []rune(row)
		for j := range along[1:] {
			m[[2]rune{along[j], along[j+1]}] |= 1 << i
		}
	}
	return m
})

// runs returns for each position how many characters from there on make a run
// along one row in one direction; 0 is none. Characters may be repeated on the
// way, so that aaaa and 112233 are runs too.
func runs(p []rune) []int {
	lengths := make([]int, len(p))
	up, down, same := steps(p)
	for i := range p {
		if n, _ := along(same[i:], anyRow); n >= shortestSame {
			lengths[i] = n
		}
		for _, s := range [...][]uint64{up[i:], down[i:]} {
			if n, different := along(s, counting); different >= shortestCount {
				lengths[i] = max(lengths[i], n)
			}
			if n, different := along(s, anyRow); different >= shortestWalk {
				lengths[i] = max(lengths[i], n)
			}
		}
	}
	return lengths
}

// steps returns for each character on which rows the next one comes after it,
// before it, and whether it is the same again, which fits every row.
func steps(p []rune) (up, down, same []uint64) {
	up, down, same = make([]uint64, len(p)), make([]uint64, len(p)), make([]uint64, len(p))
	follows := neighbours()
	for i := 0; i+1 < len(p); i++ {
		if p[i] == p[i+1] {
			up[i], down[i], same[i] = anyRow, anyRow, anyRow
			continue
		}
		up[i], down[i] = follows[[2]rune{p[i], p[i+1]}], follows[[2]rune{p[i+1], p[i]}]
	}
	return up, down, same
}

// along returns how many characters keep to one of the rows, and how many of
// them differ from the one before.
func along(steps []uint64, rows uint64) (length, different int) {
	different = 1
	for i, s := range steps {
		if rows &= s; rows == 0 {
			return i + 1, different
		}
		if s != anyRow {
			different++
		}
	}
	return len(steps), different
}
