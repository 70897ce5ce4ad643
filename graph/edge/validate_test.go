package edge_test

import (
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/validator/rules"

	"github.com/authgraph/authgraph/graph/edge"
)

// guesses are documents that each break a rule with a name close to one that
// exists.
var guesses = map[string]string{
	"a field":              `{helo}`,
	"a field of an object": `{me{emial}}`,
	"a field of a union":   `{me{pet{id}}}`,
	"an argument":          `{hello(nam:"x")}`,
	"a directive argument": `{hello@skip(iff:true,if:true)}`,
	"an input field":       `{choose(input:{email:"x",emial:"x",password:"y"})}`,
	"an enum value":        `{echo(color:REDD)}`,
	"an enum value, text":  `{echo(color:"REDD")}`,
	"a type":               `{...f}fragment f on Querry{hello}`,
	"a variable's type":    `query($a:Strin){hello(name:$a)}`,
	"an inline type":       `{...on Querry{hello}}`,
	"a missing selection":  `{me}`,
	"a directive":          `{hello@skp(if:true)}`,
}

func TestNoSuggestionsInProduction(t *testing.T) {
	h := newHandler(t, func(o *edge.Options) { o.Suggestions, o.Introspection = false, false })
	for name, doc := range guesses {
		t.Run(name, func(t *testing.T) {
			r := query(t, h, doc, "")
			if r.code(t) != "GRAPHQL_VALIDATION_FAILED" {
				t.Fatalf("answer = %s", r.Raw)
			}
			for _, tell := range []string{"ean", "hello", "email", "RED", "Query", "String", "LoginInput", "Color", "User", "Cat"} {
				if strings.Contains(r.Raw, tell) {
					t.Errorf("the answer says %q: %s", tell, r.Raw)
				}
			}
			if len(r.Errors[0].Locations) == 0 {
				t.Error("no location")
			}
		})
	}
}

func TestSuggestionsInDevelopment(t *testing.T) {
	h := newHandler(t, nil)
	for doc, want := range map[string]string{
		`{helo}`:           `Cannot query field "helo" on type "Query". Did you mean "hello"?`,
		`{hello(nam:"x")}`: `Unknown argument "nam" on field "Query.hello". Did you mean "name"?`,
		`{me}`:             `Field "me" of type "User" must have a selection of subfields. Did you mean "me { ... }"?`,
	} {
		if r := query(t, h, doc, ""); len(r.Errors) != 1 || r.Errors[0].Message != want {
			t.Errorf("%s: %s, want %s", doc, r.Raw, want)
		}
	}
}

// TestIntrospectionOff: if introspection is off, the message says so. It is the
// same for every type that was asked for. The message for an unknown field says
// no more than that.
func TestIntrospectionOff(t *testing.T) {
	for _, suggestions := range []bool{false, true} {
		h := newHandler(t, func(o *edge.Options) { o.Suggestions, o.Introspection = suggestions, false })
		for _, doc := range []string{
			`{__schema{types{name}}}`, `{__type(name:"User"){name}}`, `{x:__type(name:"Nothing"){name}}`,
			`{...f}fragment f on Query{__schema{types{name}}}`, `{...on Query{__type(name:"User"){name}}}`, `{hello __schema{queryType{name}}}`,
		} {
			r := query(t, h, doc, "")
			if r.code(t) != "GRAPHQL_VALIDATION_FAILED" || r.Data != nil || r.Errors[0].Message != "Introspection is off on this server." || strings.Contains(r.Raw, "User") {
				t.Errorf("%s: %s", doc, r.Raw)
			}
		}
		for _, doc := range []string{`{nothing__{a}}`, `{__schem{a}}`, `{__types{a}}`, `{me{__schema{a}}}`} {
			if r := query(t, h, doc, ""); r.code(t) != "GRAPHQL_VALIDATION_FAILED" || strings.Contains(r.Raw, "ntrospection") {
				t.Errorf("%s: %s", doc, r.Raw)
			}
		}
		if r := query(t, h, `{__typename me{__typename}}`, ""); string(r.Data) != `{"__typename":"Query","me":{"__typename":"User"}}` {
			t.Errorf("__typename: %s", r.Raw)
		}
	}
}

