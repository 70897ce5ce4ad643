package main

import (
	"fmt"

	"github.com/authgraph/authgraph/graph"
	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/config"
)

// checkDocuments tries the operator's trusted documents on the schema, with no
// accounts behind it: a manifest for another schema is refused before a
// database is made. Its errors name what the documents ask for, whatever
// clients are told.
func checkDocuments(c *config.Config) error {
	documents, err := trustedDocuments(c)
	if err != nil || documents == nil {
		return err
	}
	nobody := &auth.Service{Settings: c.Auth.Settings}
	if _, err := graph.New(nobody, graph.Options{Introspection: c.Introspection, Suggestions: true, Trusted: documents}); err != nil {
		return fmt.Errorf("AUTHGRAPH_TRUSTED_DOCUMENTS: %w", err)
	}
	return nil
}
