//go:build ignore

// This program generates package graph as gqlgen.yml says. It leaves out what
// gqlgen makes for every request and nothing here uses: a map of functions that
// read inputs, for resolvers that want to call them (a tenth of the cost of a
// query).
package main

import (
	"bytes"
	"log"
	"os"
	"regexp"

	"github.com/99designs/gqlgen/api"
	"github.com/99designs/gqlgen/codegen/config"
)

var (
	made = regexp.MustCompile(`(?s)\tinputUnmarshalMap := graphql\.BuildUnmarshalerMap\(.*?\n\t\)\n`)
	used = regexp.MustCompile(`\t+ctx = graphql\.WithUnmarshalerMap\(ctx, inputUnmarshalMap\)\n`)
)

func main() {
	settings, err := config.LoadConfigFromDefaultLocations() // from here on in the folder of gqlgen.yml
	if err != nil {
		log.Fatal(err)
	}
	if err := api.Generate(settings); err != nil {
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
