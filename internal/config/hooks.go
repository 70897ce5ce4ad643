package config

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/authgraph/authgraph/internal/callout"
	"github.com/authgraph/authgraph/internal/origin"
	"github.com/authgraph/authgraph/internal/strictjson"
)

// Hook is an address of the operator's application, and what happens if it fails.
type Hook struct {
	callout.HookOptions
	Lenient bool
	// Insecure says that messages travel in plain text to another machine.
	Insecure bool
}

// Hooks are those that the file of the setting HOOKS names. A nil one is not
// asked.
type Hooks struct{ Validate, Claims *Hook }

// insecureScheme spells out that messages travel in plain text.
const insecureScheme = "http+insecure://"

// hooks reads the file of hooks, and tells every mistake in it.
func hooks(v *Value) (Hooks, error) {
	var found Hooks
	path, err := existing(v)
	if path == "" {
		return found, err
	}
	content, err := readFile(path, maxFile)
	if err != nil {
		return found, err
	}
	members, err := strictjson.ParseObject(content, 4)
	if err != nil {
		return found, errors.New("the file must hold one JSON object")
	}
	var wrong []string
	for _, name := range slices.Sorted(maps.Keys(members)) {
		hook, mistakes := readHook(name, members[name])
		wrong = append(wrong, mistakes...)
		switch name {
		case "validate":
			found.Validate = hook
		case "claims":
			found.Claims = hook
		default:
			wrong = append(wrong, fmt.Sprintf("there is no hook %q; there are validate and claims", name))
		}
	}
	if len(wrong) > 0 {
		return Hooks{}, errors.New(strings.Join(wrong, "; "))
	}
	return found, nil
}

// lenient is the word for going on after a failure, and strict the other one.
var lenient, strict = map[string]string{"validate": "allow", "claims": "template"}, "refuse"

// readHook reads one hook. No mistake quotes a URL or a secret.
func readHook(name string, value any) (*Hook, []string) {
	members, ok := value.(map[string]any)
	if !ok {
		return nil, []string{name + " must be an object"}
	}
	var wrong []string
	tell := func(format string, args ...any) { wrong = append(wrong, name+": "+fmt.Sprintf(format, args...)) }
	hook := &Hook{HookOptions: callout.HookOptions{Timeout: 2 * time.Second}, Lenient: name == "claims"}
	text := map[string]string{}
	for _, member := range slices.Sorted(maps.Keys(members)) {
		s, ok := members[member].(string)
		switch {
		case !slices.Contains([]string{"url", "secretFile", "timeout", "onFailure"}, member):
			tell("there is no %q; there are url, secretFile, timeout and onFailure", member)
		case !ok:
			tell("%s must be a text", member)
		default:
			text[member] = s
		}
	}
	if err := hook.readURL(text["url"]); err != nil {
		tell("url %v", err)
	}
	if content, err := readFile(text["secretFile"], maxFile); err != nil {
		tell("secretFile: %v", err)
	} else if hook.Secrets, err = callout.ParseSecrets(string(content)); err != nil {
		tell("secretFile: %v", err)
	}
	if given, some := text["timeout"]; some {
		var err error
		if hook.Timeout, err = ParseDuration(given); err != nil || hook.Timeout < 100*time.Millisecond || hook.Timeout > 5*time.Second {
			tell("timeout must be between 100ms and 5s")
		}
	}
	switch given, some := text["onFailure"]; {
	case !some:
	case given == strict:
		hook.Lenient = false
	case given == lenient[name]:
		hook.Lenient = true
	default:
		tell("onFailure must be %s or %s", strict, lenient[name])
	}
	return hook, wrong
}

func (h *Hook) readURL(text string) error {
	rest, insecure := strings.CutPrefix(text, insecureScheme)
	if insecure {
		text = "http://" + rest
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return errors.New("must be an absolute https URL")
	case u.User != nil || strings.Contains(text, "#"):
		return errors.New("must not have a user, a password or a fragment")
	case u.Scheme == "http" && !insecure && !origin.IsLoopback(u.Hostname()):
		return errors.New("must begin with https://; http is for localhost only, or write http+insecure://")
	}
	h.URL, h.Insecure = text, insecure && !origin.IsLoopback(u.Hostname())
	return nil
}
