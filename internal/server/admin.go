package server

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/pprof"
)

// Detail is what the operator's listener says of the server's health.
type Detail struct {
	// Ready is whether requests should come here; Why says what is wrong.
	Ready bool   `json:"ready"`
	Why   string `json:"why,omitempty"`
	// Version of the program.
	Version string `json:"version"`
	// Database is its kind.
	Database string `json:"database"`
	// HashesRunning and HashesWaiting are passwords being hashed, and in line.
	HashesRunning int `json:"hashesRunning"`
	HashesWaiting int `json:"hashesWaiting"`
	// Emails counts what became of e-mails since the start.
	Emails map[string]uint64 `json:"emails"`
	// HookFailures counts how often each hook of the application failed since the
	// start.
	HookFailures map[string]uint64 `json:"hookFailures"`
}

// Admin is the operator's listener: metrics, health in detail and profiles. Nobody
// is asked for a credential there, hence loopback by default. It refuses names other
// than localhost and pages of other origins. Metrics may be asked for by any name,
// since Prometheus knows a server by one; they name nobody. Profiles are for this
// machine only. The command line is not served: settings can be flags, and secrets
// settings.
func Admin(detail func(context.Context) Detail, metrics http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), readyTime)
		defer cancel()
		d := detail(ctx)
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		if !d.Ready {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_ = json.NewEncoder(w).Encode(d) // the client is gone: nobody to tell
	})
	profiles := http.NewServeMux()
	profiles.HandleFunc("/debug/pprof/", pprof.Index)
	profiles.HandleFunc("/debug/pprof/profile", pprof.Profile)
	profiles.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	profiles.HandleFunc("/debug/pprof/trace", pprof.Trace)
	mux.Handle("/debug/pprof/", fromThisMachine(profiles))
	all := http.NewServeMux()
	all.Handle("GET /metrics", noPages(metrics))
	all.Handle("/", operators(noPages(mux)))
	return secured(nil, all)
}
