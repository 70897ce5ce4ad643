package main

import (
	"flag"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// mayAnswer is which codes each operation may answer. A story that meets
// another one fails, and so does a run of all stories that leaves one unmet:
// the table is neither too short nor too long.
var mayAnswer = map[string][]string{}

// metCodes are the codes that stories have met.
type metCodes struct {
	mu  sync.Mutex
	all map[string]bool // "operation code"
}

// newMetCodes checks, once every story is told, that all were met.
func newMetCodes(t *testing.T) *metCodes {
	met := &metCodes{all: map[string]bool{}}
	t.Cleanup(func() {
		if t.Failed() || t.Skipped() || strings.Contains(flag.Lookup("test.run").Value.String(), "/") || testing.Short() {
			return
		}
		for operation, codes := range mayAnswer {
			for _, code := range codes {
				if !met.all[operation+" "+code] {
					t.Errorf("no story meets %s from %s", code, operation)
				}
			}
		}
	})
	return met
}

// note remembers the codes of an answer, and ends a script that meets one that
// is not in the table.
func (m *metCodes) note(ts *testscript.TestScript, a *answer) {
	if a.operation == "" {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, code := range a.codes() {
		code = strings.FieldsFunc(code, func(r rune) bool { return r == '@' || r == '/' })[0]
		if !slices.Contains(mayAnswer[a.operation], code) {
			ts.Logf("CODES: %s may not answer %s", a.operation, code)
		}
		m.all[a.operation+" "+code] = true
	}
}
