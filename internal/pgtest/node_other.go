//go:build !(linux || darwin || freebsd || netbsd || openbsd)

package pgtest

import (
	"os"
	"testing"
)

// Node is not to be had on this system: NewNode skips every test.
type Node struct{ URL string }

// NewNode skips the test, or fails it in CI.
func NewNode(t testing.TB, _ ...string) *Node {
	t.Helper()
	refuse(t, canRun().Error(), os.Getenv("CI"))
	return nil
}

// The rest is never called.

func (n *Node) Standby() *Node      { return n }
func (n *Node) Promote()            {}
func (n *Node) NewProxy() *Proxy    { return nil }
func (n *Node) Query(string) string { return "" }
func (n *Node) Stop(string)         {}
func (n *Node) Kill()               {}
func (n *Node) Again()              {}
func (n *Node) Deaf() (hear func()) { return func() {} }
