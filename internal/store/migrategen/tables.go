package main

import (
	"fmt"

	"entgo.io/ent"
	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/entc/gen"
	"entgo.io/ent/entc/load"

	entschema "github.com/authgraph/authgraph/ent/schema"
)

// tables are those that ent/schema describes. The program itself does not know
// them: it only runs migrations.
func tables() ([]*schema.Table, error) {
	var loaded []*load.Schema
	for _, entity := range []ent.Interface{
		entschema.AuditEvent{}, entschema.OutboxMessage{}, entschema.SigningKey{},
		entschema.HashKind{}, entschema.Throttle{}, entschema.User{}, entschema.UserToken{}, entschema.Factor{}, entschema.Identity{},
	} {
		described, err := load.MarshalSchema(entity)
		if err != nil {
			return nil, fmt.Errorf("read a schema: %w", err)
		}
		one, err := load.UnmarshalSchema(described)
		if err != nil {
			return nil, fmt.Errorf("read a schema: %w", err)
		}
		loaded = append(loaded, one)
	}
	storage, err := gen.NewStorage("sql")
	if err != nil {
		return nil, err
	}
	graph, err := gen.NewGraph(&gen.Config{Package: "github.com/authgraph/authgraph/ent", Storage: storage}, loaded...)
	if err != nil {
		return nil, fmt.Errorf("relate the schemas: %w", err)
	}
	return graph.Tables()
}
