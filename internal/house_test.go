package internal_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// What a room may hold.
const (
	mostMethods       = 20
	mostLines         = 350
	mostFunctionLines = 60
)

// TestRooms keeps files, functions and receivers small enough to be read.
func TestRooms(t *testing.T) {
	fset := token.NewFileSet()
	methods := map[string]int{}
	for _, path := range handWritten(t) {
		file := parse(t, fset, path)
		if lines := fset.File(file.Pos()).LineCount(); lines > mostLines {
			t.Errorf("%s has %d lines, want %d at most: it holds a second noun", path, lines, mostLines)
		}
		for _, decl := range file.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok {
				continue
			}
			lines := fset.Position(fn.End()).Line - fset.Position(fn.Pos()).Line + 1
			test := strings.HasSuffix(path, "_test.go") || strings.HasSuffix(filepath.Dir(path), "test") // cases are data
			if lines > mostFunctionLines && !test {
				t.Errorf("%s: %s has %d lines, want %d at most: it does two things", path, fn.Name.Name, lines, mostFunctionLines)
			}
			if r := receiver(fn); r != "" && !test && !strings.HasSuffix(r, "Resolver") { // which has a method for each field
				methods[filepath.Dir(path)+"."+r]++
			}
		}
	}
	for r, n := range methods {
		if n > mostMethods {
			t.Errorf("%s has %d methods, want %d at most: it is a room for everything", r, n, mostMethods)
		}
	}
}

// TestNoFeatureCallsAnother keeps the features of auth apart: what two need is
// a part. A feature is what Service embeds; its file is where its methods are.
func TestNoFeatureCallsAnother(t *testing.T) {
	fset := token.NewFileSet()
	files := map[string]*ast.File{}
	paths, err := filepath.Glob("auth/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		if !strings.HasSuffix(path, "_test.go") {
			files[path] = parse(t, fset, path)
		}
	}
	features := embedded(files["auth/service.go"], "Service")
	if len(features) < 15 {
		t.Fatalf("Service embeds %q: the test does not find the features", features)
	}
	owner := map[string]string{}    // of a file: the feature
	declares := map[string]string{} // of a plain function in such a file: the feature
	for path, file := range files {
		for _, decl := range file.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && slices.Contains(features, receiver(fn)) {
				owner[path] = receiver(fn)
			}
		}
	}
	for path, feature := range owner {
		for _, decl := range files[path].Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && receiver(fn) == "" {
				declares[fn.Name.Name] = feature
			}
		}
	}
	for path, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.TypeSpec:
				for _, other := range fieldTypes(n) {
					if slices.Contains(features, n.Name.Name) && slices.Contains(features, other) {
						t.Errorf("%s: the feature %s holds the feature %s", path, n.Name.Name, other)
					}
				}
			case *ast.CallExpr:
				if name, ok := n.Fun.(*ast.Ident); ok && declares[name.Name] != "" && declares[name.Name] != owner[path] {
					t.Errorf("%s calls %s of the feature %s: what two need is a part", path, name.Name, declares[name.Name])
				}
			}
			return true
		})
	}
}

// handWritten lists the Go files that people write.
func handWritten(t *testing.T) []string {
	t.Helper()
	var paths []string
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == "node_modules" || path == "../ent" || path == "../.git") {
			return fs.SkipDir
		}
		if strings.HasSuffix(path, ".go") {
			paths = append(paths, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	schemas, err := filepath.Glob("../ent/schema/*.go")
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(append(paths, schemas...), func(path string) bool {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments|parser.PackageClauseOnly)
		return err == nil && ast.IsGenerated(file)
	})
}

func parse(t *testing.T, fset *token.FileSet, path string) *ast.File {
	t.Helper()
	file, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// receiver is the name of a method's type; empty for a function.
func receiver(fn *ast.FuncDecl) string {
	if fn.Recv == nil {
		return ""
	}
	return typeName(fn.Recv.List[0].Type)
}

func typeName(e ast.Expr) string {
	if star, ok := e.(*ast.StarExpr); ok {
		e = star.X
	}
	if name, ok := e.(*ast.Ident); ok {
		return name.Name
	}
	return ""
}

// fieldTypes are the types of a struct's fields.
func fieldTypes(spec *ast.TypeSpec) []string {
	of, ok := spec.Type.(*ast.StructType)
	if !ok {
		return nil
	}
	var names []string
	for _, field := range of.Fields.List {
		names = append(names, typeName(field.Type))
	}
	return names
}

// embedded are the unexported types that a struct embeds.
func embedded(file *ast.File, of string) []string {
	var names []string
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok || spec.Name.Name != of {
			return true
		}
		for _, field := range spec.Type.(*ast.StructType).Fields.List {
			if name := typeName(field.Type); len(field.Names) == 0 && !ast.IsExported(name) {
				names = append(names, name)
			}
		}
		return false
	})
	return names
}
