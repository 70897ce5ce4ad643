package web

import (
	"net/http"
	"strings"
	"sync"

	"github.com/authgraph/authgraph/internal/locale"
)

// translations are what the pages' templates put in, in the languages that are offered.
type translations struct {
	offered  *locale.Set
	contents map[string]pagesContent // by tag
}

func newTranslations(o Options) translations {
	t := translations{offered(o.Locales), map[string]pagesContent{}}
	for _, tag := range t.offered.Tags() {
		t.contents[tag] = newContent(o, tag)
	}
	return t
}

// page makes a page of embedded templates.
func (t translations) page(policy string, names ...string) translated {
	p := translated{policy: policy, offered: t.offered, bodies: map[string]func() []byte{}}
	for tag, content := range t.contents {
		p.bodies[tag] = sync.OnceValue(func() []byte { return render(parse(names...), content) })
	}
	return p
}

// translated is a page in the languages that are offered. Each is rendered when it
// is asked for the first time, and then is the same for everyone.
type translated struct {
	policy  string
	offered *locale.Set
	bodies  map[string]func() []byte // by tag
}

// What a browser sends chooses among the languages that are offered, and names nothing
// by itself.
func (t translated) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	wanted := t.offered.Accepted(strings.Join(r.Header.Values("Accept-Language"), ","))
	tag := t.offered.Offered(wanted)
	w.Header().Add("Vary", "Accept-Language")
	w.Header().Set("Content-Language", tag)
	page{policy: t.policy, body: t.bodies[tag]()}.ServeHTTP(w, r)
}
