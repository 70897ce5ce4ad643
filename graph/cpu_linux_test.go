//go:build !race

package graph_test

import (
	"net/http/httptest"
	"syscall"
	"testing"
	"time"
)

// TestCPU runs the most expensive documents that are allowed, for the largest
// account, and checks the CPU time of one request. It does not run with the
// race detector, which takes several times as much.
func TestCPU(t *testing.T) {
	const most = 50 * time.Millisecond
	l := newLargest(t, introspection)
	for name, document := range costly(t) {
		if got := l.post(t, l.owner, document); len(got.Errors) > 0 {
			t.Errorf("%s: %.300s", name, got.raw)
		}
		least := time.Hour
		for n := 0; n < 5 || n < 20 && least > most; n++ { // other programs slow the caches
			w, r := httptest.NewRecorder(), request(t, l.owner, document)
			before := cpu(t)
			l.handler.ServeHTTP(w, r)
			least = min(least, cpu(t)-before)
		}
		if t.Logf("%s: %v of CPU", name, least); least > most {
			t.Errorf("%s: %v of CPU, want at most %v", name, least, most)
		}
	}
}

// costly are documents that are just allowed.
func costly(t *testing.T) map[string]string {
	fragment := func(on, fields string) string { return `fragment F on ` + on + ` { ` + fields + ` }` }
	return map[string]string{
		"everything once":                   `{ me { ` + everyUser + ` } }`,
		"two lists of 11 agents":            `{ me { sessions { ...F } b: sessions { ...F } } } ` + fragment("Session", lists(11, "userAgent")),
		"long names":                        `{ me { sessions { ...F } b: sessions { ...F } } } ` + fragment("Session", longest(11)),
		"a list of everything":              `{ me { sessions { ` + everySession + ` ` + lists(11, "userAgent") + ` } } }`,
		"12 lists of sessions":              `{ me { ` + lists(12, "sessions { id }") + ` } }`,
		"24 lists of API tokens":            `{ a: me { ...F } b: me { ...F } } ` + fragment("User", lists(11, "apiTokens { id }")),
		"full introspection":                read(t, "testdata/introspection/graphql-js-16-all.graphql"),
		"introspection, types within types": `{__schema{types{fields{type{fields{name type{name}}} args{type{inputFields{name type{name}}}}}}}}`,
		"introspection, twice":              `{__schema{` + lists(2, `types{name fields{name args{name type{name kind ofType{name kind}}} type{name kind ofType{name kind ofType{name}}}} inputFields{name type{name}}}`) + `}}`,
		"instants":                          `{ me { sessions { ...F } b: sessions { ...F } } } ` + fragment("Session", lists(11, "createdAt")),
	}
}

// cpu is the CPU time of the process.
func cpu(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
