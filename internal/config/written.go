package config

import (
	"errors"
	"os"
	"slices"
	"strings"
	"unicode"

	"github.com/authgraph/authgraph/internal/store"
)

// bare is a value without what surrounds it and is not seen, which nobody means:
// lines of files for containers keep the blanks at their end, secrets made with
// echo a newline, and files made on Windows begin with a mark. A carriage return
// stays, for written to tell of.
func bare(text string) string {
	return strings.TrimFunc(text, func(c rune) bool { return c != '\r' && (unicode.IsSpace(c) || unicode.Is(unicode.Cf, c)) })
}

// errUTF16 is about what programs on Windows write unless they are told not to.
var errUTF16 = errors.New("is in UTF-16, as files made on Windows are; write it in UTF-8")

func isUTF16(text string) bool {
	return strings.HasPrefix(text, "\xff\xfe") || strings.HasPrefix(text, "\xfe\xff")
}

// written refuses a bare value that was meant to be another one. Files for
// containers keep the quotes that a shell would take away, and lines made on
// Windows end in CR LF: in silence both would be part of a name, a path or a
// secret.
func written(text string) error {
	if isUTF16(text) {
		return errUTF16
	}
	var wrong []string
	if trimmed := strings.TrimRight(text, "\r\n"); trimmed != text {
		wrong = append(wrong, "ends with a carriage return, as lines made on Windows do; remove it")
		text = trimmed
	}
	if quoted(text) {
		wrong = append(wrong, "is in quotes, which would be a part of the value; remove them")
	}
	if wrong == nil {
		return nil
	}
	return errors.New(strings.Join(wrong, ", and "))
}

// quotes are those that people, and programs that write for them, put around text.
var quotes = []string{`""`, "''", "``", "“”", "‘’", "„“", "«»"}

func quoted(text string) bool {
	return slices.ContainsFunc(quotes, func(pair string) bool {
		marks := []rune(pair)
		first, last := string(marks[0]), string(marks[1])
		return len(text) >= len(pair) && strings.HasPrefix(text, first) && strings.HasSuffix(text, last)
	})
}

// exposed warns of the files that hold a secret and that others than their owner
// have rights to. Those of another user's, such as a container's secrets, are as
// that user wants them.
func (r *reader) exposed(warn func(bool, *Value, string)) {
	const text = "the file holds a secret, and users other than its owner can read or write it; run chmod 600 on it"
	for _, f := range r.fields {
		if f.row.of != "" {
			secret := r.field(f.row.of).value
			warn(f.value.set() && secret.from == f.value.from && isExposed(f.value.text), f.value, text)
		}
		if f.row.name == "CONFIG" {
			secret := slices.ContainsFunc(r.file, func(m member) bool { return r.field(m.name).row.secret })
			warn(secret && isExposed(f.value.text), f.value, text)
		}
	}
}

func isExposed(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o066 != 0 && store.Owned(info)
}
