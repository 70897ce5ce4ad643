package edge

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// value coerces a value to a type. Maps and lists are changed in place: they
// belong to the request.
func (c coercer) value(t *ast.Type, v any) (any, *problem) {
	if v == nil {
		if t.NonNull {
			return nil, wrong("must not be null")
		}
		return nil, nil
	}
	if t.Elem != nil {
		return c.list(t.Elem, v)
	}
	def := c.schema.Types[t.NamedType]
	switch def.Kind {
	case ast.Enum:
		if s, ok := v.(string); ok && def.EnumValues.ForName(s) != nil {
			return s, nil
		}
		return nil, wrong("must be a value of " + def.Name)
	case ast.InputObject:
		return c.object(def, v)
	}
	return scalar(def.Name, v)
}

// list coerces a list. A value that is not a list becomes a list of itself.
func (c coercer) list(t *ast.Type, v any) (any, *problem) {
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	for i := range list {
		var p *problem
		if list[i], p = c.value(t, list[i]); p != nil {
			if ok {
				p = p.in(strconv.Itoa(i))
			}
			return nil, p
		}
	}
	return list, nil
}

func (c coercer) object(def *ast.Definition, v any) (any, *problem) {
	members, ok := v.(map[string]any)
	if !ok {
		return nil, wrong("must be an object")
	}
	known := 0
	for _, f := range def.Fields {
		value, ok := members[f.Name]
		if !ok {
			if f.Type.NonNull && f.DefaultValue == nil {
				return nil, wrong("is required").in(f.Name)
			}
			continue
		}
		known++
		var p *problem
		if members[f.Name], p = c.value(f.Type, value); p != nil {
			return nil, p.in(f.Name)
		}
	}
	if known < len(members) {
		return nil, wrong("has a field that " + def.Name + " does not define")
	}
	if isOneOf(def) && (known != 1 || onlyValue(members) == nil) {
		return nil, wrong("must have exactly one field, not null")
	}
	return members, nil
}

func onlyValue(members map[string]any) any {
	for _, v := range members {
		return v
	}
	return nil
}

// scalar coerces to the built-in scalars (section 3.5). Other scalars read
// their values themselves, and get numbers as json.Number.
func scalar(name string, v any) (any, *problem) {
	switch name {
	case "Int":
		if n, ok := v.(json.Number); ok {
			if i, ok := integer(n); ok {
				return i, nil
			}
		}
		return nil, wrong("must be an Int of 32 bits")
	case "Float":
		if n, ok := v.(json.Number); ok {
			if f, err := n.Float64(); err == nil {
				return f, nil
			}
		}
		return nil, wrong("must be a Float")
	case "String":
		if s, ok := v.(string); ok {
			return s, nil
		}
		return nil, wrong("must be a String")
	case "Boolean":
		if b, ok := v.(bool); ok {
			return b, nil
		}
		return nil, wrong("must be a Boolean")
	case "ID":
		switch v := v.(type) {
		case string:
			return v, nil
		case json.Number:
			if !strings.ContainsAny(string(v), ".eE") {
				return string(v), nil
			}
		}
		return nil, wrong("must be an ID: a string or an integer")
	}
	return v, nil
}

// integer reads a number without a fraction in any spelling. JSON does not
// distinguish 1 from 1.0, and JavaScript may write either.
func integer(n json.Number) (int64, bool) {
	if i, err := strconv.ParseInt(string(n), 10, 32); err == nil {
		return i, true
	}
	f, err := n.Float64()
	if err != nil || f != math.Trunc(f) || f < math.MinInt32 || f > math.MaxInt32 {
		return 0, false
	}
	return int64(f), true
}
