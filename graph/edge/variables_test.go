package edge_test

import (
	"strings"
	"testing"
)

// TestVariables are values for each type of variable.
func TestVariables(t *testing.T) {
	const refused = "refused"
	h := newHandler(t, nil)
	for _, c := range []struct {
		typ, argument, value string
		want                 string
	}{
		{"Int", "int", `7`, "int=7"}, {"Int", "int", `7.0`, "int=7"}, {"Int", "int", `7e2`, "int=700"},
		{"Int", "int", `2147483647`, "int=2147483647"}, {"Int", "int", `2147483648`, refused}, {"Int", "int", `1e300`, refused},
		{"Int", "int", `7.5`, refused}, {"Int", "int", `"7"`, refused}, {"Int", "int", `true`, refused}, {"Int", "int", `null`, ""},
		{"Int!", "int", `null`, refused}, {"Int", "int", `[7]`, refused}, {"Int", "int", `{}`, refused},
		{"Float", "float", `1`, "float=1"}, {"Float", "float", `1.5`, "float=1.5"}, {"Float", "float", `"1"`, refused},
		{"Float", "float", `1e999`, refused}, {"Float", "float", `false`, refused},
		{"ID", "id", `"x"`, "id=x"}, {"ID", "id", `12345678901234567890`, "id=12345678901234567890"}, {"ID", "id", `1.5`, refused},
		{"ID", "id", `1e2`, refused}, {"ID", "id", `true`, refused},
		{"String", "string", `"x"`, "string=x"}, {"String", "string", `1`, refused}, {"String", "string", `true`, refused},
		{"Boolean", "bool", `false`, "bool=false"}, {"Boolean", "bool", `"false"`, refused}, {"Boolean", "bool", `0`, refused},
		{"Color", "color", `"RED"`, "color=RED"}, {"Color", "color", `"red"`, refused}, {"Color", "color", `"Red"`, refused},
		{"Color", "color", `"BLUE"`, refused}, {"Color", "color", `0`, refused}, {"Color", "color", `""`, refused},
		{"[Int!]", "list", `[1,2]`, "list=[1 2]"}, {"[Int!]", "list", `3`, "list=[3]"}, {"[Int!]", "list", `[1,null]`, refused},
		{"[Int!]", "list", `["1"]`, refused}, {"[Int!]", "list", `[]`, "list=[]"}, {"[Int!]", "list", `null`, ""},
		{"[[Int]]", "matrix", `[[1],[2,3]]`, "matrix=[[1] [2 3]]"}, {"[[Int]]", "matrix", `4`, "matrix=[[4]]"}, {"[[Int]]", "matrix", `[4]`, "matrix=[[4]]"},
		{"[[Int]]", "matrix", `[["4"]]`, refused},
		{"JSON", "json", `{"a":[1,"x",null]}`, "json=map[a:[1 x <nil>]]"},
		{"Stamp", "stamp", `"2026-01-02T03:04:05Z"`, "stamp=2026-01-02T03:04:05Z"}, {"Stamp", "stamp", `"yesterday"`, refused},
		{"Inner", "inner", `{}`, "inner=map[]"}, {"Inner", "inner", `{"color":"GREEN","numbers":5}`, "inner=map[color:GREEN numbers:[5]]"},
		{"Inner", "inner", `{"color":null}`, refused}, {"Inner", "inner", `{"color":"green"}`, refused}, {"Inner", "inner", `{"colour":"RED"}`, refused},
		{"Inner", "inner", `{"__typename":"Inner"}`, refused}, {"Inner", "inner", `[]`, refused}, {"Inner", "inner", `"x"`, refused},
		{"Inner", "inner", `{"inner":{"inner":{"numbers":[1,"2"]}}}`, refused},
	} {
		r := query(t, h, "query($v:"+c.typ+"){echo("+c.argument+":$v)}", `{"v":`+c.value+`}`)
		switch {
		case c.want == refused && r.code(t) != "BAD_USER_INPUT":
			t.Errorf("%s of %s: %s, want it refused", c.value, c.typ, r.Raw)
		case c.want != refused && string(r.Data) != `{"echo":"`+c.want+`"}`:
			t.Errorf("%s of %s: %s, want %s", c.value, c.typ, r.Raw, c.want)
		}
	}
}

