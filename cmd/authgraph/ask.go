package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/mattn/go-isatty"
)

var (
	errNotAsked = errors.New("this cannot be undone, and there is no terminal to ask on; add --yes to confirm")
	errNotSure  = errors.New("nothing was done")
)

// sure asks whether that is meant which cannot be undone, unless the command
// line says so. Where nobody can be asked it is refused: a script must say it.
func (p *program) sure(yes bool, question string) error {
	if yes {
		return nil
	}
	if p.in == nil || !isatty.IsTerminal(p.in.Fd()) {
		return errNotAsked
	}
	fmt.Fprintf(p.logTo, "%s\nWrite yes to go on: ", question)
	answer := make(chan string, 1)
	go func() { // the terminal does not know when the program is to end
		line, _ := bufio.NewReader(io.LimitReader(p.in, 100)).ReadString('\n') // what is cut off is no yes
		answer <- strings.TrimSpace(line)
	}()
	select {
	case <-p.ctx.Done():
		fmt.Fprintln(p.logTo)
		return errNotSure
	case line := <-answer:
		if line != "yes" {
			return errNotSure
		}
		return nil
	}
}

// ending is input that ends with the program: reading what is piped in, or typed, does
// not know of signals. After Close, what is left is not read.
func ending(ctx context.Context, in io.Reader) io.ReadCloser {
	out, into := io.Pipe()
	context.AfterFunc(ctx, func() { into.CloseWithError(errNotSure) }) // the first error counts
	go func() {
		_, err := io.Copy(into, in)
		into.CloseWithError(err) // nil is the end of the input
	}()
	return out
}
