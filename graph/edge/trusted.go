package edge

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// ReadTrusted reads a manifest of documents that were registered when the
// front ends were built, for Options.Trusted: persisted-documents.json of
// GraphQL Code Generator's client preset (and Relay's), or the manifest of
// Apollo's generate-persisted-query-manifest. It refuses what is neither, a
// manifest without documents, and one that says a thing twice, of which readers
// would choose differently. Ids are taken as they are; the hash in them is the
// manifest's affair.
func ReadTrusted(r io.Reader) (map[string]string, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("read the manifest: %w", err)
	}
	if !utf8.Valid(text) {
		return nil, errors.New("the manifest is not UTF-8") // encoding/json would change it in silence
	}
	if json.Valid(text) && repeats(json.NewDecoder(bytes.NewReader(text))) {
		return nil, errors.New("the manifest has an id or key twice")
	}
	documents := map[string]string{}
	var apollo struct {
		Format     string
		Operations []struct{ ID, Body string }
	}
	if json.Unmarshal(text, &apollo) == nil && apollo.Format == "apollo-persisted-query-manifest" {
		for _, op := range apollo.Operations {
			if _, again := documents[op.ID]; again {
				return nil, errors.New("the manifest has an id twice")
			}
			documents[op.ID] = op.Body
		}
	} else if err := json.Unmarshal(text, &documents); err != nil {
		return nil, errors.New("the manifest is not a JSON object of ids and documents")
	}
	for id, document := range documents {
		if id == "" || document == "" {
			return nil, errors.New("the manifest has an empty id or document")
		}
	}
	if len(documents) == 0 {
		return nil, errors.New("the manifest has no documents")
	}
	return documents, nil
}

// repeats reports whether the value that follows, of valid JSON, has a key
// twice in one object, at any depth.
func repeats(d *json.Decoder) bool {
	start, _ := d.Token() // it is valid
	if start != json.Delim('{') && start != json.Delim('[') {
		return false
	}
	seen := map[json.Token]bool{}
	for d.More() {
		if start == json.Delim('{') {
			key, _ := d.Token() // it is valid
			if seen[key] {
				return true
			}
			seen[key] = true
		}
		if repeats(d) {
			return true
		}
	}
	_, _ = d.Token() // the end
	return false
}

// trusted are the only documents that run.
type trusted struct {
	byID  map[string]string
	texts map[string]bool
}

// newTrusted checks every document, so that a manifest for another schema is
// found at the start and not by the users. Mutations count as well. The error
// has a line for every mistake, in the order of the ids.
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

// text is the document of that id, or the query if its very text is trusted.
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
