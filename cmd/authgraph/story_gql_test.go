package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/authgraph/authgraph/graph"
	"github.com/authgraph/authgraph/graph/graphtest"
	"github.com/authgraph/authgraph/graph/profile"
)

// argument forms, as in httpie: Header:value, name=text, name:=JSON. as=TOKEN
// is the bearer, at=replica sends the request there.
var (
	headerForm = regexp.MustCompile(`(?s)^([A-Z][A-Za-z0-9-]*):(.*)$`)
	fieldForm  = regexp.MustCompile(`(?s)^([a-z][A-Za-z0-9.]*)(:?=)(.*)$`)
)

// arguments reads headers, and fields into an object; a dot in a name leads
// into an object below.
func arguments(ts *testscript.TestScript, args []string) (header http.Header, fields map[string]any) {
	header, fields = http.Header{"Content-Type": {"application/json"}}, map[string]any{}
	for _, arg := range args {
		if m := headerForm.FindStringSubmatch(arg); m != nil {
			header[http.CanonicalHeaderKey(m[1])] = append(header[http.CanonicalHeaderKey(m[1])], m[2])
			continue
		}
		m := fieldForm.FindStringSubmatch(arg)
		if m == nil {
			ts.Fatalf("%q is neither Header:value nor name=text nor name:=JSON", arg)
		}
		if m[1] == "as" {
			header.Set("Authorization", "Bearer "+m[3])
			continue
		}
		if m[1] == "at" {
			continue // operation sees to it
		}
		var value any = m[3]
		if m[2] == ":=" {
			ts.Check(json.Unmarshal([]byte(m[3]), &value))
		}
		put(fields, strings.Split(m[1], "."), value)
	}
	return header, fields
}

func put(object map[string]any, path []string, value any) {
	if len(path) == 1 {
		object[path[0]] = value
		return
	}
	below, ok := object[path[0]].(map[string]any)
	if !ok {
		below = map[string]any{}
		object[path[0]] = below
	}
	put(below, path[1:], value)
}

// operation is `NAME [name=text | name:=JSON | Header:value | as=TOKEN]…`: an
// operation of the schema, whose fields go below its input.
func (s *story) operation(ts *testscript.TestScript, args []string) message {
	text, ok := documents(ts)[args[0]]
	if !ok {
		ts.Fatalf("the schema has no operation %s", args[0])
	}
	header, fields := arguments(ts, args[1:])
	s.secrets.collect(fields)
	variables := map[string]any{}
	if strings.Contains(text, "Input!)") || len(fields) > 0 {
		variables["input"] = fields
	}
	m := post(text, variables, header)
	if slices.Contains(args, "at=replica") {
		m.at = ts.Getenv("REPLICA")
	}
	return m
}

func post(document string, variables map[string]any, header http.Header) message {
	body, err := json.Marshal(map[string]any{"query": document, "variables": variables})
	if err != nil {
		panic(err) // what came from JSON, or is text, marshals
	}
	return message{method: http.MethodPost, path: "/graphql", header: header, body: string(body)}
}

// profileFields are those of testdata/profile.graphqls, which stories may use as
// $PROFILE.
var profileFields = sync.OnceValue(func() *profile.Definition {
	fields, err := readProfile("testdata/profile.graphqls")
	if err != nil {
		panic(err)
	}
	return fields
})

func sdlOf(fields *profile.Definition) string {
	sdl, err := graph.SDL(fields)
	if err != nil {
		panic(err)
	}
	return sdl
}

// schema is the published one, with profile fields.
var schema = sync.OnceValue(func() *ast.Schema {
	return gqlparser.MustLoadSchema(&ast.Source{Input: sdlOf(profileFields())})
})

// plainSchema is the published one where there are no profile fields.
var plainSchema = sync.OnceValue(func() *ast.Schema {
	return gqlparser.MustLoadSchema(&ast.Source{Input: sdlOf(nil)})
})

// documents are those of the operations that the story's server has.
func documents(ts *testscript.TestScript) map[string]string {
	if ts.Getenv("AUTHGRAPH_PROFILE") != "" {
		return graphtest.Operations(schema())
	}
	return graphtest.Operations(plainSchema())
}

// gql OPERATION … runs an operation that must be done.
func (s *story) gql(ts *testscript.TestScript, args []string) {
	usage(ts, len(args) > 0, "gql OPERATION [name=text | name:=JSON | Header:value | as=TOKEN]…")
	s.ask(ts, args[0], s.operation(ts, args))
	if codes := s.last.codes(); len(codes) > 0 {
		ts.Fatalf("%s is refused: %v", args[0], codes)
	}
}

// refuses CODE[@field][,CODE…] OPERATION … runs an operation that must be
// refused for just these reasons. With top-level codes goes what the client is
// told of them, as in UNAUTHENTICATED/EXPIRED.
func (s *story) refuses(ts *testscript.TestScript, args []string) {
	usage(ts, len(args) > 1, "refuses CODE[@field][,CODE…] OPERATION …")
	s.ask(ts, args[1], s.operation(ts, args[1:]))
	if got := strings.Join(s.last.codes(), ","); got != args[0] {
		ts.Fatalf("%s is refused with %q, want %q", args[1], got, args[0])
	}
	s.last.checkNothingDone(ts)
}

// query DOCUMENT [name=text | name:=JSON | Header:value | as=TOKEN]… runs any
// document, whatever comes of it.
func (s *story) query(ts *testscript.TestScript, args []string) {
	usage(ts, len(args) > 0, "query DOCUMENT …")
	header, fields := arguments(ts, args[1:])
	s.secrets.collect(fields)
	s.ask(ts, "", post(args[0], fields, header))
}

// ask sends GraphQL and reads the answer, which must be one.
func (s *story) ask(ts *testscript.TestScript, operation string, m message) {
	s.last = s.send(ts, m)
	s.last.operation = operation
	fmt.Fprintf(ts.Stdout(), "%s\n", s.last.body)
	s.last.check(ts)
	s.secrets.checkEcho(ts, s.last.body)
	if err := s.last.decode(); err != nil {
		ts.Fatalf("%d %v: %s", s.last.status, err, s.last.body)
	}
	s.met.note(ts, s.last)
	s.secrets.collect(s.last.json.Data)
}

func (a *answer) decode() error {
	if a.status != http.StatusOK {
		return fmt.Errorf("status %d", a.status)
	}
	dec := json.NewDecoder(bytes.NewReader(a.body))
	dec.UseNumber()
	return dec.Decode(&a.json)
}
