package profile

import (
	"encoding/json"
	"maps"
	"math"
	"regexp"
	"strings"
	"testing"
)

var fields = &Schema{Fields: []Field{
	{Name: "name", Kind: String, Editable: true, MaxLength: 3},
	{Name: "code", Kind: ID, Editable: true, Pattern: regexp.MustCompile("^[A-Z]+$")},
	{Name: "year", Kind: Int, Editable: true, Min: new(1900.0), Max: new(2030.0)},
	{Name: "score", Kind: Float, Editable: true},
	{Name: "terms", Kind: Boolean, Editable: true, Required: true, Once: true},
	{Name: "seen", Kind: DateTime, Editable: true},
	{Name: "likes", Kind: Enum, List: true, Values: []string{"ART", "SPORT"}, Editable: true, MaxItems: 2},
	{Name: "tags", Kind: String, List: true, Editable: true},
	{Name: "plan", Kind: Enum, Values: []string{"FREE"}},
	{Name: "note", Kind: String, Hidden: true},
}}

func TestCheck(t *testing.T) {
	present := Document{"terms": json.RawMessage("true")}
	for name, test := range map[string]struct {
		field string
		value any
		want  string // what is stored, or
		wrong Problem
	}{
		"text":                            {"name", "äöü", `"äöü"`, Fine},
		"text that is not escaped":        {"tags", []any{"<&>"}, `["<&>"]`, Fine},
		"more characters than allowed":    {"name", "äöüß", "", TooLong},
		"null clears":                     {"name", nil, "null", Fine},
		"a control character":             {"name", "a\x00", "", Malformed},
		"broken text":                     {"name", "\xff", "", Malformed},
		"lines":                           {"tags", []any{"a\nb\tc"}, `["a\nb\tc"]`, Fine},
		"a pattern":                       {"code", "ABC", `"ABC"`, Fine},
		"not the pattern":                 {"code", "abc", "", Malformed},
		"a literal number for an ID":      {"code", int64(7), "", Malformed}, // of the pattern
		"a number for a text":             {"name", int64(7), "", Malformed},
		"the least number":                {"year", int64(1900), "1900", Fine},
		"below":                           {"year", int64(1899), "", Malformed},
		"above":                           {"year", int64(2031), "", Malformed},
		"a fraction for an Int":           {"year", 1999.5, "", Malformed},
		"a whole Float for an Int":        {"year", 1999.0, "1999", Fine},
		"a Float":                         {"score", 1.5, "1.5", Fine},
		"an Int literal for a Float":      {"score", int64(2), "2", Fine},
		"a text for a Float":              {"score", "2", "", Malformed},
		"the same again, though set once": {"terms", true, "true", Fine},
		"another, though set once":        {"terms", false, "", Fixed},
		"null for what is required":       {"terms", nil, "", Missing},
		"a time, in UTC":                  {"seen", "2026-01-02T03:04:05.1234567+01:00", `"2026-01-02T02:04:05.123456Z"`, Fine},
		"a time without a zone":           {"seen", "2026-01-02T03:04:05", "", Malformed},
		"an empty time":                   {"seen", "", "", Malformed},
		"a list":                          {"likes", []any{"ART", "SPORT"}, `["ART","SPORT"]`, Fine},
		"one value for a list":            {"likes", "ART", `["ART"]`, Fine},
		"an empty list":                   {"likes", []any{}, "[]", Fine},
		"too many items":                  {"likes", []any{"ART", "ART", "ART"}, "", TooLong},
		"a value that the enum lacks":     {"likes", []any{"art"}, "", Malformed},
		"null in a list":                  {"likes", []any{nil}, "", Malformed},
		"a list in a list":                {"tags", []any{[]any{"a"}}, "", Malformed},
		"an object":                       {"tags", map[string]any{"a": 1}, "", Malformed},
		"more items than any list":        {"tags", make51(), "", TooLong},
		"a field for administrators":      {"plan", "FREE", "", Malformed},
		"a hidden field":                  {"note", "x", "", Malformed},
		"a field that is not there":       {"__proto__", "x", "", Malformed},
		"more text than all together":     {"tags", []any{strings.Repeat("x", MaxText+1)}, "", TooLong},
	} {
		changes, wrong := fields.Check(Given{test.field: test.value}, present, false)
		if test.wrong == Fine {
			if got := string(changes[test.field]); len(wrong) > 0 || got != test.want || len(changes) != 1 {
				t.Errorf("%s: stored as %s, %v; want %s", name, got, wrong, test.want)
			}
		} else if len(wrong) != 1 || wrong[0] != (Mistake{test.field, test.wrong}) || len(changes) > 0 {
			t.Errorf("%s: %v with %v, want %v alone", name, wrong, changes, test.wrong)
		}
	}
}

func make51() []any {
	items := make([]any, MaxItems+1)
	for i := range items {
		items[i] = "x"
	}
	return items
}

func TestCheckAtTheBeginning(t *testing.T) {
	for name, test := range map[string]struct {
		given Given
		want  Problem
	}{
		"nothing said":          {nil, Missing},
		"something else said":   {Given{"name": "Ann"}, Missing},
		"null said":             {Given{"terms": nil}, Missing},
		"what is required said": {Given{"terms": false}, Fine},
	} {
		_, wrong := fields.Check(test.given, nil, true)
		if (test.want == Fine) != (len(wrong) == 0) || len(wrong) > 0 && wrong[0] != (Mistake{"terms", test.want}) {
			t.Errorf("%s: %v, want %v", name, wrong, test.want)
		}
	}
}

