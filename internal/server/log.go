package server

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// record is what the log line of a request will say.
type record struct {
	id        string
	status    int
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

// Note adds what GraphQL made of a request to its log line.
func Note(ctx context.Context, operation, kind string, codes []string) {
	if r, ok := ctx.Value(recordKey{}).(*record); ok {
		r.operation, r.kind, r.codes = operation, kind, codes
	}
}

// logged gives each request an id and writes one line when it is answered. The
// line holds no query string, header, body or variable.
func logged(log *slog.Logger, next http.Handler) http.Handler {
	var count atomic.Uint64
	process := strings.ToLower(rand.Text())[:12] // apart from other replicas and other runs
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		rec := &record{id: process + "-" + strconv.FormatUint(count.Add(1), 36), status: http.StatusOK}
		w.Header()["X-Request-Id"] = []string{rec.id}
		next.ServeHTTP(&statusWriter{ResponseWriter: w, record: rec}, r.WithContext(context.WithValue(r.Context(), recordKey{}, rec)))
		if !log.Enabled(r.Context(), slog.LevelInfo) {
			return
		}
		attrs := []slog.Attr{
			slog.String("id", rec.id), slog.String("method", oneLine(r.Method, 16)), slog.String("path", oneLine(r.URL.Path, 128)),
			slog.Int("status", rec.status), slog.Float64("ms", float64(time.Since(began).Microseconds())/1000),
			slog.String("peer", r.RemoteAddr),
		}
		if rec.kind != "" {
			attrs = append(attrs, slog.String("kind", rec.kind), slog.String("operation", rec.operation))
		}
		if len(rec.codes) > 0 {
			attrs = append(attrs, slog.Any("codes", rec.codes))
		}
		log.LogAttrs(r.Context(), slog.LevelInfo, "request", attrs...)
	})
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

// Unwrap is for http.ResponseController.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
