package config

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// Mistake is what is wrong with one setting. No part of it is secret.
type Mistake struct {
	Name string // of the setting, as AUTHGRAPH_MODE
	By   string // where a value that is not from the environment was set
	Text string

	index int
}

// String is the mistake as a line.
func (m Mistake) String() string { return m.Name + m.By + ": " + m.Text }

// Mistakes is everything that is wrong with the settings, in the order of the
// table.
type Mistakes []Mistake

// Error tells one mistake a line.
func (m Mistakes) Error() string {
	lines := make([]string, len(m))
	for i := range m {
		lines[i] = m[i].String()
	}
	return strings.Join(lines, "\n")
}

// reader collects mistakes while settings are read.
type reader struct {
	fields   []field
	env      map[string]string // the program's own variables, without prefix
	file     []member          // the settings file
	mistakes Mistakes
	declared []*declared // the providers
}

// wrong tells a mistake, the first one of each setting.
func (r *reader) wrong(v *Value, format string, args ...any) {
	if v.bad {
		return
	}
	v.bad = true
	by := ""
	switch v.from {
	case fromFlag:
		by = " (set by --" + v.row.flag + ")"
	case fromFile:
		by = " (set in the file)"
	}
	r.mistakes = append(r.mistakes, Mistake{
		Name: prefix + v.row.name, By: by, Text: fmt.Sprintf(format, args...), index: v.row.index,
	})
}

// err returns all mistakes, if any.
func (r *reader) err() error {
	if len(r.mistakes) == 0 {
		return nil
	}
	slices.SortStableFunc(r.mistakes, func(a, b Mistake) int { return cmp.Compare(a.index, b.index) })
	return r.mistakes
}

// resolve gives every setting its text. Names that no setting has are told once
// all rows are known.
func (s *Settings) resolve(environ []string) *reader {
	r := &reader{fields: s.fields(), env: own(environ)}
	give := func(f *field) { r.give(f.value, &f.row) }
	first := slices.IndexFunc(r.fields, func(f field) bool { return f.value == &s.ConfigFile })
	give(&r.fields[first]) // the others may be in that file
	r.settingsFile(&s.ConfigFile)
	for i := range r.fields {
		if i != first {
			give(&r.fields[i])
		}
	}
	families(r, &s.Providers)
	for _, f := range r.fields {
		if f.row.of != "" {
			r.secretFile(r.field(f.row.of).value, f.value)
		}
	}
	r.strangers()
	return r
}

// give finds the text of a setting: from its flag, else the environment, else
// the settings file, else its default. White space around it does not count.
func (r *reader) give(v *Value, row *row) {
	*v = Value{flag: v.flag, given: v.given, row: row, text: row.def, from: fromDefault}
	if m := r.member(row.name); m != nil {
		if text, err := m.text(row.list); err != nil {
			r.inFile(m.key, err.Error())
		} else {
			v.text, v.from = text, fromFile
		}
	}
	if text, ok := r.env[row.name]; ok {
		v.text, v.from = text, fromEnv
	}
	if v.given {
		v.text, v.from = v.flag, fromFlag
	}
	if v.text = bare(v.text); v.set() && v.text == "" && !row.empty {
		r.wrong(v, "is set but empty")
	}
	if err := written(v.text); err != nil && v.set() {
		r.wrong(v, "%v", err)
	}
}

// own picks the program's own variables. An empty one counts as unset: what
// starts containers often cannot leave one out.
func own(environ []string) map[string]string {
	env := map[string]string{}
	for _, entry := range environ {
		name, text, _ := strings.Cut(entry, "=")
		if name, ours := strings.CutPrefix(name, prefix); ours && text != "" && !foreign(name, text) {
			env[name] = text
		}
	}
	return env
}

// serviceLink matches what Kubernetes puts into the environment of every
// container for a service called authgraph or authgraph-….
var serviceLink = regexp.MustCompile(`^(\w+_)?(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)$`)

// foreign tells variables with our prefix that are nobody's mistake: those of
// the tests, and those that a container's surroundings set.
func foreign(name, text string) bool {
	return strings.HasPrefix(name, "TEST_") || serviceLink.MatchString(name) ||
		(name == "PORT" || strings.HasSuffix(name, "_PORT")) && strings.Contains(text, "://")
}

// field is the setting of that name, or none.
func (r *reader) field(name string) field {
	i := slices.IndexFunc(r.fields, func(f field) bool { return f.row.name == name })
	if i < 0 {
		return field{}
	}
	return r.fields[i]
}

// strangers tells the names that no setting has: a misspelt one would leave a
// default in force in silence.
func (r *reader) strangers() {
	for _, m := range r.file {
		if id := undeclared(r, m.name); id != "" {
			r.inFile(m.key, "there is no such provider; add "+id+" to providers")
		} else if r.field(m.name).value == nil {
			r.unknown(m.key, inFile, strings.ToLower, strings.TrimPrefix(settingName(m.key), prefix))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(r.env)) {
		if id := undeclared(r, name); id != "" {
			r.mistakes = append(r.mistakes, Mistake{Name: prefix + name, Text: "there is no such provider; add " + id + " to " + prefix + "PROVIDERS", index: len(r.fields)})
		} else if r.field(name).value == nil {
			r.unknown(prefix+name, "", variable, name)
		}
	}
}

func variable(name string) string { return prefix + name }

// unknown tells a name that no setting has, and the nearest one that is.
func (r *reader) unknown(written, by string, style func(string) string, name string) {
	text, best := "there is no such setting", max(2, len(name)/4)+1
	for _, f := range r.fields {
		if d := levenshtein.ComputeDistance(name, f.row.name); d < best {
			text, best = "there is no such setting; did you mean "+style(f.row.name)+"?", d
		}
	}
	r.mistakes = append(r.mistakes, Mistake{Name: written, By: by, Text: text, index: len(r.fields)})
}

// secretFile gives a secret the content of its file, less white space around it,
// unless the secret itself was set in a stronger place. Both in one place is a
// mistake, as nobody can know which was meant.
func (r *reader) secretFile(secret, file *Value) {
	if !file.set() || file.bad || strength(secret.from) > strength(file.from) {
		return
	}
	if secret.from == file.from {
		r.wrong(secret, "is set, and %s%s is set too; leave one of them out", prefix, file.row.name)
		return
	}
	content, err := readFile(file.text, maxFile)
	if err != nil {
		r.wrong(file, "%v", err)
		secret.bad = true // whether it is needed cannot be told
		return
	}
	text := bare(strings.TrimSuffix(strings.TrimSuffix(string(content), "\n"), "\r"))
	secret.text, secret.from = text, file.from
	if text == "" && !secret.row.empty {
		r.wrong(file, "the file is empty")
	}
	if err := written(text); err != nil {
		r.wrong(file, "the content %v", err)
	}
	secret.bad = secret.bad || file.bad
}

func strength(s source) int {
	return slices.Index([]source{fromDefault, fromFile, fromEnv, fromFlag}, s)
}
