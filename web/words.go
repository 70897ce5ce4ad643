package web

import (
	"encoding/json"
	"fmt"
	"html/template"
	"path"
	"strconv"
	"strings"
	"sync"

	"github.com/authgraph/authgraph/internal/locale"
)

// words are all that the pages say in one language: a file in pages/words.
type words struct {
	Page    map[string]string `json:"page"`    // HTML of the templates
	Text    map[string]string `json:"text"`    // of the scripts, as are those below
	Field   map[string]string `json:"field"`   // by codes of AuthErrorCode, and of the scripts
	Request map[string]string `json:"request"` // by codes of RequestErrorCode, and of the scripts
}

// readWords panics if the file is missing or is not JSON; see parse.
func readWords(tag string) words {
	var w words
	if err := json.Unmarshal(read(path.Join("pages/words", tag+".json")), &w); err != nil {
		panic(fmt.Errorf("words %s: %w", tag, err))
	}
	return w
}

// Languages are those of the pages, each one a file.
func Languages() []string {
	entries, err := files.ReadDir("pages/words")
	if err != nil {
		panic(err) // see parse
	}
	tags := make([]string, len(entries))
	for i, e := range entries {
		tags[i] = strings.TrimSuffix(e.Name(), ".json")
	}
	return tags
}

// offered are the languages of the pages among those that the operator offers, the
// first as the default: pt for pt-BR. It is English alone if there are none.
func offered(tags []string) *locale.Set {
	written, err := locale.New(Languages()...)
	if err != nil {
		panic(err) // a test reads them
	}
	var ours []string
	taken := map[string]bool{}
	for _, tag := range tags {
		given, err := written.Given(tag)
		if err != nil || given == "" {
			continue
		}
		if tag = written.Offered(given); !taken[tag] {
			taken[tag] = true
			ours = append(ours, tag)
		}
	}
	if len(ours) == 0 {
		ours = []string{"en"}
	}
	set, err := locale.New(ours...)
	if err != nil {
		panic(err) // some of the languages above
	}
	return set
}

// pagesContent is what the pages' templates put in, in one language.
type pagesContent struct {
	Options
	Tag   string
	words func() words
}

func newContent(o Options, tag string) pagesContent {
	return pagesContent{Options: o, Tag: tag, words: sync.OnceValue(func() words { return readWords(tag) })}
}

// Document returns a GraphQL document by the name of its file.
func (pagesContent) Document(name string) string {
	return string(read(path.Join("pages", name+".graphql")))
}

// Say returns what stands in the page itself. The files are ours: their HTML is trusted.
func (c pagesContent) Say(key string) (template.HTML, error) {
	text, err := of(c.words().Page, key)
	return template.HTML(strings.ReplaceAll(text, "{min}", strconv.Itoa(c.PasswordMinLength))), err //nolint:gosec // embedded
}

// Cut returns the same in three parts: before <a>, within it and after it, for a link
// that is not always there.
func (c pagesContent) Cut(key string) (struct{ Before, Within, After template.HTML }, error) {
	var parts struct{ Before, Within, After template.HTML }
	text, err := c.Say(key)
	before, rest, _ := strings.Cut(string(text), "<a>")
	within, after, _ := strings.Cut(rest, "</a>")
	parts.Before, parts.Within, parts.After = template.HTML(before), template.HTML(within), template.HTML(after) //nolint:gosec // see Say
	return parts, err
}

// Text returns what a script says, too.
func (c pagesContent) Text(key string) (string, error) { return of(c.words().Text, key) }

// ForScripts is what the scripts say; in a page it becomes JSON.
func (c pagesContent) ForScripts() map[string]map[string]string {
	w := c.words()
	return map[string]map[string]string{"text": w.Text, "field": w.Field, "request": w.Request}
}

func of(texts map[string]string, key string) (string, error) {
	text, ok := texts[key]
	if !ok {
		return "", fmt.Errorf("there are no words %s", key)
	}
	return text, nil
}
