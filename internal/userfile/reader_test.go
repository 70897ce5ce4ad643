package userfile_test

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/authgraph/authgraph/internal/userfile"
)

// read reads a file to its end: the addresses of its accounts, and what failed.
func read(t *testing.T, in io.Reader, format userfile.Format) (emails, failed []string, end error) {
	t.Helper()
	r, err := userfile.New(in, userfile.Options{Format: format})
	if err != nil {
		return nil, nil, err
	}
	for {
		u, err := r.Next()
		wrong := (*userfile.LineError)(nil)
		switch {
		case errors.As(err, &wrong):
			failed = append(failed, wrong.Error())
		case errors.Is(err, io.EOF):
			return emails, failed, nil
		case err != nil:
			return emails, failed, err
		default:
			emails = append(emails, fmt.Sprintf("%d %s", u.Line, u.Email))
		}
	}
}

// TestHostile reads files that were made to break a reader. Those around a bad account are read.
func TestHostile(t *testing.T) {
	const a, b = `{"email":"a@example.org"}`, `{"email":"b@example.org"}`
	for _, c := range []struct {
		what, text string
		format     userfile.Format
		emails     string
		failed     string // in the first failure, or in the end
	}{
		{"nothing", "", userfile.JSONL, "", ""},
		{"blank lines", "\n\r\n  \n" + a + "\n\n", "", "4 a@example.org", ""},
		{"a byte order mark and line ends of Windows", "\ufeff" + a + "\r\n" + b + "\r\n", "", "1 a@example.org,2 b@example.org", ""},
		{"no line end at the end", a + "\n" + b, "", "1 a@example.org,2 b@example.org", ""},
		{"deep JSON", a + "\n" + `{"profile":` + strings.Repeat(`{"a":`, 100_000) + "\n" + b, "", "1 a@example.org,3 b@example.org", "line 2: it is not a JSON object, or a broken one: nested too deeply"},
		{"a long line", a + "\n" + `{"email":"` + strings.Repeat("x", 2<<20) + "\"}\n" + b, "", "1 a@example.org,3 b@example.org", "line 2: it is longer than 1048576 bytes"},
		{"a long line at the end", a + "\n" + strings.Repeat("x", 2<<20), "", "1 a@example.org", "line 2: it is longer"},
		{"a zero byte", "{\"email\":\"a\x00@example.org\"}\n" + b, userfile.JSONL, "2 b@example.org", "line 1: it is not a JSON object"},
		{"what is not UTF-8", "{\"email\":\"\xff@example.org\"}\n" + b, userfile.JSONL, "2 b@example.org", "line 1: it is not a JSON object, or a broken one: text that is not UTF-8"},
		{"half of a surrogate pair", `{"email":"\ud800@example.org"}` + "\n" + b, "", "2 b@example.org", "line 1: it is not"},
		{"the same member twice", `{"email":"a@example.org","email":"b@example.org"}` + "\n" + b, "", "2 b@example.org", "line 1: an object has the same member twice"},
		{"the same member in other letters", `{"email":"a@example.org","Email":"b@example.org"}` + "\n" + b, "", "2 b@example.org", "line 1: there is a member that is not known"},
		{"an array in a line", "[]\n" + b, userfile.JSONL, "2 b@example.org", "line 1: it is not a JSON object"},
		{"two objects in a line", a + b + "\n" + b, "", "2 b@example.org", "line 1: it is not a JSON object"},
		{"UTF-16", "\xff\xfe{\x00", "", "", "the file is in UTF-16"},
		{"something else", "\x7fELF\x02\x01", "", "", "not recognised"},

		{"Firebase", `{"users":[` + a + ",\n" + b + "\n]}\n", "", "1 a@example.org,2 b@example.org", ""},
		{"no accounts of Firebase", `{"users":[]}`, "", "", ""},
		{"brackets in a text", `{"users":[{"email":"a@example.org","displayName":"]}\"{["},` + b + `]}`, "", "1 a@example.org,1 b@example.org", ""},
		{"Firebase, cut", `{"users":[` + a + `,{"email":"b@`, "", "1 a@example.org", "the file ends in the middle"},
		{"Firebase without an end", `{"users":[` + a, "", "1 a@example.org", "the file ends in the middle"},
		{"Firebase, twice", `{"users":[` + a + `]}{"users":[` + b + `]}`, "", "1 a@example.org", "the file goes on"},
		{"a comma too few", `{"users":[` + a + b + `]}`, "", "1 a@example.org", "a comma is missing"},
		{"an account that is a number", `{"users":[` + a + `,5]}`, "", "1 a@example.org", "an account must be an object"},
		{"a long account", `{"users":[{"x":"` + strings.Repeat("]", 2<<20) + `"},` + b + `]}`, "", "1 b@example.org", "line 1: it is longer"},
		{"a deep account", `{"users":[` + strings.Repeat(`{"a":`, 1000) + "1" + strings.Repeat("}", 1000) + "," + b + `]}`, "", "1 b@example.org", "nested too deeply"},
		{"an account with two ends", `{"users":[{"email":"a@example.org"]},` + b + `]}`, "", "", "line 1: "},

		{"CSV", "email,username\r\na@example.org,a\r\nb@example.org,b\r\n", "", "2 a@example.org,3 b@example.org", ""},
		{"CSV of one column", "email\na@example.org\n", "", "2 a@example.org", ""},
		{"CSV with a line end in a cell", "email,profile\na@example.org,\"{\n}\"\nb@example.org,\n", "", "2 a@example.org,4 b@example.org", ""},
		{"a column that is not known", "email,age\na@example.org,1\n", "", "", "column 2"},
		{"a column twice", "email,email\na@example.org,b@example.org\n", "", "", "column 2"},
		{"a cell too many", "email,username\na@example.org,a,x\nb@example.org,b\n", "", "3 b@example.org", "line 2: "},
		{"a quotation mark within a cell", "email,username\na\"b@example.org,a\nb@example.org,b\n", "", "3 b@example.org", "line 2: "},
		{"a quotation mark without an end", "email,username\na@example.org,a\n\"" + strings.Repeat("x\n", 2<<20), "", "2 a@example.org", "a quotation mark is never closed"},
		{"a zero byte in a cell", "email,username\na\x00@example.org,a\nb@example.org,b\n", "", "3 b@example.org", "line 2: email is not UTF-8"},
		{"a cell that is not UTF-8", "email,username\n\xff@example.org,a\nb@example.org,b\n", "", "3 b@example.org", "line 2: email is not UTF-8"},
		{"deep JSON in a cell", "email,profile\na@example.org," + strings.Repeat("[", 1000) + "\nb@example.org,\n", "", "3 b@example.org", "line 2: profile must be"},
	} {
		emails, failed, end := read(t, strings.NewReader(c.text), c.format)
		if end != nil {
			failed = append(failed, end.Error())
		}
		if got := strings.Join(emails, ","); got != c.emails {
			t.Errorf("%s: read %s, want %s", c.what, got, c.emails)
		}
		if got := strings.Join(failed, "; "); (got == "") != (c.failed == "") || !strings.Contains(got, c.failed) {
			t.Errorf("%s: %q failed, want %q", c.what, got, c.failed)
		}
	}
}

