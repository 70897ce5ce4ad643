package profile

import (
	"bytes"
	"encoding/json"
	"maps"
	"math"
	"strconv"
	"time"
)

// Document is what is stored of an account: JSON values by the names of fields.
// A field that was taken out of the operator's file stays in it, unseen.
type Document map[string]json.RawMessage

var null = json.RawMessage("null")

// Empty is the text of a document without values.
const Empty = "{}"

// With returns the document with the changes. What a change sets to null is left
// out.
func (d Document) With(changes Document) Document {
	next := maps.Clone(d)
	if next == nil {
		next = Document{}
	}
	for name, value := range changes {
		if isNull(value) {
			delete(next, name)
		} else {
			next[name] = value
		}
	}
	return next
}

// Text is how the document is stored.
func (d Document) Text() string {
	if len(d) == 0 {
		return Empty
	}
	return string(encoded(d))
}

// TooLong reports that the fields that their owner sets are too long together. It
// counts no other ones: the answer would tell the owner how long they are.
func (s *Schema) TooLong(d Document) bool {
	theirs := Document{}
	for i := range s.Fields {
		f := &s.Fields[i]
		if raw, some := d[f.Name]; some && f.Editable {
			theirs[f.Name] = raw
		}
	}
	return len(theirs.Text()) > MaxText
}

// Shown is a stored value of a field, if it fits the type that the field has
// now. Its bounds are for what is typed, and may have been others before.
func (f *Field) Shown(d Document) (json.RawMessage, bool) { return f.shown(d[f.Name]) }

func (f *Field) shown(raw json.RawMessage) (json.RawMessage, bool) {
	if isNull(raw) || !f.fits(raw) {
		return nil, false
	}
	if f.Kind == Int {
		return f.whole(raw), true
	}
	return raw, true
}

// whole writes what fits an Int without fraction and exponent: somebody else may
// have stored 1990.0, which is no Int for every client.
func (f *Field) whole(raw json.RawMessage) json.RawMessage {
	if !bytes.ContainsAny(raw, ".eE") && !bytes.Contains(raw, []byte("-0")) {
		return raw
	}
	if !f.List {
		return encoded(wholeNumber(raw))
	}
	var items []json.RawMessage
	if json.Unmarshal(raw, &items) != nil {
		return null // it fits, and so it is a list
	}
	numbers := make([]int64, len(items))
	for i, item := range items {
		numbers[i] = wholeNumber(item)
	}
	return encoded(numbers)
}

func wholeNumber(raw json.RawMessage) int64 {
	n, err := strconv.ParseFloat(string(raw), 64)
	if err != nil {
		return 0 // it fits, and so it is a number
	}
	return int64(n)
}

// Fits reports that the stored value of a field, if there is one, can be shown.
func (f *Field) Fits(d Document) bool { return isNull(d[f.Name]) || f.fits(d[f.Name]) }

func (f *Field) fits(raw json.RawMessage) bool {
	if !f.List {
		return f.fitsOne(raw)
	}
	var items []json.RawMessage
	if raw[0] != '[' || json.Unmarshal(raw, &items) != nil || len(items) > MaxItems {
		return false
	}
	for _, item := range items {
		if isNull(item) || !f.fitsOne(item) {
			return false
		}
	}
	return true
}

func (f *Field) fitsOne(raw json.RawMessage) bool {
	first := raw[0]
	switch f.Kind {
	case Boolean:
		return first == 't' || first == 'f'
	case Int, Float:
		var n float64
		if first == '"' || json.Unmarshal(raw, &n) != nil {
			return false
		}
		return f.Kind == Float || n == math.Trunc(n) && n >= math.MinInt32 && n <= math.MaxInt32
	case String, ID:
		return first == '"'
	case DateTime, Enum:
		var text string
		if first != '"' || json.Unmarshal(raw, &text) != nil {
			return false
		}
		if f.Kind == Enum {
			return f.has(text)
		}
		_, err := time.Parse(time.RFC3339Nano, text)
		return err == nil
	}
	return false
}

func isNull(raw json.RawMessage) bool { return len(raw) == 0 || bytes.Equal(raw, null) }

// encoded is a value as JSON. Everything that is encoded here can be.
func encoded(v any) json.RawMessage {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
