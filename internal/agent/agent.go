// Package agent says which program a request came from, in words that people know.
package agent

import "strings"

// named is a word of ours for what a user agent says.
type named struct{ says, name string }

// Program says in a few words which program a User-Agent header belongs to.
// A browser is described by words of ours alone; of another program only its
// first name is kept, and only if it is letters, digits, '-' and '_', which
// no client takes for a link. It is empty when nothing can be said.
func Program(userAgent string) string {
	browser := first(userAgent, []named{ // those that pose as another come first
		{"Edg", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser/", "Samsung Internet"}, {"Vivaldi/", "Vivaldi"},
		{"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"}, {"CriOS/", "Chrome"}, {"Chrome/", "Chrome"},
		{"Safari/", "Safari"}, {"Mozilla/", "A browser"},
	})
	if browser == "" {
		return product(userAgent)
	}
	system := first(userAgent, []named{
		{"Windows", "Windows"}, {"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"},
		{"Macintosh", "macOS"}, {"CrOS", "ChromeOS"}, {"Linux", "Linux"}, {"X11", "Unix"},
	})
	if system == "" {
		return browser
	}
	return browser + " on " + system
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
