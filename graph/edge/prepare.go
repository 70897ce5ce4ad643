package edge

import (
	"errors"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/lexer"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator/core"
)

// operation is an operation that may be executed. Requests share it, and it
// never changes.
type operation struct {
	text    string
	doc     *ast.QueryDocument
	def     *ast.OperationDefinition
	notNull map[string]bool // variables whose null would reach a place that must not be null
	nodes   int             // as written
	queries bool            // the document has only queries
	root    string          // the name of the only root field, if there is just one
}

// prepare finds the operation of that name in a document. The cache has only
// operations that passed every check.
func (h *Handler) prepare(text, name string) (*operation, *refusal) {
	key := documentKey{text, name}
	if op, ok := h.documents.get(key); ok {
		return op, nil
	}
	op, ref := h.analyse(text, name)
	if ref != nil {
		return nil, ref
	}
	h.documents.add(documentKey{op.text, strings.Clone(name)}, op, weigh(op))
	return op, nil
}

func (h *Handler) analyse(text, name string) (*operation, *refusal) {
	if ref := scan(text, &h.bounds); ref != nil {
		return nil, ref
	}
	text = strings.Clone(text)
	doc, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: text}, h.bounds.tokens)
	if err != nil {
		return nil, notParsed(err)
	}
	if len(doc.Operations) == 0 {
		return nil, refuse(refused, CodeParseFailed, "The document holds no operation.")
	}
	nodes, ref := h.bound(doc)
	if ref != nil {
		return nil, ref
	}
	if errs := h.validator.validate(doc); len(errs) > 0 {
		return nil, &refusal{outcome: refused, errors: errs}
	}
	def, ref := choose(doc, name)
	if ref != nil {
		return nil, ref
	}
	op := &operation{text: text, doc: doc, def: def, nodes: nodes, notNull: map[string]bool{}, queries: onlyQueries(doc), root: onlyRootField(def)}
	h.link(op)
	return op, nil
}

// link walks the operation once more. A walk links the variables in fragments,
// and their default values, to the operation from which it came last. It also
// notes which variables are in places that must not be null.
func (h *Handler) link(op *operation) {
	var events core.Events
	events.OnValue(func(w *core.Walker, v *ast.Value) {
		if w.CurrentOperation != nil && v.Kind == ast.Variable && v.ExpectedType != nil && v.ExpectedType.NonNull {
			op.notNull[v.Raw] = true
		}
	})
	core.Walk(h.validator.schema, &ast.QueryDocument{Operations: ast.OperationList{op.def}, Fragments: op.doc.Fragments}, &events)
}

// choose selects the operation to execute (GraphQL specification, section 6.1).
func choose(doc *ast.QueryDocument, name string) (*ast.OperationDefinition, *refusal) {
	if name == "" && len(doc.Operations) > 1 {
		return nil, refuse(malformed, CodeBadRequest, "The document holds several operations; operationName must choose one.")
	}
	def := doc.Operations.ForName(name)
	if def == nil {
		return nil, refuse(malformed, CodeBadRequest, "The document holds no operation of that name.")
	}
	if def.Operation == ast.Subscription {
		return nil, refuse(malformed, CodeBadRequest, "Subscriptions are not served.")
	}
	return def, nil
}

// onlyRootField is the name of the operation's root field, or empty if there are
// several, or fragments. The document is valid: it is a name of the schema.
func onlyRootField(def *ast.OperationDefinition) string {
	if len(def.SelectionSet) != 1 {
		return ""
	}
	field, ok := def.SelectionSet[0].(*ast.Field)
	if !ok {
		return ""
	}
	return field.Name
}

func onlyQueries(doc *ast.QueryDocument) bool {
	for _, op := range doc.Operations {
		if op.Operation != ast.Query {
			return false
		}
	}
	return true
}

// notParsed reports a syntax error without the token that the parser quotes. It
// may be a string that a person typed.
func notParsed(err error) *refusal {
	ref := refuse(refused, CodeParseFailed, "Syntax error.")
	found, ok := errors.AsType[*gqlerror.Error](err)
	if !ok {
		return ref
	}
	ref.errors[0].Locations = found.Locations
	_, kind, ok := strings.Cut(found.Message, "Unexpected ")
	if !ok {
		_, kind, _ = strings.Cut(found.Message, ", found ")
	}
	kind, _, _ = strings.Cut(kind, " ")
	for t := lexer.EOF; t <= lexer.BlockString; t++ {
		if kind == t.String() {
			ref.errors[0].Message = "Syntax error: unexpected " + kind + "."
		}
	}
	return ref
}
