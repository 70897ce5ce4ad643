package main

import (
	"fmt"

	"github.com/authgraph/authgraph/graph"
	"github.com/authgraph/authgraph/graph/profile"
	"github.com/authgraph/authgraph/internal/config"
)

// checkDocuments tries the operator's trusted documents on the schema, with no
// accounts behind it: a manifest for another schema is refused before a
// database is made. Its errors name what the documents ask for, whatever
// clients are told.
func checkDocuments(c *config.Config, fields *profile.Definition) error {
	documents, err := trustedDocuments(c)
	if err != nil || documents == nil {
		return err
	}
	o := graph.Options{Introspection: c.Introspection, Suggestions: true, Profile: fields, Trusted: documents}
	if err := graph.CheckDocuments(o, c.Auth.Settings.APITokenScopes()); err != nil {
		return fmt.Errorf("AUTHGRAPH_TRUSTED_DOCUMENTS: %w", err)
	}
	return nil
}
