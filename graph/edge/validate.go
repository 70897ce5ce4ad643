package edge

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator/core"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

// maxMessage is how many bytes of a library's message are kept. It may contain
// a long name, or list every conflict.
const maxMessage = 300

// validator holds the rules of the GraphQL specification, section 5.
type validator struct {
	schema *ast.Schema
	rules  []core.Rule
	names  bool // whether messages may name things
	closed bool // whether introspection is off
	errors int  // validation stops after this many
}

func newValidator(s *ast.Schema, errors int, suggestions bool) *validator {
	v := &validator{schema: s, names: suggestions, closed: s.Query.Fields.ForName("__schema") == nil, errors: errors}
	set := rules.NewDefaultRules()
	// Ours replace two rules of the library: one quotes values, the other takes
	// quadratic time for a repeated field.
	set.RemoveRule(rules.ValuesOfCorrectTypeRule.Name)
	set.RemoveRule(rules.OverlappingFieldsCanBeMergedRule.Name)
	if !suggestions {
		// Their messages are replaced below. These variants do not search for
		// similar names, which would take time for every byte that was sent.
		for with, without := range map[string]core.Rule{
			rules.FieldsOnCorrectTypeRule.Name: rules.FieldsOnCorrectTypeRuleWithoutSuggestions,
			rules.KnownArgumentNamesRule.Name:  rules.KnownArgumentNamesRuleWithoutSuggestions,
			rules.KnownTypeNamesRule.Name:      rules.KnownTypeNamesRuleWithoutSuggestions,
			rules.ScalarLeafsRule.Name:         rules.ScalarLeafsRuleWithoutSuggestions,
		} {
			set.RemoveRule(with)
			set.AddRule(with, without.RuleFunc)
		}
	}
	for name, rule := range set.GetInner() {
		v.rules = append(v.rules, core.Rule{Name: name, RuleFunc: rule})
	}
	v.rules = append(v.rules,
		core.Rule{Name: valuesRule, RuleFunc: checkValues},
		core.Rule{Name: mergeRule, RuleFunc: checkMerge},
	)
	slices.SortFunc(v.rules, func(a, b core.Rule) int { return cmp.Compare(a.Name, b.Name) })
	return v
}

// enough ends a validation that has found as many errors as an answer may have.
type enough struct{}

// validate checks a document. It also adds the types of the schema to it. The
// document must be within the limits.
func (v *validator) validate(doc *ast.QueryDocument) (errs gqlerror.List) {
	defer func() {
		if p := recover(); p != nil && p != (enough{}) {
			panic(p)
		}
	}()
	var events core.Events
	for _, rule := range v.rules {
		rule.RuleFunc(&events, func(options ...core.ErrorOption) {
			errs = append(errs, v.explain(rule.Name, options))
			if len(errs) >= v.errors {
				panic(enough{}) // the walk cannot be stopped in another way
			}
		})
	}
	core.Walk(v.schema, doc, &events)
	return errs
}

// explain makes an error of what a rule reports.
func (v *validator) explain(rule string, options []core.ErrorOption) *gqlerror.Error {
	var found gqlerror.Error
	for _, option := range options {
		option(&found)
	}
	if found.Rule != "" {
		rule = found.Rule
	}
	e := newError(cmp.Or(ruleCodes[rule], CodeValidationFailed), sentences[rule])
	switch {
	case v.closed && v.asksForSchema(found.Message):
		e.Message = "Introspection is off on this server."
	case found.Message != "" && (v.names || e.Message == ""):
		e.Message = shorten(found.Message)
	}
	e.Locations = found.Locations
	return e
}

// asksForSchema reports whether a rule's message is about __schema or __type.
// The specification publishes these names.
func (v *validator) asksForSchema(message string) bool {
	for _, field := range []string{"__schema", "__type"} {
		if strings.HasPrefix(message, fmt.Sprintf("Cannot query field %q on type %q.", field, v.schema.Query.Name)) {
			return true
		}
	}
	return false
}

// complexityRule is the name under which a rule reports that it gave up.
const complexityRule = "Complexity"

// ruleCodes are the codes of rules that are not about the schema.
var ruleCodes = map[string]string{
	complexityRule:                   CodeComplexityLimit,
	rules.MaxIntrospectionDepth.Name: CodeComplexityLimit,
}

func shorten(s string) string {
	if len(s) <= maxMessage {
		return s
	}
	end := maxMessage
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "…"
}

// sentences are the messages of each rule when names are not allowed. They do
// not depend on the name that was asked for, so that guessing finds no name.
// Errors about variables (coerce.go) are different: they always name input
// fields and types, because a program must learn which of its variables is
// wrong. So the schema must not contain anything that has to stay unknown.
var sentences = map[string]string{
	"FieldsOnCorrectType":         "A field is not defined by its type.",
	"FragmentsOnCompositeTypes":   "A fragment is on a type that has no fields.",
	"KnownArgumentNames":          "An argument is not defined.",
	"KnownDirectives":             "A directive is not defined, or not for this place.",
	"KnownFragmentNames":          "A fragment is not defined.",
	"KnownRootType":               "The schema has no operations of this kind.",
	"KnownTypeNames":              "A type is not defined.",
	"LoneAnonymousOperation":      "An operation without a name must be the only one.",
	"MaxIntrospectionDepth":       "The introspection is nested too deeply.",
	"NoFragmentCycles":            "A fragment spreads itself.",
	"NoUndefinedVariables":        "A variable is not defined.",
	"NoUnusedFragments":           "A fragment is never used.",
	"NoUnusedVariables":           "A variable is never used.",
	"PossibleFragmentSpreads":     "A fragment is on a type that cannot occur here.",
	"ProvidedRequiredArguments":   "A required argument is missing.",
	"ScalarLeafs":                 "A field lacks a selection of subfields, or cannot have one.",
	"SingleFieldSubscriptions":    "A subscription must have one root field.",
	"UniqueArgumentNames":         "An argument is given twice.",
	"UniqueDirectivesPerLocation": "A directive is given twice.",
	"UniqueFragmentNames":         "Two fragments have the same name.",
	"UniqueInputFieldNames":       "An input field is given twice.",
	"UniqueOperationNames":        "Two operations have the same name.",
	"UniqueVariableNames":         "Two variables have the same name.",
	"VariablesAreInputTypes":      "A variable is not of an input type.",
	"VariablesInAllowedPosition":  "A variable is used where its type does not fit.",
	valuesRule:                    "A value does not fit its type.",
	complexityRule:                "The fields are too many to compare.",
	mergeRule:                     "Fields with the same name in the answer differ; use aliases.",
}
