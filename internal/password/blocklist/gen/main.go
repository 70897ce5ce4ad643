// Gen makes common.bin and words.bin of package blocklist, and the samples its
// tests read, from lists of passwords. Run it in the package's folder; its
// README.md says where the lists are.
package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"flag"
	"fmt"
	"log"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/authgraph/authgraph/internal/password/blocklist"
)

// quotas are how many of the commonest passwords of at least so many
// characters are taken, so that a policy of any minimum finds the ones that
// its users would choose. OWASP's ASVS (V6.2.4) asks for 3,000.
var quotas = []struct{ length, count int }{
	{8, 30000}, {9, 12000}, {10, 10000}, {11, 10000}, {12, 9000}, {13, 9000}, {14, 9000}, {15, 1 << 20},
}

const (
	longest   = 128  // characters
	wordCount = 3000 // commonest of at least four characters with a letter
	sample    = 3000
)

func main() {
	log.SetFlags(0)
	ranked := flag.String("ranked", "", "passwords, one a line, the commonest first")
	also := flag.String("also", "", "more passwords; those of 15 characters and more are taken")
	flag.Parse()
	if err := generate(*ranked, *also); err != nil {
		log.Fatal(err)
	}
}

func generate(ranked, also string) error {
	list, err := read(ranked)
	if err != nil {
		return err
	}
	more, err := read(also)
	if err != nil {
		return err
	}
	common := map[string]bool{}
	for _, q := range quotas {
		for _, w := range take(list, q.length, q.count, nil) {
			common[w] = true
		}
	}
	for _, w := range take(more, 15, len(more), nil) {
		common[w] = true
	}
	var all []string
	for w := range common {
		all = append(all, w)
	}
	words := take(list, 4, wordCount, func(w string) bool { return strings.ContainsFunc(w, unicode.IsLetter) })
	for name, content := range map[string][]byte{
		"common.bin":                  blocklist.Build(11, all),
		"words.bin":                   blocklist.Build(10, words),
		"testdata/commonest8.txt.gz":  packed(take(list, 8, sample, nil)),
		"testdata/commonest15.txt.gz": packed(take(list, 15, sample, nil)),
	} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			return err
		}
		fmt.Println(name, len(content), "bytes")
	}
	fmt.Println(len(all), "common passwords,", len(words), "words")
	return nil
}

// read returns the lines of a file in lower case, each once, in their order.
func read(name string) ([]string, error) {
	content, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var lines []string
	seen := map[string]bool{}
	for s := bufio.NewScanner(bytes.NewReader(content)); s.Scan(); {
		w := strings.ToLower(s.Text())
		if !seen[w] && utf8.ValidString(w) {
			seen[w] = true
			lines = append(lines, w)
		}
	}
	return lines, nil
}

// take returns the first count words of at least so many characters that keep
// accepts.
func take(list []string, length, count int, keep func(string) bool) []string {
	var taken []string
	for _, w := range list {
		n := utf8.RuneCountInString(w)
		if len(taken) < count && length <= n && n <= longest && (keep == nil || keep(w)) {
			taken = append(taken, w)
		}
	}
	return taken
}

func packed(lines []string) []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level is valid
	_, _ = w.Write([]byte(strings.Join(lines, "\n") + "\n"))
	_ = w.Close() // a bytes.Buffer takes everything
	return b.Bytes()
}