// TestNothingIsQuoted puts a canary into every place for a value, and breaks
// the document around it.
func TestNothingIsQuoted(t *testing.T) {
	for _, development := range []bool{true, false} {
		h := newHandler(t, func(o *edge.Options) { o.Suggestions = development })
		for _, doc := range []string{
			`{hello(name:"` + canary + `"`,
			`{hello(name:"` + canary + `)}`,
			`{hello "` + canary + `"}`,
			`{hello(name:"` + canary + `\x")}`,
			`{hello(name:"` + canary + `\u{110000}")}`,
			`{hello(name "` + canary + `")}`,
			`query "` + canary + `" {hello}`,
			`{hello(name:"""` + canary + `""" """)}`,
			`{hello(name:` + canary + `)}`,
			`{need(int:"` + canary + `")}`,
			`{need(int:["` + canary + `"])}`,
			`{need(int:{a:"` + canary + `"})}`,
			`{echo(float:"` + canary + `" bool:"` + canary + `" id:{a:"` + canary + `"} list:["` + canary + `"] matrix:[["` + canary + `"]])}`,
			`{echo(color:"` + canary + `")}`,
			`{echo(color:` + canary + `)}`,
			`{echo(stamp:"` + canary + `")}`,
			`{echo(inner:{numbers:"` + canary + `" when:"` + canary + `"})}`,
			`{choose(input:"` + canary + `")}`,
			`{choose(input:{email:"` + canary + `",other:"` + canary + `",password:"` + canary + `"})}`,
			`{choose(input:{password:"` + canary + `",password:"` + canary + `"})}`,
			`{hello(name:"` + canary + `") hello(name:"other")}`,
			`{hello(name:"` + canary + `",name:"` + canary + `")}`,
			`{nothing(name:"` + canary + `")}`,
			`query($a:Int="` + canary + `"){need(int:$a)}`,
			`query($a:[Color!]=["` + canary + `"]){echo(color:$a)}`,
			`{hello@include(if:"` + canary + `")}`,
			`{pick(pick:{id:"` + canary + `",name:"` + canary + `"})}`,
		} {
			if r := query(t, h, doc, ""); len(r.Errors) == 0 || strings.Contains(r.Raw, canary) {
				t.Errorf("development %v, %s: %s", development, doc, r.Raw)
			}
		}
		for doc, variables := range map[string]string{
			`query($a:Int){need(int:$a)}`:             `{"a":"` + canary + `"}`,
			`query($a:[Int]){echo(matrix:[$a])}`:      `{"a":[1,"` + canary + `"]}`,
			`query($a:Color){echo(color:$a)}`:         `{"a":"` + canary + `"}`,
			`query($a:Stamp){echo(stamp:$a)}`:         `{"a":"` + canary + `"}`,
			`query($a:LoginInput!){choose(input:$a)}`: `{"a":{"` + canary + `":1,"password":"` + canary + `"}}`,
			`query($a:Pick!){pick(pick:$a)}`:          `{"a":{"id":"` + canary + `","name":"` + canary + `"}}`,
			`query($a:Inner){echo(inner:$a)}`:         `{"a":{"numbers":["` + canary + `"]}}`,
			`query($a:Inner,$b:Int){echo(inner:$a)}`:  `{"a":{"color":"` + canary + `"}}`,
		} {
			if r := query(t, h, doc, variables); len(r.Errors) == 0 || strings.Contains(r.Raw, canary) {
				t.Errorf("development %v, %s with %s: %s", development, doc, variables, r.Raw)
			}
		}
	}
}

func TestSyntaxErrors(t *testing.T) {
	h := newHandler(t, nil)
	for doc, want := range map[string]string{
		"{\n  hello(":        "Syntax error: unexpected <EOF>.",
		`{hello "x"}`:        "Syntax error: unexpected String.",
		`{hello(name:1}`:     "Syntax error: unexpected }.",
		`queri {hello}`:      "Syntax error: unexpected Name.",
		`{hello(name:"x}`:    "Syntax error.",
		`{hello ?}`:          "Syntax error.",
		`fragment on on A{}`: "Syntax error: unexpected Name.",
	} {
		r := query(t, h, doc, "")
		if r.code(t) != "GRAPHQL_PARSE_FAILED" || r.Errors[0].Message != want || len(r.Errors[0].Locations) != 1 {
			t.Errorf("%s: %s, want %s", doc, r.Raw, want)
		}
	}
	if r := query(t, h, "{\n  hello(", ""); r.Errors[0].Locations[0].Line != 2 || r.Errors[0].Locations[0].Column != 9 {
		t.Errorf("location: %s", r.Raw)
	}
}

