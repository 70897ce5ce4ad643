// Package testschema is a small GraphQL schema for the tests of package edge.
package testschema

//go:generate go tool gqlgen generate
