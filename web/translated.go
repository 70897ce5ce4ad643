package web

import (
	"net/http"
	"strings"
	"sync"

	"github.com/authgraph/authgraph/internal/locale"
)

// translated is a page in the languages that are offered. Each is rendered when it
// is asked for the first time, and then is the same for everyone.
type translated struct {
	policy  string
	offered *locale.Set
	bodies  map[string]func() []byte // by tag
}

// in makes a page of embedded templates in the languages of the contents.
func in(offered *locale.Set, contents map[string]pagesContent, policy string, names ...string) translated {
	t := translated{policy: policy, offered: offered, bodies: map[string]func() []byte{}}
	for tag, content := range contents {
		t.bodies[tag] = sync.OnceValue(func() []byte { return render(parse(names...), content) })
	}
	return t
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