// What was stored for other fields is kept, and shown only where it fits.
func TestShown(t *testing.T) {
	d, err := Parse(`{"name":"longer than allowed now","year":1800,"score":"high","terms":1,"seen":"soon","likes":["ART","CHESS"],"tags":[null],"plan":"PRO","gone":{"a":1}}`)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{"name": true, "year": true} // bounds are for what is typed
	for i := range fields.Fields {
		f := &fields.Fields[i]
		_, shown := f.Shown(d)
		if shown != want[f.Name] {
			t.Errorf("%s is shown: %t, want %t", f.Name, shown, want[f.Name])
		}
		if _, stored := d[f.Name]; f.Fits(d) != (shown || !stored) {
			t.Errorf("%s fits: %t", f.Name, f.Fits(d))
		}
	}
	next := d.With(Document{"name": null, "year": json.RawMessage("1990")}).Text()
	if strings.Contains(next, "longer") || !strings.Contains(next, `"year":1990`) || !strings.Contains(next, `"gone":{"a":1}`) {
		t.Errorf("after a change: %s", next)
	}
}

// An Int is written as one, whatever somebody else has stored.
func TestIntIsShownAsOne(t *testing.T) {
	years := &Schema{Fields: []Field{{Name: "year", Kind: Int, Editable: true}, {Name: "years", Kind: Int, List: true}, {Name: "score", Kind: Float}}}
	values, err := Read(`{"year":1990.0,"years":[1.99e3,-0, 7],"score":1.50}`)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"year": "1990", "years": "[1990,0,7]", "score": "1.50"} {
		f := years.Field(name)
		got, _ := values.Shown(f)
		slow, _ := f.Shown(values.Document())
		if string(got) != want || string(slow) != want {
			t.Errorf("%s is shown as %s and %s, want %s", name, got, slow, want)
		}
	}
	if changes, _ := years.Check(Given{"year": math.Copysign(0, -1)}, nil, false); string(changes["year"]) != "0" {
		t.Errorf("-0 is stored as %s", changes["year"])
	}
}

func TestTooLong(t *testing.T) {
	room := MaxText - len(`{"tags":""}`)
	others := Document{"note": encoded(strings.Repeat("x", MaxText)), "plan": encoded("FREE"), "gone": encoded(strings.Repeat("x", MaxText))}
	for n, want := range map[int]bool{room: false, room + 1: true} {
		d := Document{"tags": encoded(strings.Repeat("x", n))}
		if fields.TooLong(d) != want || fields.TooLong(d.With(others)) != want {
			t.Errorf("%d bytes are too long: %t, with fields of others %t", n, fields.TooLong(d), fields.TooLong(d.With(others)))
		}
	}
}

// Everybody who reads says the same as encoding/json, whoever wrote the text: of two
// members of one name, the last counts.
func TestRead(t *testing.T) {
	for _, text := range []string{
		`{}`, ` { } `, `{"name":"a"}`, `{"name":"a\"b,}","score":-1.5e3,"tags":["x","]"],"gone":{"a":[{"b":"}"}]},"terms":true,"year":null}`,
		"{ \"name\" : \"a\",\n\"score\": 1 }", `{"name":"a","score":1,"name":"b","name":"c"}`, `{"name":"a", "name":"b"}`, `{"name": "a"}`, `{"name":"a" }`, `{"name":"a" ,"score":1}`, `{"tags":["a", "b"]}`, ``, `null`, ` null`, `{"\u006eame":"a"}`, `{"name":"\\","score":1}`, `{"":1,"name":"a"}`,
	} {
		document := Document{}
		if err := json.Unmarshal([]byte(text), &document); err != nil && text != "" {
			t.Fatal(err)
		}
		values, err := Read(text)
		if err != nil {
			t.Errorf("Read(%s) = %v", text, err)
		}
		if parsed, err := Parse(text); err != nil || !maps.EqualFunc(parsed, document, func(a, b json.RawMessage) bool { return string(a) == string(b) }) {
			t.Errorf("Parse(%s) = %s, %v; want %s", text, parsed, err, document)
		}
		for i := range fields.Fields {
			f := &fields.Fields[i]
			slow, is := f.Shown(document)
			quick, also := values.Shown(f)
			if is != also || string(slow) != string(quick) {
				t.Errorf("%s of %s: %s (%t), want %s (%t)", f.Name, text, quick, also, slow, is)
			}
		}
	}
	for _, text := range []string{"{", " ", `{"a":}`, "[1]", `"x"`, `{"a":1}}`, "{\"name\":\"\xff\"}", `{"a":1}{"a":2}`} {
		if values, err := Read(text); err == nil {
			t.Errorf("Read(%s) = %v", text, values)
		}
		if document, err := Parse(text); err == nil {
			t.Errorf("Parse(%s) = %v", text, document)
		}
	}
}

// What is stored is in UTC, and so are the years that can be.
func TestMomentsEndInUTC(t *testing.T) {
	times := &Schema{Fields: []Field{{Name: "at", Kind: DateTime, Editable: true}}}
	for text, want := range map[string]bool{
		"9999-12-31T23:59:59Z": true, "0001-01-01T00:00:00Z": true, "9999-12-31T23:59:59-12:00": false, "0001-01-01T00:00:00+14:00": false,
	} {
		if _, wrong := times.Check(Given{"at": text}, nil, false); (len(wrong) == 0) != want {
			t.Errorf("%s: %v", text, wrong)
		}
	}
}
