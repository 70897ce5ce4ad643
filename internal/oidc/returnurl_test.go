package oidc_test

import (
	"strings"
	"testing"

	"github.com/authgraph/authgraph/internal/oidc"
)

// O19: browsers come back to what the operator has listed, byte for byte.
func TestAttackOpenRedirect(t *testing.T) {
	list := oidc.ReturnURLs{List: []string{
		"https://app.example.com/signed-in", "https://app.example.com/in?via=x", "com.example.app:/signed-in", "http://127.0.0.1/signed-in", "http://[::1]/signed-in",
	}}
	for _, good := range append([]string{"http://127.0.0.1:4711/signed-in", "http://[::1]:4711/signed-in"}, list.List...) {
		if !list.Has(good) {
			t.Errorf("%s is refused", good)
		}
	}
	listed := list.List[0]
	for _, bad := range []string{
		"", "/", "signed-in", "//app.example.com/signed-in", listed + "/", listed + "x", listed + "?", listed + "?x", listed + "#", listed + "#x", listed + "\\", listed + "\t", " " + listed, listed + "\n", listed + "\x00",
		"https://app.example.com", "https://app.example.com/", "https://app.example.com/SIGNED-IN", "https://APP.example.com/signed-in", "HTTPS://app.example.com/signed-in", "http://app.example.com/signed-in",
		"https://app.example.com:443/signed-in", "https://app.example.com./signed-in", "https://app.example.com:/signed-in", "https://app.example.com//signed-in", "https://app.example.com/./signed-in", "https://app.example.com/%73igned-in",
		"https://evil.test\\@app.example.com/signed-in", "https://app.example.com@evil.test/signed-in", "https://u:p@app.example.com/signed-in", "https://app.example.com\\.evil.test/signed-in", "https://app.example.com%2eevil.test/signed-in",
		"https://app.example.com.evil.test/signed-in", "https://evil.test/https://app.example.com/signed-in", "https://app.еxample.com/signed-in", "https://app.example。com/signed-in", "https:app.example.com/signed-in", "https:/app.example.com/signed-in",
		"com.example.app:/signed-in/", "com.example.app://signed-in", "COM.EXAMPLE.APP:/signed-in", "javascript:alert(1)", "data:text/html,x",
		"http://127.0.0.1:4711/other", "http://127.0.0.1:4711", "http://127.0.0.1:/signed-in", "http://127.0.0.1:x/signed-in", "http://127.0.0.2:4711/signed-in", "http://127.1:4711/signed-in", "http://2130706433:4711/signed-in", "http://0177.0.0.1:4711/signed-in",
		"http://localhost:4711/signed-in", "http://127.0.0.1:4711/signed-in#x", "http://127.0.0.1:4711/signed-in?x", "http://u@127.0.0.1:4711/signed-in", "http://127.0.0.1:4711\\@evil.test/signed-in", "https://127.0.0.1:4711/signed-in", "http://[::ffff:127.0.0.1]:4711/signed-in",
		strings.Repeat("x", 600),
	} {
		if list.Has(bad) {
			t.Errorf("%q is taken", bad)
		}
	}
	list.Development = true
	for text, want := range map[string]bool{
		"http://localhost:3000/anything?x=y": true, "http://localhost:3000": true, "http://localhost/": false, "http://localhost.evil.test:3000/": false, "http://localhost:3000/#x": false,
		"http://localhost:3000\\@evil.test/": false, "http://u@localhost:3000/": false, "https://localhost:3000/": false, "http://LOCALHOST:3000/": false, "http://localhost:3000/ x": false,
	} {
		if got := list.Has(text); got != want {
			t.Errorf("in development %q: %t", text, got)
		}
	}
}
