//go:build ignore

// This program generates package ent. It leaves out what creates tables at run
// time: the migrations in internal/store do that, and what stands behind it
// (atlas, HCL) would be a sixth of the binary.
package main

import (
	"log"

	"entgo.io/ent/entc"
	"entgo.io/ent/entc/gen"
)

func main() {
	storage, err := gen.NewStorage("sql")
	if err != nil {
		log.Fatal(err)
	}
	storage.SchemaMode &^= gen.Migrate
	err = entc.Generate("./schema", &gen.Config{
		Storage:  storage,
		Features: []gen.Feature{gen.FeatureUpsert, gen.FeatureLock, gen.FeatureModifier, gen.FeatureExecQuery},
	})
	if err != nil {
		log.Fatal(err)
	}
}
