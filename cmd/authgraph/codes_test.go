package main

import (
	"flag"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/authgraph/authgraph/graph"
)

// mayAnswer is which codes each operation may answer: what its client must be
// ready for. A story that meets another one fails, and so does a run of all
// stories that leaves one unmet, so that the table is neither too short nor too
// long.
var mayAnswer = map[string]string{
	"me":         "UNAUTHENTICATED FORBIDDEN",
	"sessions":   "FORBIDDEN",
	"apiTokens":  "FORBIDDEN",
	"authConfig": "",

	"signUp": "REQUIRED INVALID TOO_LONG TAKEN PASSWORD_TOO_SHORT PASSWORD_TOO_COMMON" +
		" BAD_USER_INPUT RATE_LIMITED",
	"confirm": "REQUIRED INVALID TOO_LONG INVALID_TOKEN INVALID_CREDENTIALS" +
		" RATE_LIMITED",
	"login": "REQUIRED INVALID TOO_LONG INVALID_CREDENTIALS DISABLED" +
		" BAD_USER_INPUT RATE_LIMITED OVERLOADED",
	"refresh": "INVALID_TOKEN",
	"logout":  "BAD_USER_INPUT",

	"requestPasswordReset": "REQUIRED INVALID TOO_LONG" +
		" RATE_LIMITED",
	"resetPassword": "REQUIRED INVALID TOO_LONG PASSWORD_TOO_SHORT PASSWORD_TOO_COMMON INVALID_TOKEN" +
		" RATE_LIMITED",

	"reauthenticate": "REQUIRED INVALID_CREDENTIALS" +
		" UNAUTHENTICATED FORBIDDEN RATE_LIMITED",
	"updateAccount": "REQUIRED INVALID TOO_LONG TAKEN PASSWORD_TOO_SHORT PASSWORD_TOO_COMMON INVALID_CREDENTIALS" +
		" BAD_USER_INPUT UNAUTHENTICATED FORBIDDEN RATE_LIMITED",
	"deleteAccount": "UNAUTHENTICATED FORBIDDEN REAUTHENTICATION_REQUIRED",
	"revokeSession": "NOT_FOUND" +
		" UNAUTHENTICATED FORBIDDEN",
	"issueApiToken": "REQUIRED INVALID TOO_LONG INVALID_SCOPE LIMIT_REACHED" +
		" BAD_USER_INPUT UNAUTHENTICATED FORBIDDEN REAUTHENTICATION_REQUIRED",
	"revokeApiToken": "NOT_FOUND" +
		" UNAUTHENTICATED FORBIDDEN",
}

// TestCodeTable: the table knows every root field, and no code that the schema
// does not.
func TestCodeTable(t *testing.T) {
	schema, err := gqlparser.LoadSchema(&ast.Source{Input: graph.SDL()})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range append(slices.Clone(schema.Query.Fields), schema.Mutation.Fields...) {
		if _, ok := mayAnswer[f.Name]; !ok && !strings.HasPrefix(f.Name, "__") {
			t.Errorf("the table does not say what %s may answer", f.Name)
		}
	}
	for operation, codes := range mayAnswer {
		for code := range strings.FieldsSeq(codes) {
			if schema.Types["AuthErrorCode"].EnumValues.ForName(code) == nil && schema.Types["RequestErrorCode"].EnumValues.ForName(code) == nil {
				t.Errorf("%s may answer %s, which the schema does not know", operation, code)
			}
		}
	}
}

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
			for code := range strings.FieldsSeq(codes) {
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
		if !slices.Contains(strings.Fields(mayAnswer[a.operation]), code) {
			ts.Fatalf("%s answers %s, which the table in codes_test.go does not have", a.operation, code)
		}
		m.all[a.operation+" "+code] = true
	}
}
