package server

import (
	"net/http"
	"strings"
)

// routes are the patterns and their handlers, each at its own path and below the
// one of the public URL: a proxy in front may strip that, or leave it.
type routes struct {
	*http.ServeMux
	below string // as /auth, or empty
	names map[string]bool
}

// at routes the patterns to a handler, unless it is off. The handler sees the
// path as it is without the public URL's.
func (t routes) at(h http.Handler, patterns ...string) {
	if h == nil {
		return
	}
	for _, pattern := range patterns {
		t.Handle(pattern, h)
		method, path, found := strings.Cut(pattern, " ")
		if !found {
			method, path = "", pattern
		}
		if first := firstPart(path); first != "{$}" {
			t.names[first] = true
		}
		if t.below == "" {
			continue
		}
		t.Handle(strings.TrimPrefix(method+" ", " ")+t.below+path, http.StripPrefix(t.below, h))
	}
}

// ServeHTTP routes a request. Where the mux redirects, to the clean form of a
// path, it does not know what a proxy has stripped: the host's root is somebody
// else's, who is not to get what was meant for us.
func (t routes) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if t.below != "" {
		w = &redirectBelow{ResponseWriter: w, path: t.below}
	}
	t.ServeMux.ServeHTTP(w, r)
}

// name is the first part of a path, if something of ours is served there, or other: a
// client must not make up names of routes.
func (t routes) name(path string) string {
	if inner, is := strings.CutPrefix(path, t.below+"/"); is {
		path = inner
	}
	if first := firstPart(path); t.names[first] {
		return first
	}
	return "other"
}

func firstPart(path string) string {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return first
}

// redirectBelow keeps redirects below a path.
type redirectBelow struct {
	http.ResponseWriter
	path string
}

// WriteHeader puts the path in front of where a redirect leads.
func (w *redirectBelow) WriteHeader(status int) {
	if to := w.Header().Get("Location"); strings.HasPrefix(to, "/") && !strings.HasPrefix(to, w.path+"/") {
		w.Header().Set("Location", w.path+to)
	}
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap is for http.ResponseController.
func (w *redirectBelow) Unwrap() http.ResponseWriter { return w.ResponseWriter }