func TestVariableMessages(t *testing.T) {
	h := newHandler(t, nil)
	for _, c := range []struct{ doc, variables, want string }{
		{`query($in:Inner){echo(inner:$in)}`, `{"in":{"inner":{"numbers":[1,"2"]}}}`, `Variable "$in.inner.numbers.1" must be an Int of 32 bits.`},
		{`query($in:LoginInput!){choose(input:$in)}`, `{"in":{"email":"x"}}`, `Variable "$in.password" is required.`},
		{`query($in:LoginInput!){choose(input:$in)}`, `{"in":{"email":"x","password":null}}`, `Variable "$in.password" must not be null.`},
		{`query($in:LoginInput!){choose(input:$in)}`, `{}`, `Variable "$in" is required.`},
		{`query($in:Inner){echo(inner:$in)}`, `{"in":{"color":"red"}}`, `Variable "$in.color" must be a value of Color.`},
		{`query($in:Inner){echo(inner:$in)}`, `{"in":{"nothing":1}}`, `Variable "$in" has a field that Inner does not define.`},
	} {
		r := query(t, h, c.doc, c.variables)
		if len(r.Errors) != 1 || r.Errors[0].Message != c.want || len(r.Errors[0].Locations) != 1 || r.Errors[0].Path != nil {
			t.Errorf("%s: %s, want %s", c.variables, r.Raw, c.want)
		}
	}
	r := query(t, h, `query($a:Int!,$b:Int!,$c:Int){echo(list:[$a,$b] int:$c)}`, `{"a":"1"}`)
	if len(r.Errors) != 2 {
		t.Errorf("one error for each variable: %s", r.Raw)
	}
}

// TestAbsentAndNull: for a missing variable a default is used, for null it is
// not.
func TestAbsentAndNull(t *testing.T) {
	h := newHandler(t, nil)
	const refused = "refused"
	for _, c := range []struct{ doc, variables, want string }{
		{`query($n:String){hello(name:$n)}`, `{}`, `{"hello":"hello world"}`},
		{`query($n:String){hello(name:$n)}`, `{"n":null}`, `{"hello":"hello null"}`},
		{`query($n:String="Ann"){hello(name:$n)}`, ``, `{"hello":"hello Ann"}`},
		{`query($n:String="Ann"){hello(name:$n)}`, `{"n":null}`, `{"hello":"hello null"}`},
		{`query($n:Int){need(int:$n)}`, `{}`, `{"need":3}`},
		{`query($n:Int){need(int:$n)}`, `{"n":null}`, refused},
		{`query($n:Int=5){need(int:$n)}`, `{}`, `{"need":5}`},
		{`query($n:Int=5){need(int:$n)}`, `{"n":null}`, refused},
		{`query($n:Int=5){need(int:$n)}`, `{"n":6}`, `{"need":6}`},
		{`query($n:Int=5){echo(list:[1,$n])}`, `{"n":null}`, refused},
		{`query($b:Boolean=true){hello@include(if:$b)}`, `{"b":null}`, refused},
		{`query($b:Boolean=true){hello@include(if:$b)}`, `{"b":false}`, `{}`},
		{`query($p:String="x"){choose(input:{email:"a",password:$p})}`, `{"p":null}`, refused},
		{`query($p:String="x"){...f}fragment f on Query{choose(input:{email:"a",password:$p})}`, `{"p":null}`, refused},
		{`query($n:[Int!]=7){echo(list:$n)}`, ``, `{"echo":"list=7"}`},
		{`query($c:Color){echo(inner:{color:RED,numbers:[1]} color:$c)}`, `{"c":null,"extra":"ignored"}`, `{"echo":"inner=map[color:RED numbers:[1]]"}`},
	} {
		r := query(t, h, c.doc, c.variables)
		switch {
		case c.want == refused && (r.code(t) != "BAD_USER_INPUT" || r.Data != nil):
			t.Errorf("%s with %s: %s, want it refused", c.doc, c.variables, r.Raw)
		case c.want != refused && string(r.Data) != c.want:
			t.Errorf("%s with %s: %s, want %s", c.doc, c.variables, r.Raw, c.want)
		}
	}
}

