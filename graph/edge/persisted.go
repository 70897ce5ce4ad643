package edge

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
)

// registry keeps the documents that clients registered by hash: Apollo's
// automatic persisted queries, which urql supports too. Every client may
// register a text. So only valid queries are kept, and only a few.
type registry struct {
	texts *cache[[sha256.Size]byte, string]
}

func newRegistry(entries, bytes int) *registry {
	return &registry{newCache[[sha256.Size]byte, string](entries, bytes)}
}

// reference is how a request names a document: by extensions.persistedQuery or
// by documentId.
func (p *params) reference() (id string, ref *refusal) {
	extension, ok := p.extensions["persistedQuery"]
	if !ok || extension == nil {
		return p.documentID, nil
	}
	members, _ := extension.(map[string]any)
	id, _ = members["sha256Hash"].(string)
	if version, _ := members["version"].(json.Number); version != "1" || id == "" {
		return "", refuse(malformed, CodeBadRequest, "extensions.persistedQuery must have version 1 and a sha256Hash.")
	}
	if p.documentID != "" && p.documentID != id {
		return "", refuse(malformed, CodeBadRequest, "The request names two documents.")
	}
	return id, nil
}

// text is the document that a request asks for. register is not nil if the
// document should be registered; the caller calls it when the document has
// proved to be a valid query.
func (h *Handler) text(p *params) (text string, register func(*operation), ref *refusal) {
	id, ref := p.reference()
	if ref != nil {
		return "", nil, ref
	}
	switch {
	case id == "" && p.query == "":
		ref = refuse(malformed, CodeBadRequest, "The query is missing.")
	case h.trusted != nil:
		text, ref = h.trusted.text(id, p.query)
	case id == "":
		text = p.query
	default:
		return h.registry.text(id, p.query)
	}
	return text, nil, ref
}

func (r *registry) text(id, query string) (string, func(*operation), *refusal) {
	hash, ok := parseHash(id)
	if !ok {
		return "", nil, refuse(malformed, CodeBadRequest, "The hash is not a SHA-256 in hexadecimal.")
	}
	if query == "" {
		text, ok := r.texts.get(hash)
		if !ok {
			// Apollo and urql look for exactly this message.
			return "", nil, refuse(refused, CodePersistedQueryNotFound, "PersistedQueryNotFound")
		}
		return text, nil, nil
	}
	if sha256.Sum256([]byte(query)) != hash {
		return "", nil, refuse(malformed, CodeBadRequest, "The hash is not that of the document.")
	}
	return query, func(op *operation) {
		if op.queries {
			r.texts.add(hash, op.text, len(op.text))
		}
	}, nil
}

// parseHash reads a SHA-256, with or without the prefix that the GraphQL over
// HTTP draft uses in documentId.
func parseHash(id string) (hash [sha256.Size]byte, ok bool) {
	id = strings.TrimPrefix(id, "sha256:")
	if len(id) != hex.EncodedLen(len(hash)) {
		return hash, false
	}
	_, err := hex.Decode(hash[:], []byte(id))
	return hash, err == nil
}
