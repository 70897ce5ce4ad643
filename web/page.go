package web

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
)

//go:embed style.css icon.svg pages mailbox hosted/*.html hosted/dist playground/*.html playground/*.css playground/*.js playground/dist
var files embed.FS

// page is an HTML page that is the same for everyone. It is never cached: it
// belongs to a visit that may have a secret in its address.
type page struct {
	policy string
	body   []byte
}

func (p page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Security-Policy", p.policy)
	send(w, r, "text/html; charset=utf-8", p.body)
}

// newPage renders an embedded template once, the first of them; the others are
// parts of it.
func newPage(policy string, data any, names ...string) page {
	return page{policy: policy, body: render(parse(names...), data)}
}

// parse panics if an embedded template does not parse, which no request and no
// setting can bring about.
func parse(names ...string) *template.Template {
	return template.Must(template.ParseFS(files, names...))
}

// read panics if an embedded file is missing; see parse.
func read(name string) []byte {
	body, err := files.ReadFile(name)
	if err != nil {
		panic(err)
	}
	return body
}

// render panics if an embedded template asks for what its data lacks; see parse.
func render(t *template.Template, data any) []byte {
	var b bytes.Buffer
	if err := t.Execute(&b, data); err != nil {
		panic(fmt.Errorf("render %s: %w", t.Name(), err))
	}
	return b.Bytes()
}

// send answers with all of body; for HEAD with its length only.
func send(w http.ResponseWriter, r *http.Request, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodHead {
		return
	}
	_, _ = w.Write(body) // the client went away: nobody is left to tell
}
