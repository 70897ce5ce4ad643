package edge

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/authgraph/authgraph/internal/strictjson"
)

// manifestDepth is how deep a manifest may nest. Apollo's has 3 levels.
const manifestDepth = 16

// ReadTrusted reads a manifest of documents that were registered when the front
// ends were built, for Options.Trusted. It accepts persisted-documents.json of
// GraphQL Code Generator's client preset (and Relay's), and the manifest of
// Apollo's generate-persisted-query-manifest. It refuses any other form, a
// manifest without documents, and a duplicate key, of which different readers
// would use different values. It does not check that an id is the hash of its
// document.
func ReadTrusted(r io.Reader) (map[string]string, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("read the manifest: %w", err)
	}
	members, err := strictjson.ParseObject(text, manifestDepth)
	if _, twice := errors.AsType[*strictjson.DuplicateError](err); twice {
		return nil, errors.New("the manifest has an id or key twice")
	}
	if err != nil {
		return nil, errors.New("the manifest is not a JSON object of ids and documents")
	}
	if members["format"] == "apollo-persisted-query-manifest" {
		if members, err = apolloDocuments(members["operations"]); err != nil {
			return nil, err
		}
	}
	documents := make(map[string]string, len(members))
	for id, document := range members {
		text, _ := document.(string)
		if id == "" || text == "" {
			return nil, errors.New("the manifest has an empty id or document, or one that is no text")
		}
		documents[id] = text
	}
	if len(documents) == 0 {
		return nil, errors.New("the manifest has no documents")
	}
	return documents, nil
}

// apolloDocuments are the documents of Apollo's list of operations by their ids.
func apolloDocuments(operations any) (map[string]any, error) {
	list, _ := operations.([]any) // nil if it is not a list, and then refused
	documents := make(map[string]any, len(list))
	for _, operation := range list {
		members, _ := operation.(map[string]any)
		id, _ := members["id"].(string) // empty if it is not a text, and then refused
		if _, again := documents[id]; again {
			return nil, errors.New("the manifest has an id twice")
		}
		documents[id] = members["body"]
	}
	return documents, nil
}

// trusted has the only documents that may run.
type trusted struct {
	byID  map[string]string
	texts map[string]bool
}

// newTrusted checks every document, mutations too. So a manifest for another
// schema is found at the start, and not by the users. The error has a line for
// every mistake, in the order of the ids.
func (h *Handler) newTrusted(documents map[string]string) (*trusted, error) {
	t := &trusted{byID: documents, texts: make(map[string]bool, len(documents))}
	var mistakes []error
	for _, id := range slices.Sorted(maps.Keys(documents)) {
		text := documents[id]
		t.texts[text] = true
		_, ref := h.analyse(text, "")
		if ref == nil || ref.outcome != refused {
			continue
		}
		for _, e := range ref.errors {
			where := ""
			if len(e.Locations) > 0 {
				where = fmt.Sprintf(", %d:%d", e.Locations[0].Line, e.Locations[0].Column)
			}
			mistakes = append(mistakes, fmt.Errorf("trusted document %q%s: %s", id, where, e.Message))
		}
	}
	return t, errors.Join(mistakes...)
}

// text is the document of that id. A query without id is accepted if exactly
// its text is trusted.
func (t *trusted) text(id, query string) (string, *refusal) {
	if id == "" {
		if !t.texts[query] {
			return "", notTrusted()
		}
		return query, nil
	}
	text, ok := t.byID[id]
	if !ok {
		text, ok = t.byID[strings.TrimPrefix(id, "sha256:")]
	}
	if !ok || query != "" && query != text {
		return "", notTrusted()
	}
	return text, nil
}

func notTrusted() *refusal {
	return refuse(refused, CodeDocumentNotTrusted, "This server runs registered documents only.")
}
