package web

import (
	"crypto/rand"
	"html/template"
	"net/http"
)

// playgroundPolicy ends in a nonce for style elements: GraphiQL's dialogs and
// menus (Radix UI's scroll lock) put one into the page, with a width measured
// then and there, so that no hash could name it. The nonce opens nothing for
// scripts, nor for style attributes. Images as data: are CodeMirror's markers.
const playgroundPolicy = "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data:; font-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; style-src 'self' 'nonce-"

// Playground serves GraphiQL with a guided tour at "/" and its assets below
// /playground/; mount it at "/{$}" and "/playground/". It works with every
// other host unreachable, keeps nothing in the browser's storage, and sends and
// takes no cookies. For development: it needs introspection.
func Playground(o Options) http.Handler {
	s := site{
		"/":                    playgroundPage{template: parse("playground/index.html"), options: o.withDefaults()},
		"/playground/icon.svg": newAsset("icon.svg"),
	}
	for _, name := range []string{"playground.css", "playground.js", "bar.js", "tabs.js", "tour.js", "answer.js", "letters.js"} {
		s["/playground/"+name] = newAsset("playground/" + name)
	}
	for _, name := range []string{"react.js", "react-dom.js", "graphiql.js", "graphiql.css", "licences.txt"} {
		s["/playground/"+name] = newBundled("playground/dist/" + name + ".gz")
	}
	return s
}

type playgroundPage struct {
	template *template.Template
	options  Options
}

func (p playgroundPage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	nonce := rand.Text()
	body := render(p.template, struct {
		Options
		StyleNonce string
	}{p.options, nonce})
	page{policy: playgroundPolicy + nonce + "'", body: body}.ServeHTTP(w, r)
}
