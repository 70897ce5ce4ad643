package profile

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Given is what a person typed, by the names of fields: text, bool, int64,
// float64, nil, and lists of them. What is left out stays as it is.
type Given map[string]any

// Problem is what is wrong with a value.
type Problem int8

// The problems.
const (
	Fine Problem = iota
	Missing
	Malformed
	TooLong
	Fixed // it was set before, and stays
)

// Mistake is a problem of one field. Field is empty for a problem of all values
// together.
type Mistake struct {
	Field   string
	Problem Problem
}

// mostMistakes are told at once.
const mostMistakes = 20

// Check reads what a person typed. The result has the values that change, as
// they are stored; null clears a field. present is what is stored so far. begin
// says that the account begins, so that required fields must be there.
//
// A field that is not declared, or not for its owner to set, is malformed.
// GraphQL refuses it before.
func (s *Schema) Check(given Given, present Document, begin bool) (Document, []Mistake) {
	changes, wrong := Document{}, []Mistake(nil)
	tell := func(field string, p Problem) {
		if p != Fine && len(wrong) < mostMistakes {
			wrong = append(wrong, Mistake{field, p})
		}
	}
	for name := range given {
		if f := s.Field(name); f == nil || !f.Editable {
			tell(name, Malformed)
		}
	}
	for i := range s.Fields {
		f := &s.Fields[i]
		if !f.Editable {
			continue
		}
		value, some := given[f.Name]
		if some || begin && f.Required {
			raw, problem := f.check(value, present[f.Name])
			if problem == Fine && some {
				changes[f.Name] = raw
			}
			tell(f.Name, problem)
		}
	}
	return changes, wrong
}

// check reads one value. before is the stored one.
func (f *Field) check(value any, before json.RawMessage) (json.RawMessage, Problem) {
	if f.Required && isBlank(value) {
		return nil, Missing
	}
	raw, problem := f.read(value)
	if problem == Fine && f.Once && !isNull(before) && string(before) != string(raw) {
		return nil, Fixed
	}
	return raw, problem
}

func (f *Field) read(value any) (json.RawMessage, Problem) {
	switch {
	case value == nil:
		return null, Fine
	case !f.List:
		return f.one(value)
	}
	items, ok := value.([]any)
	if !ok {
		items = []any{value} // GraphQL takes a single value for a list of it
	}
	if len(items) > f.mostItems() {
		return nil, TooLong
	}
	list := make([]json.RawMessage, len(items))
	for i, item := range items {
		raw, problem := f.one(item)
		if problem != Fine {
			return nil, problem
		}
		list[i] = raw
	}
	return encoded(list), Fine
}

func (f *Field) mostItems() int {
	if f.MaxItems > 0 {
		return min(f.MaxItems, MaxItems)
	}
	return MaxItems
}

// one reads a value that is not a list.
func (f *Field) one(value any) (json.RawMessage, Problem) {
	switch f.Kind {
	case Boolean:
		if b, ok := value.(bool); ok {
			return encoded(b), Fine
		}
	case Int, Float:
		if n, ok := number(value); ok {
			return f.number(n)
		}
	case DateTime:
		if text, ok := value.(string); ok {
			return moment(text)
		}
	case ID:
		if n, ok := value.(int64); ok {
			value = strconv.FormatInt(n, 10) // a literal
		}
		fallthrough
	default:
		if text, ok := value.(string); ok {
			return f.text(text)
		}
	}
	return nil, Malformed
}

func number(value any) (float64, bool) {
	switch n := value.(type) {
	case int64:
		return float64(n), true
	case int:
		return float64(n), true
	case float64:
		return n, true
	case json.Number:
		f, err := n.Float64()
		return f, err == nil
	}
	return 0, false
}

func (f *Field) number(n float64) (json.RawMessage, Problem) {
	whole := n == math.Trunc(n) && n >= math.MinInt32 && n <= math.MaxInt32
	if f.Kind == Int && !whole || math.IsNaN(n) || math.IsInf(n, 0) ||
		f.Min != nil && n < *f.Min || f.Max != nil && n > *f.Max {
		return nil, Malformed
	}
	if f.Kind == Int {
		return encoded(int64(n)), Fine // and not -0
	}
	return encoded(n), Fine
}

func moment(text string) (json.RawMessage, Problem) {
	t, err := time.Parse(time.RFC3339Nano, text)
	t = t.UTC()
	if err != nil || t.Year() < 1 || t.Year() > 9999 {
		return nil, Malformed
	}
	return encoded(t.Truncate(time.Microsecond).Format("2006-01-02T15:04:05.999999Z")), Fine
}

func (f *Field) text(text string) (json.RawMessage, Problem) {
	switch {
	case f.Kind == Enum && !f.has(text), !utf8.ValidString(text), strings.ContainsFunc(text, isControl):
		return nil, Malformed
	case f.MaxLength > 0 && utf8.RuneCountInString(text) > f.MaxLength, len(text) > MaxText:
		return nil, TooLong
	case f.Pattern != nil && !f.Pattern.MatchString(text):
		return nil, Malformed
	}
	return encoded(text), Fine
}

func (f *Field) has(value string) bool {
	for _, one := range f.Values {
		if one == value {
			return true
		}
	}
	return false
}

// isControl reports a character that no form takes. Lines and tabs are text.
func isControl(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' }

// isBlank reports that there is no value: null, white space, or an empty list.
func isBlank(value any) bool {
	switch v := value.(type) {
	case nil:
		return true
	case string:
		return strings.TrimSpace(v) == ""
	case []any:
		return len(v) == 0
	}
	return false
}

// Accept reads what the operator brings of a person: any field, also one that its
// owner cannot set. None must be there, since there are accounts from before a
// field was declared.
func (s *Schema) Accept(given Given) (Document, []Mistake) {
	document, wrong := Document{}, []Mistake(nil)
	for name, value := range given {
		f := s.Field(name)
		if f == nil {
			wrong = append(wrong, Mistake{name, Malformed})
			continue
		}
		raw, problem := f.read(value)
		if problem != Fine {
			wrong = append(wrong, Mistake{name, problem})
		} else if value != nil {
			document[name] = raw
		}
	}
	return document, wrong[:min(len(wrong), mostMistakes)]
}
