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
}

// at routes the patterns to a handler, unless it is off. The handler sees the
// path as it is without the public URL's.
func (t routes) at(h http.Handler, patterns ...string) {
	if h == nil {
		return
	}
	for _, pattern := range patterns {
		t.Handle(pattern, h)
		if t.below == "" {
			continue
		}
		method, path, found := strings.Cut(pattern, " ")
		if !found {
			method, path = "", pattern
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

// observer names the route of a path for Options.Observe. What is no route of ours
// is other: a client must not make up names.
func (o Options) observer() func(path string, status int) {
	if o.Observe == nil {
		return nil
	}
	return func(path string, status int) { o.Observe(o.route(path), status) }
}

func (o Options) route(path string) string {
	path = strings.TrimPrefix(path, o.PublicURL.Path)
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	switch first {
	case "graphql", "token", ".well-known", "healthz", "readyz", "confirm", "reset", "log-in", "sign-up", "account", "pages", "playground", "oidc":
		return first
	}
	return "other"
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