// TestDefaultsOfSeveralOperations: a fragment takes the defaults of the
// operation that runs, not of the one that was validated last.
func TestDefaultsOfSeveralOperations(t *testing.T) {
	h := newHandler(t, manyOperations)
	const doc = `query A($n:[Int!]){...f} query B($n:[Int!]=9){...f} fragment f on Query{echo(inner:{numbers:$n})}`
	for name, want := range map[string]string{"A": "inner=map[]", "B": "inner=map[numbers:9]"} {
		r := post(t, h, strings.TrimSuffix(bodyOf(doc, ""), "}")+`,"operationName":"`+name+`"}`)
		if string(r.Data) != `{"echo":"`+want+`"}` {
			t.Errorf("%s: %s, want %s", name, r.Raw, want)
		}
	}
	if r := query(t, h, doc, ""); r.Status != 400 || r.code(t) != "BAD_REQUEST" {
		t.Errorf("no name: %s", r.Raw)
	}
	// Only the operation that runs decides whether null is allowed.
	const apart = `query A($n:Int){echo(int:$n)} query B($n:Int=9){...f} fragment f on Query{need(int:$n)}`
	for name, refused := range map[string]bool{"A": false, "B": true} {
		r := post(t, h, strings.TrimSuffix(bodyOf(apart, `{"n":null}`), "}")+`,"operationName":"`+name+`"}`)
		if (r.code(t) == "BAD_USER_INPUT") != refused {
			t.Errorf("%s with null: %s, want it refused: %v", name, r.Raw, refused)
		}
	}
}

func TestOneOf(t *testing.T) {
	h := newHandler(t, nil)
	const literal, variable = "GRAPHQL_VALIDATION_FAILED", "BAD_USER_INPUT"
	for _, c := range []struct{ doc, variables, want string }{
		{`{pick(pick:{id:"i"})}`, "", ""},
		{`{pick(pick:{id:"i",name:"n"})}`, "", literal},
		{`{pick(pick:{id:"i",name:null})}`, "", literal},
		{`{pick(pick:{id:null})}`, "", literal},
		{`{pick(pick:{})}`, "", literal},
		{`query($p:Pick!){pick(pick:$p)}`, `{"p":{"name":"n"}}`, ""},
		{`query($p:Pick!){pick(pick:$p)}`, `{"p":{"id":"i","name":"n"}}`, variable},
		{`query($p:Pick!){pick(pick:$p)}`, `{"p":{"id":"i","name":null}}`, variable},
		{`query($p:Pick!){pick(pick:$p)}`, `{"p":{"id":null}}`, variable},
		{`query($p:Pick!){pick(pick:$p)}`, `{"p":{}}`, variable},
		{`query($n:String!){pick(pick:{name:$n})}`, `{"n":"n"}`, ""},
		{`query($n:String){pick(pick:{name:$n})}`, `{"n":"n"}`, literal},
		{`query($n:String!,$i:ID!){pick(pick:{name:$n,id:$i})}`, `{"n":"n","i":"i"}`, literal},
	} {
		if r := query(t, h, c.doc, c.variables); r.code(t) != c.want {
			t.Errorf("%s with %s: %s, want %s", c.doc, c.variables, r.Raw, c.want)
		}
	}
}