func TestErrorsAreFew(t *testing.T) {
	long := strings.Repeat("x", 200)
	for _, development := range []bool{true, false} {
		h := newHandler(t, func(o *edge.Options) { o.Suggestions = development })
		r := query(t, h, "{"+strings.Repeat(long+" ", 300)+"}", "")
		if len(r.Errors) != 20 || len(r.Raw) > 16<<10 {
			t.Errorf("development %v: %d errors in %d bytes", development, len(r.Errors), len(r.Raw))
		}
	}
}

// TestEveryRuleHasASentence: a rule that a new version of the library adds must
// not say more than ours do.
func TestEveryRuleHasASentence(t *testing.T) {
	for name := range rules.NewDefaultRules().GetInner() {
		if !edge.HasSentence(name) {
			t.Errorf("rule %s has no sentence", name)
		}
	}
}

// TestLiterals are literals for each type. They pass unchanged: gqlgen turns a
// value into a list of one, and adds defaults inside an input.
func TestLiterals(t *testing.T) {
	const refused = "refused"
	h := newHandler(t, nil)
	for _, c := range []struct {
		argument string
		want     string
	}{
		{`int:7`, "int=7"}, {`int:-2147483648`, "int=-2147483648"}, {`int:2147483648`, refused}, {`int:9223372036854775808`, refused},
		{`int:1.0`, refused}, {`int:"1"`, refused}, {`int:true`, refused}, {`int:RED`, refused}, {`int:[1]`, refused}, {`int:{}`, refused},
		{`float:1`, "float=1"}, {`float:1.5e3`, "float=1500"}, {`float:"1"`, refused}, {`float:1e999`, refused},
		{`id:1`, "id=1"}, {`id:"x"`, "id=x"}, {`id:1.5`, refused}, {`id:true`, refused},
		{`string:"x"`, "string=x"}, {`string:"""x"""`, "string=x"}, {`string:1`, refused}, {`string:RED`, refused},
		{`bool:true`, "bool=true"}, {`bool:"true"`, refused}, {`bool:1`, refused},
		{`color:RED`, "color=RED"}, {`color:red`, refused}, {`color:"RED"`, refused}, {`color:BLUE`, refused},
		{`list:[1,2]`, "list=[1 2]"}, {`list:1`, "list=1"}, {`list:[1,null]`, refused}, {`list:["1"]`, refused}, {`list:[[1]]`, refused},
		{`matrix:[[1],null,[null]]`, "matrix=[[1] <nil> [<nil>]]"}, {`matrix:1`, "matrix=1"}, {`matrix:[1]`, "matrix=[1]"},
		{`json:{a:[1,"x",RED,null]}`, "json=map[a:[1 x RED <nil>]]"}, {`json:9223372036854775808`, refused}, {`json:[{a:1e999}]`, refused},
		{`inner:{}`, "inner=map[]"}, {`inner:{color:GREEN}`, "inner=map[color:GREEN]"}, {`inner:{color:null}`, refused},
		{`inner:{numbers:[1]}`, "inner=map[numbers:[1]]"}, {`inner:{nothing:1}`, refused}, {`inner:[]`, refused},
		{`inner:{numbers:1,numbers:2}`, refused}, {`inner:{inner:{numbers:["x"]}}`, refused}, {`int:null`, ""},
	} {
		r := query(t, h, "{echo("+c.argument+")}", "")
		switch {
		case c.want == refused && r.code(t) != "GRAPHQL_VALIDATION_FAILED":
			t.Errorf("%s: %s, want it refused", c.argument, r.Raw)
		case c.want != refused && string(r.Data) != `{"echo":"`+c.want+`"}`:
			t.Errorf("%s: %s, want %s", c.argument, r.Raw, c.want)
		}
	}
}
