package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

const (
	// answerTime is how long a client may take to read its answer.
	answerTime = 20500 * time.Millisecond
	// drainTime is how long requests under way may take once the server stops.
	drainTime = 12 * time.Second
)

// Connections say how a listener is served.
type Connections struct {
	// Request is how long a request may take, as in Options; 0 is 9.5 s.
	Request time.Duration
	// H2C also takes HTTP/2 without TLS, of clients that know it beforehand (RFC 9113
	// section 3.3), which proxies are. Nothing is upgraded.
	H2C bool
	Log *slog.Logger
}

// streams is how many requests a connection of HTTP/2 may have under way.
const streams = 100

func (c Connections) protocols() *http.Protocols {
	p := new(http.Protocols)
	p.SetHTTP1(true)
	p.SetUnencryptedHTTP2(c.H2C)
	return p
}

// Serve serves a listener until ctx ends, then lets requests under way finish.
// Slow and idle clients are cut. Whoever is still sending when the drain time is
// up is cut too, which is no failure: else any stranger could make every stop one.
func Serve(ctx context.Context, l net.Listener, h http.Handler, c Connections) error {
	log := c.Log
	s := &http.Server{
		Handler:           unambiguous(h),
		Protocols:         c.protocols(),
		HTTP2:             &http.HTTP2Config{MaxConcurrentStreams: streams, SendPingTimeout: 30 * time.Second, WriteByteTimeout: answerTime},
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      cmp.Or(c.Request, requestTime) + answerTime,
		IdleTimeout:       90 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
		// `OPTIONS *` gets the headers and the log line of every answer, too.
		DisableGeneralOptionsHandler: true,
	}
	failed := make(chan error, 1)
	go func() { failed <- s.Serve(l) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve %s: %w", l.Addr(), err)
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	err := s.Shutdown(drain)
	if errors.Is(err, context.DeadlineExceeded) {
		log.Warn("connections were cut, since their requests did not end", "listen", l.Addr().String(), "after", drainTime.String())
		err = s.Close()
	}
	if err != nil {
		return fmt.Errorf("drain %s: %w", l.Addr(), err)
	}
	return nil
}

// unambiguous makes a request the last one on its connection if its end may be
// seen elsewhere by a proxy in front: then what follows is not taken for another
// request (RFC 9112 section 6.1). net/http hides a Content-Length that stands
// beside chunks, and from HTTP/1.0 a Transfer-Encoding: hence after all of them.
func unambiguous(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(r.TransferEncoding) > 0 || !r.ProtoAtLeast(1, 1) {
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}
