package config

import (
	"strings"
	"testing"
)

// The tags are read at run time, so this reads them all.
func TestTags(t *testing.T) {
	for _, f := range new(Settings).fields() {
		r := f.row
		if f.value == nil || r.flag == "" || r.group == "" || r.help == "" || !strings.HasSuffix(r.help, ".") && !strings.HasSuffix(r.help, "…") {
			t.Errorf("%s: the row is not complete", r.name)
		}
		if r.of != "" && r.name != r.of+"_FILE" {
			t.Errorf("%s is not the name of the file of %s", r.name, r.of)
		}
		if r.secret && new(reader{fields: new(Settings).fields()}).field(r.name+"_FILE").value == nil {
			t.Errorf("%s cannot be read from a file", r.name)
		}
		if r.least == "" {
			continue
		}
		_, leastErr := ParseDuration(r.least)
		_, mostErr := ParseDuration(r.most)
		if strings.Trim(r.least+r.most, "0123456789") != "" && (leastErr != nil || mostErr != nil) {
			t.Errorf("%s: the range cannot be read", r.name)
		}
	}
}
