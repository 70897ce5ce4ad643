package web

import "net/http"

// pagesPolicy lets a hosted page run its own script, look as it should, and
// call this server; nothing else. No form is ever sent by the browser itself,
// so that a password cannot end up in an address.
const pagesPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// HostedPages serves the pages that letters link to, /confirm and /reset, and
// their assets below /pages/; mount it at these three patterns. Opening a page,
// however often, consumes nothing: the page takes the token from the fragment,
// removes it from the address bar, and redeems it only when its button is
// pressed. The session that redeeming begins is ended at once (see form.js).
func HostedPages(o Options) http.Handler {
	o = o.withDefaults()
	return site{
		"/confirm":          newPage("pages/confirm.html", pagesPolicy, o),
		"/reset":            newPage("pages/reset.html", pagesPolicy, o),
		"/pages/style.css":  newAsset("style.css"),
		"/pages/api.js":     newAsset("pages/api.js"),
		"/pages/form.js":    newAsset("pages/form.js"),
		"/pages/words.js":   newAsset("pages/words.js"),
		"/pages/confirm.js": newAsset("pages/confirm.js"),
		"/pages/reset.js":   newAsset("pages/reset.js"),
	}
}
