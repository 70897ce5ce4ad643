package main

import (
	"cmp"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/authgraph/authgraph/graph/graphtest"
)

// mayAnswer reads which codes each operation may answer, what its client must be
// ready for, from the stories: `answers OPERATION CODE…`. A story that meets
// another one fails, and so does a run of all stories that leaves one unmet, so
// that what they say is neither too short nor too long.
func mayAnswer(t *testing.T) map[string][]string {
	t.Helper()
	files, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	table := map[string][]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range regexp.MustCompile(`(?m)^answers (\w+)(.*)$`).FindAllStringSubmatch(string(text), -1) {
			if _, again := table[line[1]]; again {
				t.Errorf("%s: another story says what %s may answer", file, line[1])
			}
			table[line[1]] = strings.Fields(line[2])
		}
	}
	return table
}

// answers OPERATION CODE… is read before any story is told.
func (s *story) answers(ts *testscript.TestScript, args []string) {
	usage(ts, len(args) > 0, "answers OPERATION [CODE]…")
}

// TestCodeTable: a story says of every operation what it may answer, and no code
// that the schema does not know.
func TestCodeTable(t *testing.T) {
	table, enums := mayAnswer(t), schema().Types
	for operation := range graphtest.Operations(schema()) {
		if _, ok := table[operation]; !ok {
			t.Errorf("no story says what %s may answer", operation)
		}
	}
	for operation, codes := range table {
		for _, code := range codes {
			if enums["AuthErrorCode"].EnumValues.ForName(code) == nil && enums["RequestErrorCode"].EnumValues.ForName(code) == nil {
				t.Errorf("%s may answer %s, which the schema does not know", operation, code)
			}
		}
	}
}

// TestCodesInTheSchema: the description of a mutation says which codes its payload
// can have: those that the stories know, and they meet all of them.
func TestCodesInTheSchema(t *testing.T) {
	table, enum := mayAnswer(t), schema().Types["AuthErrorCode"].EnumValues
	for _, field := range schema().Mutation.Fields {
		var codes []string
		for _, value := range enum {
			if slices.Contains(table[field.Name], value.Name) {
				codes = append(codes, value.Name)
			}
		}
		want := "\n\nCodes: " + cmp.Or(strings.Join(codes, ", "), "none") + "."
		if !strings.HasSuffix(field.Description, want) {
			t.Errorf("the description of %s does not end in %q:\n%s", field.Name, want, field.Description)
		}
	}
}

// metCodes are the codes that stories have met.
type metCodes struct {
	may map[string][]string
	mu  sync.Mutex
	all map[string]bool // "operation code"
}

// newMetCodes checks, once every story is told, that all were met.
func newMetCodes(t *testing.T) *metCodes {
	met := &metCodes{may: mayAnswer(t), all: map[string]bool{}}
	t.Cleanup(func() {
		if t.Failed() || t.Skipped() || strings.Contains(flag.Lookup("test.run").Value.String(), "/") || testing.Short() {
			return
		}
		for operation, codes := range met.may {
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
		if !slices.Contains(m.may[a.operation], code) {
			ts.Fatalf("%s answers %s, which no story's `answers` says", a.operation, code)
		}
		m.all[a.operation+" "+code] = true
	}
}
