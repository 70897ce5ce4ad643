package edge

import (
	"strings"
)

// mediaType is one of the two that an answer can have.
type mediaType int

const (
	plainJSON       mediaType = iota // application/json
	graphqlResponse                  // application/graphql-response+json
)

// contentType is the header of an answer. Both types are UTF-8 always.
func (m mediaType) contentType() string {
	if m == graphqlResponse {
		return "application/graphql-response+json; charset=utf-8"
	}
	return "application/json; charset=utf-8"
}

// negotiate chooses the media type by the Accept headers (RFC 9110, section
// 12.5.1): the one of the higher weight, each weighed by the most specific
// range that names it. Of equal ones, application/graphql-response+json wins if
// it was named, since a client that names it understands it; else
// application/json does, as the draft demands for */* and for no header.
// It is false if the client takes neither.
func negotiate(accept []string) (mediaType, bool) {
	switch {
	case len(accept) == 0:
		return plainJSON, true
	case len(accept) == 1:
		switch accept[0] {
		case "", "*/*", "application/json":
			return plainJSON, true
		case "application/graphql-response+json":
			return graphqlResponse, true
		}
	}
	var w weights
	elements := 0
	for _, header := range accept {
		for ; header != "" && elements < maxElements; elements++ {
			var element string
			element, header = cutElement(header)
			w.add(element)
		}
	}
	plain, response := w[plainJSON], w[graphqlResponse]
	switch {
	case response.q > 0 && (response.q > plain.q || response.q == plain.q && response.rank == exact):
		return graphqlResponse, true
	case plain.q > 0:
		return plainJSON, true
	}
	return plainJSON, false
}

// maxElements bounds the work for an Accept header; browsers send some ten.
const maxElements = 64

// How specific a media range is.
const (
	anything = 1 + iota // */*
	subtypes            // application/*
	exact
)

// weights hold, for each media type, the weight that the most specific range
// so far gives it.
type weights [2]struct {
	q    float64
	rank int
}

// add takes one element of an Accept header into account; what it cannot read
// says nothing.
func (w *weights) add(element string) {
	m, ok := parseMedia(element)
	if !ok || m.charset != "" && !isUTF8(m.charset) {
		return
	}
	q := 1.0
	if m.q != "" {
		if q, ok = weight(m.q); !ok {
			return
		}
	}
	switch m.name {
	case "*/*":
		w.set(plainJSON, q, anything)
		w.set(graphqlResponse, q, anything)
	case "application/*":
		w.set(plainJSON, q, subtypes)
		w.set(graphqlResponse, q, subtypes)
	case "application/json":
		w.set(plainJSON, q, exact)
	case "application/graphql-response+json":
		w.set(graphqlResponse, q, exact)
	}
}

func (w *weights) set(m mediaType, q float64, rank int) {
	if rank > w[m].rank || rank == w[m].rank && q > w[m].q {
		w[m].q, w[m].rank = q, rank
	}
}

// cutElement cuts a list at its first comma outside quotes.
func cutElement(list string) (element, rest string) {
	quoted := false
	for i := 0; i < len(list); i++ {
		switch c := list[i]; {
		case c == '\\' && quoted:
			i++
		case c == '"':
			quoted = !quoted
		case c == ',' && !quoted:
			return list[:i], list[i+1:]
		}
	}
	return list, ""
}

func isUTF8(charset string) bool {
	return strings.EqualFold(charset, "utf-8") || strings.EqualFold(charset, "utf8")
}
