package scalar

import (
	"encoding/json"
	"errors"
	"io"

	"github.com/99designs/gqlgen/graphql"
)

// MarshalJSON writes a value that is JSON already.
func MarshalJSON(text json.RawMessage) graphql.Marshaler {
	if len(text) == 0 {
		return graphql.Null
	}
	return graphql.WriterFunc(func(w io.Writer) { _, _ = w.Write(text) }) // the edge's writer is memory
}

// UnmarshalJSON takes any value, and writes it as JSON again: what reads it then
// sees each member once, as the edge has read it. What it must be, is not decided
// here.
func UnmarshalJSON(v any) (json.RawMessage, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, errors.New("not JSON")
	}
	return text, nil
}
