package userfile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// maxAccount is how many bytes one account may have.
const maxAccount = 1 << 20

var errLong = fmt.Errorf("it is longer than %d bytes", maxAccount)

// lines reads line by line. A line that is too long is skipped, and costs no
// memory.
type lines struct {
	in   *bufio.Reader
	line int // the number of the last one
}

// next returns a line without its end. It is valid until the next call.
func (l *lines) next() ([]byte, error) {
	l.line++
	text, err := l.in.ReadSlice('\n')
	switch {
	case err == nil:
		return text[:len(text)-1], nil
	case errors.Is(err, io.EOF) && len(text) > 0:
		return text, nil
	case !errors.Is(err, bufio.ErrBufferFull):
		return nil, err
	}
	for errors.Is(err, bufio.ErrBufferFull) {
		_, err = l.in.ReadSlice('\n')
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return nil, &LineError{l.line, errLong}
}
