package userfile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

var (
	errArray = errors.New("the file is not an array of accounts")
	errCut   = errors.New("the file ends in the middle")
)

// elements cuts the elements out of a JSON array, without reading them: package
// strictjson does that.
type elements struct {
	in      *bufio.Reader
	line    int
	begun   bool
	between bool   // whether an element was read, so that a comma or the end follows
	before  string // what precedes the array, without blanks
}

// next returns the text of an element, and where it begins.
func (e *elements) next() (text []byte, line int, err error) {
	if !e.begun {
		if err := e.begin(); err != nil {
			return nil, 0, err
		}
	}
	c, err := e.solid()
	if err != nil {
		return nil, 0, err
	}
	switch {
	case c == ']':
		return nil, 0, e.end()
	case e.between && c != ',':
		return nil, 0, fmt.Errorf("line %d: a comma is missing between two accounts", e.line)
	case e.between:
		if c, err = e.solid(); err != nil {
			return nil, 0, err
		}
	}
	if c != '{' {
		return nil, 0, fmt.Errorf("line %d: an account must be an object", e.line)
	}
	e.between = true
	line = e.line
	text, err = e.object()
	return text, line, err
}

// begin reads up to the array.
func (e *elements) begin() error {
	e.begun, e.line = true, 1
	for i := range len(e.before) {
		c, err := e.solid()
		if err != nil || c != e.before[i] {
			return errArray
		}
	}
	return nil
}

// end sees that nothing follows but what closes the objects around the array.
func (e *elements) end() error {
	if e.before[0] == '{' {
		if c, err := e.solid(); err != nil || c != '}' {
			return fmt.Errorf("line %d: the file goes on after its accounts, or ends too early", e.line)
		}
	}
	if _, err := e.solid(); !errors.Is(err, errCut) {
		return fmt.Errorf("line %d: the file goes on after its accounts", e.line)
	}
	return io.EOF
}

// object reads to the end of an object whose bracket was read.
func (e *elements) object() ([]byte, error) {
	text, line := []byte{'{'}, e.line
	depth, quoted, escaped := 1, false, false
	for depth > 0 {
		c, err := e.byte()
		if err != nil {
			return nil, err
		}
		if len(text) <= maxAccount {
			text = append(text, c)
		}
		switch {
		case escaped:
			escaped = false
		case quoted:
			escaped, quoted = c == '\\', c != '"'
		case c == '"':
			quoted = true
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			depth--
		}
	}
	if len(text) > maxAccount {
		return nil, &LineError{line, errLong}
	}
	return text, nil
}

// solid is the next byte that is no blank.
func (e *elements) solid() (byte, error) {
	for {
		c, err := e.byte()
		if err != nil || c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			return c, err
		}
	}
}

func (e *elements) byte() (byte, error) {
	c, err := e.in.ReadByte()
	if errors.Is(err, io.EOF) {
		err = errCut
	}
	if c == '\n' {
		e.line++
	}
	return c, err
}
