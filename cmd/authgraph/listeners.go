package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"syscall"

	"github.com/authgraph/authgraph/internal/config"
	"github.com/authgraph/authgraph/internal/server"
)

// listeners are opened before anything else, so that a port in use is said at
// once.
type listeners struct{ public, admin net.Listener }

func listen(ctx context.Context, c *config.Config) (l listeners, err error) {
	var network net.ListenConfig
	if path, isSocket := c.Socket(); isSocket {
		l.public, err = listenOnSocket(ctx, path)
	} else {
		l.public, err = network.Listen(ctx, "tcp", c.Listen)
	}
	if err != nil {
		return l, fmt.Errorf("AUTHGRAPH_LISTEN: %w", err)
	}
	if addr, ok := l.public.Addr().(*net.TCPAddr); ok {
		c.SetPort(uint16(addr.Port)) //nolint:gosec // a port has 16 bits
	}
	if c.AdminListen == "" {
		return l, nil
	}
	if l.admin, err = network.Listen(ctx, "tcp", c.AdminListen); err != nil {
		l.close()
		return l, fmt.Errorf("AUTHGRAPH_ADMIN_LISTEN: %w", err)
	}
	return l, nil
}

// socketMode lets the server's user and group connect: those who can are believed
// as a proxy is.
const socketMode = 0o660

// listenOnSocket makes a unix socket. One that a killed server left behind is
// removed; one that somebody answers on is in use.
func listenOnSocket(ctx context.Context, path string) (net.Listener, error) {
	var network net.ListenConfig
	l, err := network.Listen(ctx, "unix", path)
	if errors.Is(err, syscall.EADDRINUSE) && abandoned(ctx, path) {
		if err := os.Remove(path); err != nil {
			return nil, err
		}
		l, err = network.Listen(ctx, "unix", path)
	}
	if err != nil {
		return nil, err
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false) // it would not look whose socket is there
	made, err := os.Lstat(path)
	if err == nil {
		err = os.Chmod(path, socketMode)
	}
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return &socket{Listener: l, path: path, made: made}, nil
}

// socket is a listener that removes its file at the end, unless another server has put
// its own there.
type socket struct {
	net.Listener
	path    string
	made    os.FileInfo
	removed sync.Once
}

func (s *socket) Close() error {
	s.removed.Do(func() { // once: a later file may have the same number
		if now, err := os.Lstat(s.path); err == nil && os.SameFile(now, s.made) {
			_ = os.Remove(s.path) // what is left is taken over at the next start
		}
	})
	return s.Listener.Close()
}

// abandoned reports a socket on which nobody listens. A file of another kind is not
// ours to remove.
func abandoned(ctx context.Context, path string) bool {
	info, err := os.Lstat(path)
	if err != nil || info.Mode().Type() != os.ModeSocket {
		return false
	}
	conn, err := new(net.Dialer).DialContext(ctx, "unix", path)
	if err == nil {
		_ = conn.Close() // it was only to see whether somebody is there
	}
	return errors.Is(err, syscall.ECONNREFUSED)
}

// adminAddr is where the operator's listener is, or off.
func (l listeners) adminAddr() string {
	if l.admin == nil {
		return "off"
	}
	return l.admin.Addr().String()
}

func (l listeners) serveAdmin(ctx context.Context, h http.Handler, log *slog.Logger) error {
	if l.admin == nil {
		<-ctx.Done()
		return nil
	}
	return server.Serve(ctx, l.admin, h, server.Connections{Log: log})
}

func (l listeners) close() {
	for _, one := range []net.Listener{l.public, l.admin} {
		if one != nil {
			_ = one.Close() // the server has closed it before, mostly
		}
	}
}
