//go:build ignore

// This program generates package graph as gqlgen.yml says, with two changes. It
// writes the resolvers of plain mutations. It leaves out something that gqlgen
// would make for every request and that nothing here uses: a map of functions
// that read inputs, which takes a tenth of the time of a query.
package main

import (
	"bytes"
	"fmt"
	"log"
	"os"
	"regexp"
	"slices"

	"github.com/99designs/gqlgen/api"
	"github.com/99designs/gqlgen/codegen"
	"github.com/99designs/gqlgen/codegen/config"
	"github.com/99designs/gqlgen/codegen/templates"
	"github.com/vektah/gqlparser/v2/ast"
)

var (
	made = regexp.MustCompile(`(?s)\tinputUnmarshalMap := graphql\.BuildUnmarshalerMap\(.*?\n\t\)\n`)
	used = regexp.MustCompile(`\t+ctx = graphql\.WithUnmarshalerMap\(ctx, inputUnmarshalMap\)\n`)
)

func main() {
	settings, err := config.LoadConfigFromDefaultLocations() // it changes to the folder of gqlgen.yml
	if err != nil {
		log.Fatal(err)
	}
	if err := api.Generate(settings, api.AddPlugin(plain{})); err != nil {
		log.Fatal(err)
	}
	file := settings.Exec.Filename
	code, err := os.ReadFile(file)
	if err != nil {
		log.Fatal(err)
	}
	for _, useless := range []*regexp.Regexp{made, used} {
		if !useless.Match(code) {
			log.Fatalf("%s: gqlgen makes no more what %s matches: see what it does instead", file, useless)
		}
		code = useless.ReplaceAll(code, nil)
	}
	if bytes.Contains(code, []byte("inputUnmarshalMap")) {
		log.Fatalf("%s: gqlgen uses inputUnmarshalMap in another way", file)
	}
	if err := os.WriteFile(file, code, 0o644); err != nil {
		log.Fatal(err)
	}
}

// plain writes the resolvers that have none yet.
type plain struct{}

func (plain) Name() string { return "plain" }

// Implement keeps a resolver that exists. The resolver of a new mutation calls
// the operation of the same name. If the payload has one field beside errors,
// the operation returns that field. Other resolvers are written by hand.
func (plain) Implement(present string, f *codegen.Field) string {
	payload := f.TypeReference.Definition
	parts := slices.DeleteFunc(slices.Clone(payload.Fields), func(part *ast.FieldDefinition) bool { return part.Name == "errors" })
	call := fmt.Sprintf("r.auth.%s(ctx, auth.CallerFrom(ctx)%s)", f.GoFieldName, argument(f))
	switch {
	case present != "":
		return present
	case f.Object.Name != "Mutation" || len(parts) > 1:
		return fmt.Sprintf("panic(%q)", f.Object.Name+"."+f.Name+" has no resolver")
	case len(parts) == 0:
		return fmt.Sprintf("errs, err := fixable(%s)\nreturn &model.%s{Errors: errs}, err", call, templates.ToGo(payload.Name))
	}
	return fmt.Sprintf("%s, errs, err := told(%s)\nreturn &model.%s{%s: %[1]s, Errors: errs}, err",
		parts[0].Name, call, templates.ToGo(payload.Name), templates.ToGo(parts[0].Name))
}

func argument(f *codegen.Field) string {
	switch {
	case len(f.Args) == 0:
		return ""
	case f.Args[0].Type.NonNull:
		return ", input"
	}
	return fmt.Sprintf(", orDefault(input, auth.%s{})", templates.ToGo(f.Args[0].Type.Name()))
}
