package main

import (
	"strings"
	"testing"
)

// TestReadPassword: whatever program or file the password comes from, its owner
// must be able to type it.
func TestReadPassword(t *testing.T) {
	t.Parallel()
	const line, coding, lines = "plum wagon ä", "not in UTF-8", "more than one line"
	for piped, want := range map[string]string{
		line: line, line + "\n": line, line + "\r\n": line, "\ufeff" + line + "\r\n": line, " " + line + " \n": " " + line + " ", "": "",
		"plum wagon \xe4\n": coding, "\xff\xfep\x00l\x00": coding, line + "\n" + line + "\n": lines, line + "\n\n": lines, line + "\r" + line: lines, "p\x00l\x00u\x00m\x00": lines,
	} {
		got, err := readPassword(strings.NewReader(piped))
		if refused := want == coding || want == lines; refused != (err != nil) || !refused && got != want || refused && !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%q is read as %q, %v; want %q", piped, got, err, want)
		}
	}
}
