package config

import (
	"os"
	"strings"
	"testing"
)

func TestReadmeHasTheTableOfSettings(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(readme), "a test compares -->\n"+Markdown()+"<!-- /settings -->") {
		t.Errorf("the table of settings in README.md is not Markdown():\n%s", Markdown())
	}
}
