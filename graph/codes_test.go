package graph_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/authgraph/authgraph/internal/auth"
)

// TestCodes compares the two enums with the Go constants, in both directions.
func TestCodes(t *testing.T) {
	schema := loadSchema(t)
	var fixable, request []string
	for _, code := range constants(t, "../internal/auth", func(typ, _ string) bool { return typ == "Code" }) {
		if auth.Code(code).Fixable() {
			fixable = append(fixable, code)
		} else {
			request = append(request, code)
		}
		if (&auth.Error{Code: auth.Code(code)}).Message() == "" {
			t.Errorf("%s has no message for people", code)
		}
	}
	request = append(request, string(auth.RateLimited)) // for operations without a payload
	request = append(request, constants(t, "edge", func(_, name string) bool { return strings.HasPrefix(name, "Code") })...)
	for enum, want := range map[string][]string{"AuthErrorCode": fixable, "RequestErrorCode": request} {
		var got []string
		for _, value := range schema.Types[enum].EnumValues {
			got = append(got, value.Name)
		}
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("enum %s (-Go +schema):\n%s", enum, diff)
		}
	}
}

// TestEventNames: the operator can ask for every event that is recorded.
func TestEventNames(t *testing.T) {
	named := func(typ, _ string) bool { return typ == "Event" }
	want := append(constants(t, "../internal/auth", named), constants(t, "../internal/signing", named)...)
	slices.Sort(want)
	if diff := cmp.Diff(want, auth.EventNames()); diff != "" {
		t.Errorf("EventNames() (-constants +got):\n%s", diff)
	}
}

// constants reads the string constants of a folder's Go files, so that a new
// constant is found without a second list.
func constants(t *testing.T, dir string, match func(typ, name string) bool) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var values []string
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range parsed.Decls {
			if d, ok := decl.(*ast.GenDecl); ok && d.Tok == token.CONST {
				values = append(values, stringsOf(t, d, match)...)
			}
		}
	}
	return values
}

func stringsOf(t *testing.T, d *ast.GenDecl, match func(typ, name string) bool) (values []string) {
	t.Helper()
	for _, spec := range d.Specs {
		value := spec.(*ast.ValueSpec)
		typ := ""
		if ident, ok := value.Type.(*ast.Ident); ok {
			typ = ident.Name
		}
		for i, name := range value.Names {
			if !match(typ, name.Name) || i >= len(value.Values) {
				continue
			}
			text, err := strconv.Unquote(value.Values[i].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatalf("constant %s: %v", name.Name, err)
			}
			values = append(values, text)
		}
	}
	return values
}