// endless is a text that never ends, but after n bytes.
type endless struct {
	text string
	left int
}

func (e *endless) Read(p []byte) (int, error) {
	if e.left <= 0 {
		return 0, io.EOF
	}
	n := min(len(p), e.left)
	for i := 0; i < n; i += len(e.text) {
		copy(p[i:n], e.text)
	}
	e.left -= n
	return n, nil
}

// A file takes the memory of one account, however long its lines are.
func TestMemory(t *testing.T) {
	const size = 64 << 20
	for what, c := range map[string]struct {
		before, text string
		format       userfile.Format
	}{
		"a line":                   {"", "x", userfile.JSONL},
		"short lines":              {"", "{\"email\":\"a@example.org\"}\n", userfile.JSONL},
		"an account of Firebase":   {`{"users":[{"x":"`, "x", userfile.Firebase},
		"a cell":                   {"email\n\"", "x", userfile.CSV},
		"a first line of CSV":      {"", "x", userfile.CSV},
		"blanks in front of Auth0": {"", " ", userfile.Auth0},
	} {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		left := size
		if what == "short lines" {
			left = 1 << 18 // each is read
		}
		in := &endless{c.text, left}
		_, _, _ = read(t, io.MultiReader(strings.NewReader(c.before), in), c.format)
		runtime.ReadMemStats(&after)
		if took := after.TotalAlloc - before.TotalAlloc; took > 32<<20 {
			t.Errorf("%s of %d MiB: %d MiB were allocated", what, size>>20, took>>20)
		}
	}
}

func FuzzReader(f *testing.F) {
	for _, format := range []userfile.Format{userfile.JSONL, userfile.CSV, userfile.Firebase, userfile.Auth0} {
		f.Add(string(format), `{"users":[{"email":"a@example.org","createdAt":"1"}]}`)
		f.Add(string(format), `[{"email":"a@example.org","custom_password_hash":{"algorithm":"md5","hash":{"value":"5f4dcc3b5aa765d61d8327deb882cf99"}}}]`)
		f.Add(string(format), "email,passwordHash\na@example.org,\"{\"\"format\"\":\"\"md5\"\"}\"")
		f.Add(string(format), `{"email":"a@example.org","passwordHash":{"credentialData":"{}","secretData":"{}"}}`)
	}
	f.Fuzz(func(t *testing.T, format, text string) {
		emails, failed, _ := read(t, strings.NewReader(text), userfile.Format(format))
		if len(emails)+len(failed) > len(text)+1 {
			t.Errorf("%d accounts and %d failures of %d bytes", len(emails), len(failed), len(text))
		}
	})
}
