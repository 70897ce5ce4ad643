package web

import "net/http"

// pagesPolicy lets a hosted page run its own script, look as it should, and
// call this server; nothing else. No form is ever sent by the browser itself,
// so that a password cannot end up in an address.
const pagesPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// HostedPages serves the pages that letters link to, /confirm, /reset and /code, the
// one that browsers come back to from a provider, /signed-in, with Options.Accounts
// /log-in, /sign-up and /account, and their assets below
// /pages/; mount it at these eight patterns. Opening a page,
// however often, consumes nothing: the page takes the token from the fragment,
// removes it from the address bar, and redeems it only when its button is
// pressed. The session that redeeming with a password begins is ended at once;
// the browser that signed up is logged in by its cookie (see confirm.js). /signed-in
// logs in at once: only the page that began has the verifier. The pages are in the language
// that the browser asks for, among Options.Locales.
func HostedPages(o Options) http.Handler {
	o = o.withDefaults()
	languages := newTranslations(o)
	policy := pagesPolicy
	style := asset{contentType: contentType("style.css"), body: append(read("style.css"), o.Brand.style()...)}
	if len(o.Brand.Logo) > 0 {
		policy += "; img-src 'self'"
	}
	s := site{
		"/confirm":          languages.page(o.Captcha.policy(policy, "login"), "pages/confirm.html", "pages/login.html"),
		"/reset":            languages.page(o.Captcha.policy(policy, "login", "requestPasswordReset"), "pages/reset.html", "pages/login.html"),
		"/code":             languages.page(policy, "pages/code.html"),
		"/signed-in":        languages.page(o.Captcha.policy(policy, "login"), "pages/signed-in.html"),
		"/pages/style.css":  style,
		"/pages/api.js":     newAsset("pages/api.js"),
		"/pages/form.js":    newAsset("pages/form.js"),
		"/pages/captcha.js": newAsset("pages/captcha.js"),
		"/pages/words.js":   newAsset("pages/words.js"),
		"/pages/login.js":   newAsset("pages/login.js"),
		"/pages/confirm.js": newAsset("pages/confirm.js"),
		"/pages/reset.js":   newAsset("pages/reset.js"),
		"/pages/code.js":    newAsset("pages/code.js"),
		"/pages/passkey.js": newAsset("pages/passkey.js"),

		"/pages/signed-in.js":     newAsset("pages/signed-in.js"),
		"/pages/provider.js":      newAsset("pages/provider.js"),
		"/pages/linking.js":       newAsset("pages/linking.js"),
		"/pages/second-factor.js": newAsset("pages/second-factor.js"),
	}
	if len(o.Brand.Logo) > 0 {
		s["/pages/logo"] = asset{contentType: LogoType(o.Brand.Logo), body: o.Brand.Logo}
	}
	if o.Accounts {
		o.hosted(s, languages)
	}
	return s
}

// Documents returns the GraphQL documents that the hosted pages send, word for
// word, for a server that runs registered documents only.
func Documents(o Options) []string {
	var all []string
	if o.Accounts {
		all = hostedDocuments()
	}
	for _, name := range []string{"confirm", "reset_password", "answer_challenge", "request_password_reset", "login", "refresh", "end_session",
		"providers", "start_provider_login", "login_with_provider", "link_identity", "login_to_link", "start_passkey_login", "login_with_passkey"} {
		all = append(all, pagesContent{}.Document(name))
	}
	return all
}
