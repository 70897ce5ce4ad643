package config

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestComposeFile: the server starts with the settings of the image and of the
// Compose file, and is to be found where the file says.
func TestComposeFile(t *testing.T) {
	env := append(settingsIn(t, "../../deploy/Dockerfile", `(AUTHGRAPH_\w+)=(\S+)`), settingsIn(t, "../../deploy/compose.yml", `(?m)^\s+(AUTHGRAPH_\w+): (.*)$`)...)
	found := map[string]string{}
	for _, entry := range env {
		name, value, _ := strings.Cut(entry, "=")
		found[name] = value // the file's go before the image's
	}
	env = env[:0]
	for name, value := range found {
		env = append(env, name+"="+value)
	}
	c := load(t, env...)
	if c.Production || c.PublicURL != "http://localhost:8080" || c.Listen != "0.0.0.0:8080" || c.Mailbox {
		t.Errorf("production %t, URL %s, listens on %s, mailbox %t", c.Production, c.PublicURL, c.Listen, c.Mailbox)
	}
}

func settingsIn(t *testing.T, path, pattern string) []string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var env []string
	for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(string(text), -1) {
		env = append(env, m[1]+"="+strings.Trim(m[2], `"`))
	}
	if len(env) < 3 {
		t.Fatalf("%s has %d settings", path, len(env))
	}
	return env
}
