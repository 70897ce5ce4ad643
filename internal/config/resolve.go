package config

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
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
	mistakes Mistakes
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

// resolve gives every setting its text: from its flag, else the environment,
// else the settings file, else its default.
func (s *Settings) resolve(environ []string) *reader {
	r := &reader{fields: s.fields()}
	env := r.environment(environ)
	byName := map[string]*Value{}
	var file map[string]string
	for i := range r.fields {
		row, v := &r.fields[i].row, r.fields[i].value
		*v = Value{flag: v.flag, given: v.given, row: row, text: row.def, from: fromDefault}
		byName[row.name] = v
		if text, ok := file[row.name]; ok {
			v.text, v.from = text, fromFile
		}
		if text, ok := env[row.name]; ok {
			v.text, v.from = text, fromEnv
		}
		if v.given {
			v.text, v.from = v.flag, fromFlag
		}
		if v.set() && v.text == "" && !row.empty {
			r.wrong(v, "is set but empty")
		}
		if v == &s.ConfigFile { // the first of the table
			file = r.settingsFile(v)
		}
	}
	for i := range r.fields {
		if of := r.fields[i].row.of; of != "" {
			r.secretFile(byName[of], r.fields[i].value)
		}
	}
	return r
}

// environment picks the program's own variables, and tells those that no
// setting has: a misspelt one would leave a default in force in silence.
func (r *reader) environment(environ []string) map[string]string {
	env := map[string]string{}
	for _, entry := range environ {
		name, text, _ := strings.Cut(entry, "=")
		if name, ours := strings.CutPrefix(name, prefix); ours && !foreign(name, text) {
			env[name] = text
		}
	}
	for _, name := range slices.Sorted(maps.Keys(env)) {
		if !r.known(name) {
			r.unknown(prefix+name, "", prefix, name)
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

func (r *reader) known(name string) bool {
	return slices.ContainsFunc(r.fields, func(f field) bool { return f.row.name == name })
}

// unknown tells a name that no setting has, and the nearest one that is.
func (r *reader) unknown(written, by, style, name string) {
	text, best := "there is no such setting", max(2, len(name)/4)+1
	for _, f := range r.fields {
		if d := distance(name, f.row.name); d < best {
			nearest := style + f.row.name
			if style == "" {
				nearest = strings.ToLower(nearest)
			}
			text, best = "there is no such setting; did you mean "+nearest+"?", d
		}
	}
	r.mistakes = append(r.mistakes, Mistake{Name: written, By: by, Text: text, index: len(r.fields)})
}

// distance is the Levenshtein distance in bytes.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0]++
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// secretFile gives a secret the content of its file, less one final newline,
// unless the secret itself was set in a stronger place. Both in one place is a
// mistake, as nobody can know which was meant.
func (r *reader) secretFile(secret, file *Value) {
	if !file.set() || file.bad || strength(secret.from) > strength(file.from) {
		return
	}
	if secret.from == file.from {
		r.wrong(secret, "is set, and so is %s%s; leave one out", prefix, file.row.name)
		return
	}
	content, err := readFile(file.text, maxFile)
	if err != nil {
		r.wrong(file, "%v", err)
		secret.bad = true // whether it is needed cannot be told
		return
	}
	text := strings.TrimSuffix(strings.TrimSuffix(string(content), "\n"), "\r")
	secret.text, secret.from = text, file.from
	if text == "" && !secret.row.empty {
		r.wrong(file, "the file is empty")
		secret.bad = true
	}
}

func strength(s source) int {
	return slices.Index([]source{fromDefault, fromFile, fromEnv, fromFlag}, s)
}
