package edge

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// ReadTrusted reads a manifest of documents that were registered when the
// front ends were built, for Options.Trusted: persisted-documents.json of
// GraphQL Code Generator's client preset (and Relay's), or the manifest of
// Apollo's generate-persisted-query-manifest. It refuses what is neither, and
// a manifest without documents. Ids are taken as they are; the hash in them is
// the manifest's affair.
func ReadTrusted(r io.Reader) (map[string]string, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("read the manifest: %w", err)
	}
	documents := map[string]string{}
	var apollo struct {
		Format     string
		Operations []struct{ ID, Body string }
	}
	if json.Unmarshal(text, &apollo) == nil && apollo.Format == "apollo-persisted-query-manifest" {
		for _, op := range apollo.Operations {
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

// trusted are the only documents that run.
type trusted struct {
	byID  map[string]string
	texts map[string]bool
}

// newTrusted checks every document, so that a manifest for another schema is
// found at the start and not by the users. Mutations count as well.
func (h *Handler) newTrusted(documents map[string]string) (*trusted, error) {
	t := &trusted{byID: documents, texts: make(map[string]bool, len(documents))}
	for id, text := range documents {
		t.texts[text] = true
		_, ref := h.analyse(text, "")
		if ref != nil && ref.outcome == refused {
			return nil, fmt.Errorf("trusted document %s: %w", id, ref.errors)
		}
	}
	return t, nil
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
