package main

import (
	"fmt"

	"github.com/authgraph/authgraph/graph"
)

type configCommand struct{}

// Run prints the settings in effect, and where each comes from.
func (configCommand) Run(p *program) error {
	for _, w := range p.warn {
		fmt.Fprintln(p.logTo, "warning:", w)
	}
	return p.config.Print(p.out)
}

type schemaCommand struct{}

// Run prints the published schema.
func (schemaCommand) Run(p *program) error {
	_, err := fmt.Fprint(p.out, graph.SDL())
	return err
}
