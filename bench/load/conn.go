package load

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"
)

// conn is a connection that is kept, and opened again after a failure.
type conn struct {
	address string
	until   time.Time
	to      net.Conn
	in      *bufio.Reader
	out     []byte
	body    []byte // of the last answer
}

// ask returns the body of an answer of status 200, good until the next question.
func (c *conn) ask(q Question) ([]byte, error) {
	if err := c.open(); err != nil {
		return nil, err
	}
	status, last, err := c.exchange(q)
	if err != nil || last {
		c.close()
	}
	if err != nil {
		return nil, err
	}
	if status != 200 {
		return nil, fmt.Errorf("status %d: %.300s", status, c.body)
	}
	return c.body, nil
}

func (c *conn) open() (err error) {
	if c.to != nil {
		return nil
	}
	if c.to, err = net.Dial("tcp", c.address); err != nil { //nolint:noctx // on this machine
		c.to = nil
		return err
	}
	c.in = bufio.NewReaderSize(c.to, 16<<10)
	return c.to.SetDeadline(c.until)
}

func (c *conn) close() {
	if c.to != nil {
		c.to.Close()
		c.to = nil
	}
}

// exchange sends a question and reads the answer into c.body.
func (c *conn) exchange(q Question) (status int, last bool, err error) {
	c.out = append(c.out[:0], "POST /graphql HTTP/1.1\r\nHost: "...)
	c.out = append(c.out, c.address...)
	c.out = append(c.out, "\r\nContent-Type: application/json\r\n"...)
	if q.Bearer != "" {
		c.out = append(c.out, "Authorization: Bearer "...)
		c.out = append(c.out, q.Bearer...)
		c.out = append(c.out, "\r\n"...)
	}
	c.out = append(c.out, "Content-Length: "...)
	c.out = strconv.AppendInt(c.out, int64(len(q.Body)), 10)
	c.out = append(c.out, "\r\n\r\n"...)
	c.out = append(c.out, q.Body...)
	if _, err := c.to.Write(c.out); err != nil {
		return 0, false, err
	}
	return c.read()
}

func (c *conn) read() (status int, last bool, err error) {
	line, err := c.in.ReadSlice('\n')
	if err != nil {
		return 0, false, err
	}
	if len(line) < len("HTTP/1.1 200") {
		return 0, false, errors.New("no status line")
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, false, fmt.Errorf("read the status: %w", err)
	}
	size, last, err := c.readHeader()
	if err != nil {
		return 0, false, err
	}
	c.body = c.body[:0]
	if size == chunked {
		return status, last, c.readChunks()
	}
	return status, last, c.append(size)
}

// chunked is the size of a body that says it piece by piece.
const chunked = -1

// readHeader returns the size of the body, and whether the connection ends.
func (c *conn) readHeader() (size int, last bool, err error) {
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return 0, false, err
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			return size, last, nil
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimSpace(value)
		switch {
		case bytes.EqualFold(name, []byte("Content-Length")):
			if size, err = strconv.Atoi(string(value)); err != nil {
				return 0, false, fmt.Errorf("read the size: %w", err)
			}
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			size = chunked
		case bytes.EqualFold(name, []byte("Connection")):
			last = bytes.EqualFold(value, []byte("close"))
		}
	}
}

func (c *conn) readChunks() error {
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return err
		}
		size, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 16, 32)
		if err != nil {
			return fmt.Errorf("read the size of a chunk: %w", err)
		}
		if err := c.append(int(size)); err != nil {
			return err
		}
		if _, err := c.in.Discard(len("\r\n")); err != nil || size == 0 {
			return err
		}
	}
}

// append reads so many bytes more of the body.
func (c *conn) append(size int) error {
	from := len(c.body)
	c.body = append(c.body, make([]byte, size)...)
	_, err := io.ReadFull(c.in, c.body[from:])
	return err
}
