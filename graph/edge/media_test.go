package edge

import (
	"net/http"
	"strings"
	"testing"
)

// A text that another reader may take for another type is not JSON. A firewall
// compares bytes when it looks for attacks, or for what a browser sends without
// a preflight.
func TestContentTypeIsComparedByByte(t *testing.T) {
	for contentType, want := range map[string]bool{
		"application/json":                               true,
		"Application/JSON":                               true,
		"application/json; charset=utf-8":                true,
		"application/json;charset=UTF-8":                 true,
		"application/json ; charset=utf8":                true,
		`application/json; charset="utf-8"`:              true,
		`application/json; charset="\u\t\f-8"`:           true,
		"\tapplication/json\t;\tCHARSET=utf-8 \t":        true,
		"application/json;":                              true,
		"application/json;;charset=utf-8":                false,
		"application/json; odata=verbose; charset=utf-8": true,
		`application/json; x="a;charset=latin1,\"\\"`:    true,
		"":                                                   false,
		"application":                                        false,
		"application/":                                       false,
		"application/jsonp":                                  false,
		"application/json-seq":                               false,
		"application/graphql-response+json":                  false,
		"application/json, application/json":                 false,
		"application/json, text/plain":                       false,
		"text/plain; application/json":                       false,
		"application / json":                                 false,
		"application/json charset=utf-8":                     false,
		"application/json\u00a0":                             false, // C2 A0
		"application/json\xa0":                               false,
		"\u00a0application/json":                             false,
		"application/json\u00a0;charset=utf-8":               false,
		"application/json;\u00a0charset=utf-8":               false,
		"application/json; charset\u00a0=utf-8":              false,
		"application/json; charset=utf-8\u00a0":              false,
		"application/json; charset=\u00a0utf-8":              false,
		"application/json; charset=\"utf-8\u00a0\"":          false,
		"application/json; x=\"\u00a0\"":                     false,
		"application/json; x=\"\\\u00a0\"":                   false,
		`application/json; x=""`:                             true,
		`application/json; x="a\`:                            false,
		"application/json\u0085":                             false,
		"application/json\u2003":                             false,
		"application/json\u3000":                             false,
		"application/json\ufeff":                             false,
		"application/json\v":                                 false,
		"application/json\f":                                 false,
		"application/json\r\n":                               false,
		"application/json\n;charset=utf-8":                   false,
		"application/json\x00":                               false,
		"application/j\u017fon":                              false, // a long s
		"application/json; chars\u0065\u0301t=utf-8":         false,
		"application/json; charset = utf-8":                  false,
		"application/json; charset= utf-8":                   false,
		"application/json; charset":                          false,
		"application/json; charset=":                         false,
		`application/json; charset=""`:                       false,
		`application/json; charset="utf-8`:                   false,
		`application/json; charset="utf-8"x`:                 false,
		`application/json; charset="utf-8" x`:                false,
		"application/json; charset='utf-8'":                  false,
		"application/json; charset=utf-16":                   false,
		"application/json; charset=latin1":                   false,
		"application/json; charset=utf-8; charset=utf-8":     false,
		"application/json; charset=utf-8; Charset=latin1":    false,
		"application/json; charset*=utf-8''utf-8":            false, // RFC 2231, which HTTP does not know here
		"application/json; charset*=utf-8''latin1":           false,
		"application/json; charset*0=utf-; charset*1=8":      false,
		"application/json; charset=utf-8; =x":                false,
		"application/json; charset=utf-8, text/plain":        false,
		"application/json; x=" + strings.Repeat("y", 10_000): true,
	} {
		if got := checkContent(http.Header{"Content-Type": {contentType}}) == nil; got != want {
			t.Errorf("%.60q is taken for JSON: %t", contentType, got)
		}
	}
}

func TestAcceptIsComparedByByte(t *testing.T) {
	for accept, taken := range map[string]bool{
		"application/json ; q=1.000":       true,
		"application/json;q=0.5":           true,
		"application/json;Q=\"0.5\"":       true,
		"application/json;q=0.001":         true,
		"application/json;q=0.":            false, // not a weight
		"application/json\u00a0":           false,
		"application/\u017fjson":           false,
		"application/json;\u00a0q=1":       false,
		"application/json;q=1\u00a0":       false,
		"application/json;q=0x1p-1":        false,
		"application/json;q=1e-1":          false,
		"application/json;q=+1":            false,
		"application/json;q=.5":            true,
		"application/json;q=.":             false,
		"application/json;q=":              false,
		"application/json;q=0.5555":        false,
		"application/json;q=1.001":         false,
		"application/json;q=0_1":           false,
		"application/json;q=1;q=1":         false,
		"application/json;charset*=utf-8":  false,
		"application/json;charset=utf-8\v": false,
	} {
		if _, ok := negotiate([]string{accept}); ok != taken {
			t.Errorf("%q is taken: %t", accept, ok)
		}
	}
}
