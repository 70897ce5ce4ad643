// Package agent says which program a request came from, in words that people know.
package agent

import "strings"

// named is a word of ours for what a user agent says.
type named struct{ says, name string }

// Words are what can be said of a program. All of them are ours, except that of a
// program that is no browser the first name is kept, if it is letters, digits, '-' and
// '_', which no client takes for a link.
type Words struct {
	// Name is empty when nothing can be said.
	Name string
	// Unnamed says that it is a browser, and Name is no name of one.
	Unnamed bool
	// System is what a browser runs on, or empty.
	System string
}

// Of says which program a User-Agent header belongs to.
func Of(userAgent string) Words {
	browser := first(userAgent, []named{ // those that pose as another come first
		{"Edg", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser/", "Samsung Internet"}, {"Vivaldi/", "Vivaldi"},
		{"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"}, {"CriOS/", "Chrome"}, {"Chrome/", "Chrome"},
		{"Safari/", "Safari"}, {"Mozilla/", unnamed},
	})
	if browser == "" {
		return Words{Name: product(userAgent)}
	}
	return Words{Name: browser, Unnamed: browser == unnamed, System: first(userAgent, []named{
		{"Windows", "Windows"}, {"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"},
		{"Macintosh", "macOS"}, {"CrOS", "ChromeOS"}, {"Linux", "Linux"}, {"X11", "Unix"},
	})}
}

const unnamed = "A browser"

// Program says the same in a few English words, such as "Firefox on Linux". It is empty
// when nothing can be said.
func Program(userAgent string) string {
	w := Of(userAgent)
	if w.System == "" {
		return w.Name
	}
	return w.Name + " on " + w.System
}

// first returns the name of the first entry whose mark is in s.
func first(s string, list []named) string {
	for _, n := range list {
		if strings.Contains(s, n.says) {
			return n.name
		}
	}
	return ""
}

// product returns the name in the first product of a User-Agent header
// (RFC 9110 section 10.1.5), e.g. "curl" of "curl/8.5.0".
func product(userAgent string) string {
	name, _, _ := strings.Cut(userAgent, " ")
	name, _, _ = strings.Cut(name, "/")
	if len(name) > 32 || strings.ContainsFunc(name, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-' || r == '_')
	}) {
		return ""
	}
	return name
}
