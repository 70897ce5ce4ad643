package web

import (
	"net/http"
	"regexp"
	"testing"
)

var brandVariables = regexp.MustCompile(`--accent: (#[0-9a-f]{6}); --accent-strong: (#[0-9a-f]{6}); --on-accent: (#[0-9a-f]{6});`)

// What browsers get can be read, whatever color the operator chose: links on a card,
// and the text of buttons, also of the one that is pointed at.
func TestBrandIsReadable(t *testing.T) {
	const enough = 4.5 // WCAG 2.2 AA
	for _, color := range []string{"#000000", "#ffffff", "#ffff00", "#0b57d0", "#777777", "#ff0000", "#00ff88", "#123456"} {
		h := HostedPages(Options{Accounts: true, Brand: Brand{Color: color}})
		_, css := ask(t, h, http.MethodGet, "/pages/brand.css", http.Header{})
		looks := brandVariables.FindAllStringSubmatch(css, -1)
		if len(looks) != 2 {
			t.Fatalf("%s has %d looks, want a light and a dark one:\n%s", color, len(looks), css)
		}
		for i, card := range []rgb{lightCard, darkCard} {
			var used [3]rgb
			for j, text := range looks[i][1:] {
				used[j], _ = parseColor(text)
			}
			accent, strong, text := used[0], used[1], used[2]
			if has := accent.contrast(card); has < enough {
				t.Errorf("%s: a link in %s on %s has the contrast %.2f", color, accent, card, has)
			}
			if has := text.contrast(accent); has < enough {
				t.Errorf("%s: %s on a button of %s has the contrast %.2f", color, text, accent, has)
			}
			if text.contrast(strong) < text.contrast(accent) {
				t.Errorf("%s: a button that is pointed at, %s, is nearer to its text %s than %s", color, strong, text, accent)
			}
		}
	}
}
