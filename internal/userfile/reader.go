package userfile

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"regexp"

	"github.com/authgraph/authgraph/internal/foreignhash"
)

// Format is how a file is written.
type Format string

// The formats.
const (
	JSONL    Format = "jsonl"
	CSV      Format = "csv"
	Firebase Format = "firebase"
	Auth0    Format = "auth0"
)

// Options say how to read a file.
type Options struct {
	Format   Format                      // empty: recognised by what it begins with
	Firebase *foreignhash.FirebaseConfig // nil: the file has no hashes
}

// Reader reads accounts.
type Reader struct {
	format Format
	next   func() (User, error)
}

// Format is that of the file.
func (r *Reader) Format() Format { return r.format }

// Next reads an account. A LineError is about one of them, and io.EOF the end of
// the file. After any other error nothing more can be read.
func (r *Reader) Next() (User, error) { return r.next() }

// head is as much of a file as its format is recognised by.
const head = 64 << 10

// New begins to read a file. A byte order mark is skipped.
func New(in io.Reader, o Options) (*Reader, error) {
	buffered := bufio.NewReaderSize(in, maxAccount+1)
	start, err := buffered.Peek(3)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if bytes.HasPrefix(start, []byte("\xff\xfe")) || bytes.HasPrefix(start, []byte("\xfe\xff")) {
		return nil, errors.New("the file is in UTF-16; write it in UTF-8")
	}
	if bytes.HasPrefix(start, []byte("\ufeff")) {
		_, _ = buffered.Discard(3) // they were peeked at
	}
	format := o.Format
	if format == "" {
		peeked, err := buffered.Peek(head)
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		if format = recognise(peeked); format == "" {
			return nil, errors.New("the format of the file is not recognised; name it with --format")
		}
	}
	r := &Reader{format: format}
	r.next = r.reading(buffered, format, o)
	return r, nil
}

func (r *Reader) reading(in *bufio.Reader, format Format, o Options) func() (User, error) {
	l := &lines{in: in}
	switch format {
	case CSV:
		return newTable(in).next
	case Firebase:
		return eachElement(&elements{in: in, before: `{"users":[`}, func(text []byte, line int) (User, error) { return readFirebase(text, line, o.Firebase) })
	case Auth0:
		if array(in) {
			return eachElement(&elements{in: in, before: "["}, readAuth0)
		}
		return eachLine(l, readAuth0)
	}
	return eachLine(l, readOwn)
}

func eachLine(l *lines, read func([]byte, int) (User, error)) func() (User, error) {
	return func() (User, error) {
		for {
			text, err := l.next()
			if err != nil {
				return User{}, err
			}
			if len(bytes.TrimSpace(text)) > 0 {
				return atLine(l.line, text, read)
			}
		}
	}
}

func eachElement(e *elements, read func([]byte, int) (User, error)) func() (User, error) {
	return func() (User, error) {
		text, line, err := e.next()
		if err != nil {
			return User{}, err
		}
		return atLine(line, text, read)
	}
}

func atLine(line int, text []byte, read func([]byte, int) (User, error)) (User, error) {
	u, err := read(text, line)
	if err != nil {
		return User{}, &LineError{line, err}
	}
	return u, nil
}

func array(in *bufio.Reader) bool {
	start, _ := in.Peek(head) // an error comes again when it is read
	return bytes.HasPrefix(bytes.TrimSpace(start), []byte("["))
}

var (
	firebaseStart = regexp.MustCompile(`^\{\s*"users"\s*:\s*\[`)
	auth0Member   = regexp.MustCompile(`"(user_id|email_verified|password_hash|custom_password_hash|_id)"\s*:`)
	csvHeader     = regexp.MustCompile(`(?i)^"?[a-z]+"?(,"?[a-z]+"?)*\s*$`)
)

// recognise tells a format by how a file begins.
func recognise(start []byte) Format {
	start = bytes.TrimSpace(start)
	line, _, _ := bytes.Cut(start, []byte("\n"))
	switch {
	case firebaseStart.Match(start):
		return Firebase
	case bytes.HasPrefix(start, []byte("[")), bytes.HasPrefix(start, []byte("{")) && auth0Member.Match(line):
		return Auth0
	case bytes.HasPrefix(start, []byte("{")):
		return JSONL
	case csvHeader.Match(line):
		return CSV
	}
	return ""
}
