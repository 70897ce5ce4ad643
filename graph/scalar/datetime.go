// Package scalar holds the schema's own scalars.
package scalar

import (
	"errors"
	"io"
	"time"

	"github.com/99designs/gqlgen/graphql"
)

// MarshalDateTime writes an instant in UTC as RFC 3339, to the microsecond.
func MarshalDateTime(t time.Time) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) {
		const layout = `"2006-01-02T15:04:05.999999Z"`
		_, _ = w.Write(t.UTC().AppendFormat(make([]byte, 0, len(layout)), layout)) // the edge's writer is memory
	})
}

// UnmarshalDateTime reads an instant in RFC 3339 with its zone. It refuses
// anything else; the error does not quote the value.
func UnmarshalDateTime(v any) (time.Time, error) {
	text, ok := v.(string)
	if !ok {
		return time.Time{}, errors.New("not a DateTime: a string is needed")
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return time.Time{}, errors.New("not a DateTime: RFC 3339 with a zone is needed")
	}
	return t.UTC().Truncate(time.Microsecond), nil
}
