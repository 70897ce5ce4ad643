package server

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// named has a development server answer to names of this machine only. A
// stranger's page can have its own name lead to 127.0.0.1 (DNS rebinding): to
// the browser it would then be of the same origin as the mailbox and read it.
func named(o Options, next http.Handler) http.Handler {
	if !o.Development {
		return next
	}
	_, ours, _ := strings.Cut(o.PublicURL.Origin.String(), "://")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host != "" && r.Host != ours && !isThisMachine(r.Host) {
			refuse(w, http.StatusMisdirectedRequest, "BAD_REQUEST", "A development server answers to localhost and PUBLIC_URL only.", "")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// operators lets in who names this machine, or its address: where nobody is asked
// for a credential, a browser of somebody who may ask must not do so for a
// stranger, by DNS rebinding.
func operators(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host != "" && !isThisMachine(r.Host) {
			refuse(w, http.StatusMisdirectedRequest, "BAD_REQUEST", "The operator's listener answers to localhost and addresses only.", "")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// noPages lets in no page of another origin, as far as browsers tell, which they do
// on loopback.
func noPages(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" && site != "none" {
			refuse(w, http.StatusForbidden, "BAD_REQUEST", "Requests of this origin are not allowed.", "")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// fromThisMachine lets in who asks over loopback.
func fromThisMachine(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		peer, err := netip.ParseAddrPort(r.RemoteAddr)
		if err != nil || !peer.Addr().Unmap().IsLoopback() {
			refuse(w, http.StatusForbidden, "FORBIDDEN", "Profiles are for the machine itself only.", "")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// isThisMachine reports that a Host header names localhost, or an address: no
// name can be made to lead elsewhere than its owner wants if there is none.
func isThisMachine(host string) bool {
	name := (&url.URL{Host: host}).Hostname()
	if _, err := netip.ParseAddr(name); err == nil {
		return true
	}
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	return name == "localhost" || strings.HasSuffix(name, ".localhost")
}
