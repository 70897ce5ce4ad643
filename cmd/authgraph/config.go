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

// Run prints the published schema, with the operator's own types.
func (schemaCommand) Run(p *program) error {
	fields, err := readProfile(p.profile)
	if err != nil {
		return err
	}
	sdl, err := graph.SDL(fields)
	if err != nil {
		return err
	}
	_, err = fmt.Fprint(p.out, sdl)
	return err
}
