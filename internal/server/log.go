package server

import (
	"cmp"
	"context"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/google/uuid"
)

// record is what the log line of a request will say.
type record struct {
	began     time.Time
	id        string
	client    netip.Addr
	status    int // 0 until the answer begins
	operation string
	kind      string
	codes     []string
}

type recordKey struct{}

// requestID finds the request in the log.
func requestID(ctx context.Context) string {
	if r, ok := ctx.Value(recordKey{}).(*record); ok {
		return r.id
	}
	return ""
}

// answered is the status: net/http says 200 for a handler that says nothing.
func (rec *record) answered() int { return cmp.Or(rec.status, http.StatusOK) }

// begun reports that a request's answer has begun.
func begun(ctx context.Context) bool {
	r, ok := ctx.Value(recordKey{}).(*record)
	return ok && r.status != 0
}

// clientOf is who asks.
func clientOf(ctx context.Context) netip.Addr {
	if r, ok := ctx.Value(recordKey{}).(*record); ok {
		return r.client
	}
	return netip.Addr{}
}

// Note adds what GraphQL made of a request to its log line. It returns how long
// the request has taken.
func Note(ctx context.Context, operation, kind string, codes []string) (took time.Duration) {
	if r, ok := ctx.Value(recordKey{}).(*record); ok {
		r.operation, r.kind, r.codes = operation, kind, codes
		took = time.Since(r.began)
	}
	return took
}

// logged gives each request an id and writes one line when it is answered. The
// line holds no query string, header, body or variable, and of a path only what
// cannot be a token: `client` is who asked,
// as far as trusted proxies vouch for it, `peer` the other end of the socket.
func logged(to io.Writer, observe func(path string, status int), clients *clients, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := &record{began: time.Now(), id: uuid.NewString(), client: clients.of(r)}
		w.Header().Set("X-Request-Id", rec.id)
		r = r.WithContext(context.WithValue(r.Context(), recordKey{}, rec))
		if to != nil {
			defer rec.write(to, r) // also of an answer that was cut off
		}
		next.ServeHTTP(&statusWriter{ResponseWriter: w, record: rec}, r)
		rec.status = rec.answered()
		if observe != nil {
			observe(r.URL.Path, rec.status)
		}
	})
}

// write writes the line, in one piece.
func (rec *record) write(to io.Writer, r *http.Request) {
	now := time.Now()
	l := line{now, rec, oneLine(r.Method, 16), plainPath(r.URL.Path), now.Sub(rec.began), r.RemoteAddr}
	buffer, _ := lines.Get().(*[]byte)
	*buffer = l.append((*buffer)[:0])
	_, _ = to.Write(*buffer) // a log that cannot be written has nowhere to say so
	lines.Put(buffer)
}

// maxPath and maxSegment bound the path in a line. No route of ours is longer;
// tokens are, mailed ones of 43 characters being the shortest.
const maxPath, maxSegment = 128, 31

// plainPath cuts a path where it may become a token. Scanners of mail write %23
// for the # before it, or %2523; people forget it. What is no letter, digit or
// one of ./_~- never stands in a path of ours.
func plainPath(path string) string {
	length := 0 // of the segment
	for i, c := range []byte(path) {
		switch {
		case c == '/':
			length = 0
		case c|0x20 >= 'a' && c|0x20 <= 'z', c >= '0' && c <= '9', strings.IndexByte("._~-", c) >= 0:
			length++
		default:
			return path[:i] + "…"
		}
		if length > maxSegment {
			return path[:i+1-length] + "…"
		}
		if i == maxPath {
			return path[:i] + "…"
		}
	}
	return path
}

// statusWriter remembers the status.
type statusWriter struct {
	http.ResponseWriter
	record *record
}

// WriteHeader remembers the status.
func (w *statusWriter) WriteHeader(status int) {
	w.record.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Write remembers that the status was 200, if none was set.
func (w *statusWriter) Write(p []byte) (int, error) {
	if w.record.status == 0 {
		w.record.status = http.StatusOK
	}
	return w.ResponseWriter.Write(p)
}

// Unwrap is for http.ResponseController.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
