package web

import (
	"fmt"
	"math"
	"net/http"
	"regexp"
	"strconv"
)

// Brand is how the hosted pages look. The zero value is our own look.
type Brand struct {
	// Color is the one of buttons and links: six hexadecimal digits after #. Where
	// text in it could not be read, it is made darker or lighter until it can.
	Color string
	// Logo is a picture above the name of the service.
	Logo []byte
}

// Grounds of the pages in style.css: on these a color must be readable.
var (
	lightCard = rgb{255, 255, 255}
	darkCard  = rgb{0x18, 0x1d, 0x23}
	white     = rgb{255, 255, 255}
	black     = rgb{0, 0, 0}
)

// readable is the contrast of WCAG 2.2 AA.
const readable = 4.5

// style is what follows the style sheet of the pages; nothing for our own look.
func (b Brand) style() string {
	style := ""
	if color, ok := parseColor(b.Color); ok {
		style += ":root {" + variables(color.until(lightCard, black)) + "}\n" +
			"@media (prefers-color-scheme: dark) { :root {" + variables(color.until(darkCard, white)) + "} }\n"
	}
	if len(b.Logo) > 0 {
		style += ".service::before { content: \"\"; display: block; height: 3rem; margin-bottom: .75rem; background: url(logo) left / contain no-repeat; }\n"
	}
	return style
}

// variables are those of style.css that have to do with the color.
func variables(color rgb) string {
	on := white
	if color.contrast(white) < color.contrast(black) {
		on = black
	}
	away := black // pointed at, a button is further from its text
	if on == black {
		away = white
	}
	return fmt.Sprintf(" --accent: %s; --accent-strong: %s; --on-accent: %s; ", color, color.mixed(away, 0.25), on)
}

type rgb [3]float64

// parseColor reads #rrggbb.
func parseColor(text string) (rgb, bool) {
	if len(text) != 7 || text[0] != '#' {
		return rgb{}, false
	}
	n, err := strconv.ParseUint(text[1:], 16, 32)
	return rgb{float64(n >> 16), float64(n >> 8 & 255), float64(n & 255)}, err == nil
}

// IsColor reports whether a text is a color for Brand.
func IsColor(text string) bool {
	_, ok := parseColor(text)
	return ok
}

func (c rgb) String() string {
	return fmt.Sprintf("#%02x%02x%02x", int(math.Round(c[0])), int(math.Round(c[1])), int(math.Round(c[2])))
}

func (c rgb) mixed(with rgb, share float64) rgb {
	for i := range c {
		c[i] = math.Round(c[i] + (with[i]-c[i])*share)
	}
	return c
}

// until mixes with another color until text can be read on a ground.
func (c rgb) until(ground, with rgb) rgb {
	mixed := c
	for share := 0.05; mixed.contrast(ground) < readable && share <= 1; share += 0.05 {
		mixed = c.mixed(with, share)
	}
	return mixed
}

// contrast is that of WCAG 2.2.
func (c rgb) contrast(with rgb) float64 {
	a, b := c.luminance(), with.luminance()
	return (max(a, b) + 0.05) / (min(a, b) + 0.05)
}

func (c rgb) luminance() float64 {
	linear := func(channel float64) float64 {
		channel /= 255
		if channel <= 0.04045 {
			return channel / 12.92
		}
		return math.Pow((channel+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c[0]) + 0.7152*linear(c[1]) + 0.0722*linear(c[2])
}

// svg is how an SVG document begins.
var svg = regexp.MustCompile(`^\s*(<\?xml[^>]*>|<!--[^>]*-->|<!DOCTYPE[^>]*>|\s)*<svg[\s>]`)

// LogoType is the media type of a picture, or "" where browsers would not show it
// as one.
func LogoType(logo []byte) string {
	switch t := http.DetectContentType(logo); t {
	case "image/png", "image/jpeg", "image/gif", "image/webp":
		return t
	case "text/xml; charset=utf-8", "text/plain; charset=utf-8":
		if svg.Match(logo) {
			return "image/svg+xml"
		}
	}
	return ""
}
