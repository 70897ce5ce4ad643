package config

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"

	"github.com/alecthomas/kong"
)

// prefix begins the environment variable of every setting.
const prefix = "AUTHGRAPH_"

// source says where a value comes from.
type source string

const (
	fromDefault source = "default"
	fromFile    source = "file"
	fromEnv     source = "environment"
	fromFlag    source = "flag"
)

// Value is one setting. kong puts the text of a flag into it; the rest is known
// once the settings are resolved. It prints as nothing.
type Value struct {
	flag  string
	given bool // by a flag

	row  *row
	text string
	from source
	bad  bool // a mistake of it has been told
}

// Switch is a setting that is on or off; its flag needs no value.
type Switch struct{ Value }

// errNoValue does not quote what stands instead of a value: it may be a secret
// that begins with a hyphen.
var errNoValue = errors.New("needs a value; a value that begins with - is written --name=value")

// Decode takes the text of a flag, for kong. A list may be given in several
// flags; elsewhere the last one counts.
func (v *Value) Decode(ctx *kong.DecodeContext) error {
	token, err := ctx.Scan.PopValue("")
	if err != nil {
		return errNoValue
	}
	v.take(ctx, token.String())
	return nil
}

// Decode takes the text of a flag, for kong: on if there is none.
func (v *Switch) Decode(ctx *kong.DecodeContext) error {
	text := "true"
	if ctx.Scan.Peek().Type == kong.FlagValueToken {
		text = ctx.Scan.Pop().String()
	}
	v.take(ctx, text)
	return nil
}

// IsBool tells kong that the flag needs no value.
func (*Switch) IsBool() bool { return true }

func (v *Value) take(ctx *kong.DecodeContext, text string) {
	if v.given && ctx.Value.Tag.Has("list") {
		text = v.flag + "," + text
	}
	v.flag, v.given = text, true
}

// Format writes a fixed word whatever the verb, so that settings in a log line
// or an error tell no secret.
func (v Value) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[setting]") }

// Format is that of Value.
func (v Switch) Format(f fmt.State, verb rune) { v.Value.Format(f, verb) }

// set reports whether somebody chose the value.
func (v *Value) set() bool { return v.from != fromDefault }

// row is a line of the table, as the tags of a field say it.
type row struct {
	index               int
	group               string // the heading it stands under
	name                string // without prefix
	flag                string
	def, derived, help  string
	least, most         string
	of                  string // the setting whose file this names
	path                string
	secret, list, empty bool
}

// field is a setting with its row.
type field struct {
	row   row
	value *Value
}

// fields lists the settings in the order of the table.
func (s *Settings) fields() []field {
	var fields []field
	groups := reflect.ValueOf(s).Elem()
	for g := range groups.NumField() {
		group, heading := groups.Field(g), groups.Type().Field(g).Tag.Get("group")
		for i := range group.NumField() {
			var value *Value
			switch f := group.Field(i).Addr().Interface().(type) {
			case *Value:
				value = f
			case *Switch:
				value = &f.Value
			}
			row := newRow(group.Type().Field(i).Tag)
			row.index, row.group = len(fields), heading
			fields = append(fields, field{row, value})
		}
	}
	return fields
}

func newRow(tag reflect.StructTag) row {
	has := func(key string) bool { _, ok := tag.Lookup(key); return ok }
	least, most, _ := strings.Cut(tag.Get("range"), "..")
	return row{
		flag: tag.Get("name"),
		name: strings.ToUpper(strings.ReplaceAll(tag.Get("name"), "-", "_")),
		def:  tag.Get("def"), derived: tag.Get("derived"), help: tag.Get("help"),
		least: least, most: most, of: tag.Get("of"), path: tag.Get("path"),
		secret: has("secret"), list: has("list"), empty: has("empty"),
	}
}

// Options are how a command line that embeds Settings is to be parsed: the
// help of each flag tells its default and its environment variable.
func Options() []kong.Option {
	return []kong.Option{
		kong.ValueFormatter(func(v *kong.Value) string {
			if !isSetting(v) {
				return kong.DefaultHelpValueFormatter(v)
			}
			name := prefix + strings.ToUpper(strings.ReplaceAll(v.Name, "-", "_"))
			if derived := v.Tag.Get("derived"); derived != "" {
				return fmt.Sprintf("%s Default: %s. ($%s)", v.Help, derived, name)
			}
			return fmt.Sprintf("%s ($%s)", v.Help, name)
		}),
		kong.PostBuild(func(k *kong.Kong) error {
			for _, flag := range k.Model.Flags {
				if def := flag.Tag.Get("def"); def != "" && isSetting(flag.Value) {
					flag.PlaceHolder = def
				} else if isSetting(flag.Value) {
					flag.PlaceHolder = "…"
				}
			}
			return nil
		}),
	}
}

func isSetting(v *kong.Value) bool {
	switch v.Target.Interface().(type) {
	case Value, Switch:
		return true
	}
	return false
}
