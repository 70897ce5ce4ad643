package edge

import (
	"errors"
	"net/http"
	"net/url"
	"unicode/utf8"

	"github.com/authgraph/authgraph/internal/strictjson"
)

// params are the parameters of a request (GraphQL over HTTP, section 5.1). A
// parameter that is null or missing is the zero value.
type params struct {
	query         string
	operationName string
	documentID    string
	variables     map[string]any
	extensions    map[string]any
}

// read takes the parameters from a request. It refuses every method except GET
// and POST, HEAD too: an API needs no answers without a body, and HEAD would
// run the query anyway.
func (h *Handler) read(r *http.Request) (*params, *refusal) {
	p := &params{}
	switch r.Method {
	case http.MethodPost:
		return p, withBody(r, maxBody, func(body []byte) *refusal { return h.fromJSON(p, body) })
	case http.MethodGet:
		return p, h.fromQuery(p, r.URL.RawQuery)
	default:
		ref := refuse(notAllowed, CodeBadRequest, "Use GET or POST.")
		ref.allow = "GET, POST"
		return p, ref
	}
}

func (h *Handler) fromJSON(p *params, body []byte) *refusal {
	// One level for the body, one for the map of variables.
	v, err := strictjson.Parse(body, h.bounds.valueDepth+2)
	if err != nil {
		return badJSON(err, "The body is not JSON.")
	}
	members, ok := v.(map[string]any)
	if !ok {
		return refuse(malformed, CodeBadRequest, "The body must be a JSON object; batches are not served.")
	}
	if !member(members, "query", &p.query) || !member(members, "operationName", &p.operationName) ||
		!member(members, "documentId", &p.documentID) {
		return refuse(malformed, CodeBadRequest, "query, operationName and documentId must be strings.")
	}
	if !member(members, "variables", &p.variables) || !member(members, "extensions", &p.extensions) {
		return refuse(malformed, CodeBadRequest, "variables and extensions must be objects.")
	}
	return nil
}

// member stores a member in dst. It returns false if the member has another
// type.
func member[T any](members map[string]any, name string, dst *T) bool {
	v := members[name]
	if v == nil {
		return true
	}
	var ok bool
	*dst, ok = v.(T)
	return ok
}

func (h *Handler) fromQuery(p *params, query string) *refusal {
	if len(query) > maxBody {
		return refuse(uriTooLong, CodeBadRequest, "The query string is too long.")
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		return refuse(malformed, CodeBadRequest, "The query string is malformed.")
	}
	var variables, extensions string
	for _, parameter := range []struct {
		name string
		dst  *string
	}{
		{"query", &p.query}, {"operationName", &p.operationName}, {"documentId", &p.documentID},
		{"variables", &variables}, {"extensions", &extensions},
	} {
		if ref := single(values[parameter.name], parameter.dst); ref != nil {
			return ref
		}
	}
	if ref := h.object(variables, &p.variables); ref != nil {
		return ref
	}
	return h.object(extensions, &p.extensions)
}

// object reads a parameter of a query string that holds a JSON object or null.
func (h *Handler) object(text string, dst *map[string]any) *refusal {
	if text == "" {
		return nil
	}
	v, err := strictjson.Parse([]byte(text), h.bounds.valueDepth+1)
	if err != nil {
		return badJSON(err, "variables and extensions must be JSON.")
	}
	var ok bool
	if *dst, ok = v.(map[string]any); !ok && v != nil {
		return refuse(malformed, CodeBadRequest, "variables and extensions must be objects.")
	}
	return nil
}

// single stores the only value of a parameter. It refuses two: a proxy in front
// of the server could use the other one.
func single(values []string, dst *string) *refusal {
	if len(values) > 1 {
		return refuse(malformed, CodeBadRequest, "A parameter was given twice.")
	}
	if len(values) == 1 {
		if !utf8.ValidString(values[0]) {
			return notUnicode(malformed)
		}
		*dst = values[0]
	}
	return nil
}

// badJSON explains why strictjson refused, without quoting anything.
func badJSON(err error, otherwise string) *refusal {
	switch {
	case errors.Is(err, strictjson.ErrUnicode):
		return notUnicode(malformed)
	case errors.Is(err, strictjson.ErrDepth):
		return refuse(malformed, CodeComplexityLimit, "The values are nested too deeply.")
	}
	return refuse(malformed, CodeBadRequest, otherwise)
}

func notUnicode(o outcome) *refusal {
	return refuse(o, CodeBadUserInput, "The text is not valid Unicode.")
}
