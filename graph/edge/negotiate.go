package edge

import (
	"strings"
)

// mediaType is one of the two media types of an answer.
type mediaType int

const (
	plainJSON       mediaType = iota // application/json
	graphqlResponse                  // application/graphql-response+json
)

// contentType is the Content-Type header of an answer. Both types are always
// UTF-8.
func (m mediaType) contentType() string {
	if m == graphqlResponse {
		return "application/graphql-response+json; charset=utf-8"
	}
	return "application/json; charset=utf-8"
}

// negotiate chooses the media type by the Accept headers (RFC 9110, section
// 12.5.1). The weight of each type is that of the most specific range that
// matches, and the higher weight wins. If both are equal,
// application/graphql-response+json wins if it was named: a client that names
// it understands it. Otherwise application/json wins, as the draft demands for
// */* and for no header. The result is false if the client accepts neither.
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

// maxElements limits the work for an Accept header. Browsers send about ten
// elements.
const maxElements = 64

// How specific a media range is.
const (
	anything = 1 + iota // */*
	subtypes            // application/*
	exact
)

// weights holds, for each media type, the weight of the most specific range so
// far.
type weights [2]struct {
	q    float64
	rank int
}

// add reads one element of an Accept header. An element that cannot be parsed
// is ignored.
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
