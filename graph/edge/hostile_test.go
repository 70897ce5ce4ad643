package edge_test

import (
	"fmt"
	"strings"
	"testing"
)

// hostile are documents that cost a naive server much more than they cost the
// sender. All are within the limit of the body.
func hostile() map[string]string {
	fragments := func(n int, body func(i int) string) string {
		var s strings.Builder
		for i := range n {
			fmt.Fprintf(&s, "fragment f%d on Query{%s}", i, body(i))
		}
		return s.String()
	}
	docs := map[string]string{
		"26 doubling fragments": "{...f0}" + fragments(26, func(i int) string {
			if i == 25 {
				return "__typename"
			}
			return fmt.Sprintf("...f%d...f%d", i+1, i+1)
		}),
		"one field 4,000 times":  "{" + strings.Repeat("__typename ", 4000) + "}",
		"deep fields":            strings.Repeat("{me", 3000) + strings.Repeat("}", 3000),
		"deep values":            "{echo(json:" + strings.Repeat("[", 30000) + strings.Repeat("]", 30000) + ")}",
		"deep objects":           "{echo(json:" + strings.Repeat("{a:", 10000) + "1" + strings.Repeat("}", 10000) + ")}",
		"deep list types":        "query($a:" + strings.Repeat("[", 30000) + "Int" + strings.Repeat("]", 30000) + "){me{id}}",
		"directives":             "{me" + strings.Repeat("@a", 30000) + "{id}}",
		"directives apart":       "{" + strings.Repeat("me@a{id}", 160) + "}",
		"10,000 unknown fields":  "{" + strings.Repeat("abcd ", 10000) + "}",
		"a fragment cycle":       "{...a}fragment a on Query{...b}fragment b on Query{...a}",
		"a fragment cycle, deep": "{...a}fragment a on Query{me{best{...b}}}fragment b on User{best{...b}}",
		"unused fragment cycle":  "{me{id}}fragment a on Query{...a}",
		"51 fragments":           "{...f0}" + fragments(51, func(i int) string { return "__typename" }),
		"a long chain, a fat end": "{...f0}" + fragments(50, func(i int) string {
			if i == 49 {
				return "...on Query{" + strings.Repeat("__typename ", 350) + "}"
			}
			return fmt.Sprintf("...f%d", i+1)
		}),
		"comments":                          strings.Repeat("#\n", 20000) + "{me{id}}",
		"a name of 60 KB":                   "{" + strings.Repeat("a", 60000) + "}",
		"16 aliases":                        "{" + aliases(16, "__typename") + "}",
		"2 operations":                      "query a{me{id}} query b{me{id}}",
		"100 operations":                    strings.Repeat("query{me{id}}", 100),
		"depth 11":                          "{me{" + strings.Repeat("best{", 9) + "id" + strings.Repeat("}", 11),
		"two logins":                        `mutation{a:login(input:{email:"a",password:"b"}) b:login(input:{email:"a",password:"c"})}`,
		"two logins, no alias":              `mutation{login(input:{email:"a",password:"b"}) add(n:1)}`,
		"two logins, fragments":             `mutation{...a ...b}fragment a on Mutation{add(n:1)}fragment b on Mutation{login(input:{email:"a",password:"c"})}`,
		"1,001 tokens":                      "{" + strings.Repeat("a ", 999) + "}",
		"51 directives":                     "{" + strings.Repeat("me@a{id}", 51) + "}",
		"5 directives a place":              "{me@a@a@a@a@a{id}}",
		"a value 11 deep":                   "{echo(json:" + strings.Repeat("[", 11) + strings.Repeat("]", 11) + ")}",
		"introspection, types within types": "{__schema{types{fields{type{fields{type{fields{type{name}}}}}}}}}",
		"introspection, wide": "{__schema{types{" + nest("fields{name type{%s}}", "fields{name args{name type{name}} type{name kind ofType{name fields{name}}}}", 2) +
			nest("inputFields{name type{%s}}", "inputFields{name type{name kind ofType{name}}}", 2) + "}}}",
		"introspection, aliased":  "{__schema{" + aliases(15, "types{fields{name args{name type{name kind}} type{name kind ofType{name kind}}}}") + "}}",
		"introspection, 15 times": "{" + aliases(15, "__schema{types{fields{type{fields{name type{name}}} args{type{inputFields{name type{name}}}}}}}") + "}",
		"lists in lists":          "{me{" + aliases(15, nest("friends{%s}", "id", 6)) + "}}",
		"introspection, deep":     "{__schema{queryType" + strings.Repeat("{ofType", 17) + "{name}" + strings.Repeat("}", 17) + "}}",
	}
	return docs
}

func aliases(n int, field string) string {
	var s strings.Builder
	for i := range n {
		fmt.Fprintf(&s, "a%d:%s ", i, field)
	}
	return s.String()
}

// nest puts a format into itself n times, with core inside.
func nest(format, core string, n int) string {
	for range n {
		core = fmt.Sprintf(format, core)
	}
	return core
}

func TestHostileDocuments(t *testing.T) {
	h := newHandler(t, nil)
	for name, doc := range hostile() {
		t.Run(name, func(t *testing.T) {
			r := query(t, h, doc, "")
			if r.Status != 200 || r.code(t) != "COMPLEXITY_LIMIT_EXCEEDED" {
				t.Errorf("answer %d %.300s, want COMPLEXITY_LIMIT_EXCEEDED", r.Status, r.Raw)
			}
			if r.Data != nil {
				t.Error("a refused request has a data entry")
			}
		})
	}
}

func BenchmarkHostile(b *testing.B) {
	h := newHandler(b, nil)
	for name, doc := range hostile() {
		body := bodyOf(doc, "")
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				post(b, h, body)
			}
		})
	}
}
