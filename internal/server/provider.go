package server

import (
	"errors"
	"fmt"
	"html"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/authgraph/authgraph/internal/auth"
)

const (
	// maxForm is the longest form that a provider may have a browser send.
	maxForm = 64 << 10
	// maxParameter is the longest parameter that is taken from it.
	maxParameter = 4 << 10
)

// provider serves the two pages that a browser opens on its way to a provider and
// back. They are no API: no script of another origin reads them, and a provider's
// form, which has the provider's origin or none, must reach them.
type provider struct{ o Options }

// start sends a browser to the provider, with a cookie that binds the answer to it.
func (p provider) start(w http.ResponseWriter, r *http.Request) {
	if strings.Contains(r.Header.Get("Sec-Purpose"), "prefetch") || r.Method == http.MethodHead {
		w.WriteHeader(http.StatusNoContent) // nobody has asked to go there yet
		return
	}
	query, ok := once(r.URL.RawQuery)
	if !ok {
		p.page(w, http.StatusBadRequest, "This link is not complete.", "")
		return
	}
	to, err := p.o.Auth.GoToProvider(r.Context(), auth.CallerFrom(r.Context()), query["flow"])
	p.answer(w, r, to, err, "This link is too old, or not complete. Go back, and start again.")
}

// posted takes an answer by form, as Apple sends it. The browser has sent no cookie
// with it, since the form is another site's. It does so when it follows us to the
// same page.
func (p provider) posted(w http.ResponseWriter, r *http.Request) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" {
		p.page(w, http.StatusUnsupportedMediaType, "This is not a form.", "")
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	body, err := io.ReadAll(r.Body)
	if err != nil {
		p.page(w, http.StatusRequestEntityTooLarge, "This form is too long.", "")
		return
	}
	form, ok := once(string(body))
	if !ok {
		p.page(w, http.StatusBadRequest, "The answer of the other site is not complete.", "")
		return
	}
	answer := url.Values{"posted": {"1"}}
	for _, name := range []string{"state", "code", "error", "iss", "user"} {
		if form[name] != "" {
			answer.Set(name, form[name])
		}
	}
	w.Header().Set("Location", p.callback(r)+"?"+answer.Encode())
	w.WriteHeader(http.StatusSeeOther)
}

// came takes an answer by address.
func (p provider) came(w http.ResponseWriter, r *http.Request) {
	if strings.Contains(r.Header.Get("Sec-Purpose"), "prefetch") || r.Method == http.MethodHead {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	query, ok := once(r.URL.RawQuery)
	if !ok {
		p.page(w, http.StatusBadRequest, "The answer of the other site is not complete.", "")
		return
	}
	answer := auth.ProviderAnswer{
		Provider: r.PathValue("provider"), State: query["state"], Code: query["code"], Error: query["error"], Issuer: query["iss"], User: query["user"],
	}
	to, err := p.o.Auth.TakeAnswer(r.Context(), auth.CallerFrom(r.Context()), answer)
	if known := (*auth.Error)(nil); errors.As(err, &known) && known.Code == auth.InvalidToken && query["posted"] != "" {
		p.again(w, r, query)
		return
	}
	p.answer(w, r, to, err, "This browser has not begun this login, or too long ago. Go back, and start again.")
}

// again asks for a press: some browsers send no cookie when a form of another site
// was on the way, but all do when somebody follows a link.
func (p provider) again(w http.ResponseWriter, r *http.Request, query map[string]string) {
	next := url.Values{}
	for name, value := range query {
		if name != "posted" {
			next.Set(name, value)
		}
	}
	p.page(w, http.StatusOK, "One more step to log in.", p.callback(r)+"?"+next.Encode())
}

func (p provider) callback(r *http.Request) string {
	return p.o.PublicURL.Path + "/oidc/" + url.PathEscape(r.PathValue("provider")) + "/callback"
}

// answer sends the browser on, or says why not.
func (p provider) answer(w http.ResponseWriter, r *http.Request, to string, err error, gone string) {
	if err == nil {
		w.Header()["Location"] = []string{to} // as it is: http.Redirect would clean a path
		w.WriteHeader(http.StatusSeeOther)
		return
	}
	c := auth.CallerFrom(r.Context())
	told := auth.Told(r.Context(), p.o.Log, err, "request", c.RequestID, "of", "provider")
	if told != nil && told.Code == auth.InvalidToken {
		p.page(w, http.StatusBadRequest, gone, "")
		return
	}
	unserved(w, told, c.RequestID)
}

// once reads parameters, each of which may be there at most once.
func once(query string) (map[string]string, bool) {
	values, err := url.ParseQuery(query)
	if err != nil {
		return nil, false
	}
	one := map[string]string{}
	for name, list := range values {
		if len(list) != 1 || len(list[0]) > maxParameter {
			return nil, false
		}
		one[name] = list[0]
	}
	return one, true
}

// wordsPolicy lets a page of a few words look as the hosted pages do.
const wordsPolicy = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// page is a few words for a person, and perhaps a link to go on.
func (p provider) page(w http.ResponseWriter, status int, text, next string) {
	style, link := "", ""
	if p.o.Pages != nil {
		style = fmt.Sprintf(`<link rel="stylesheet" href="%s/pages/style.css">`, html.EscapeString(p.o.PublicURL.Path))
	}
	if next != "" {
		link = fmt.Sprintf(`<a class="button primary" href="%s">Continue</a>`, html.EscapeString(next))
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", wordsPolicy)
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `<!DOCTYPE html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">`+
		`<meta name="color-scheme" content="light dark"><title>Log in</title>%s<body class="page"><main class="card"><h1>Log in</h1><p>%s</p>%s</main></html>`,
		style, html.EscapeString(text), link) // the client is gone: nobody to tell
}
