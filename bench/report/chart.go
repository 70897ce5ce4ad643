package report

import (
	"encoding/xml"
	"fmt"
	"strings"
)

// The chart's sizes, in pixels.
const (
	labels  = 320 // to the left of the bars
	goalAt  = 400 // how long a bar is that uses its goal up
	widest  = 520 // longer ones are cut
	perLine = 19
	width   = labels + widest + 60
)

const style = `<style>
text{font:13px system-ui,sans-serif;fill:#24292f}.met{fill:#2da44e}.missed{fill:#d4a72c}line{stroke:#6e7781;stroke-dasharray:4 3}
@media(prefers-color-scheme:dark){text{fill:#d0d7de}}
</style>`

// Chart is an SVG with a bar for each measure that has a goal, as long as the
// share of the goal that it uses.
func Chart(measures []Measure) string {
	var bars strings.Builder
	y := perLine + 8
	for _, m := range measures {
		share := m.Share()
		if share == 0 {
			continue
		}
		class := "met"
		if share > 1 {
			class = "missed"
		}
		length := min(widest, int(share*goalAt))
		fmt.Fprintf(&bars, `<text x="%d" y="%d" text-anchor="end">%s</text>`, labels-8, y+12, escape(m.Row+" "+m.What))
		fmt.Fprintf(&bars, `<rect class="%s" x="%d" y="%d" width="%d" height="%d" rx="2"/>`, class, labels, y, length, perLine-5)
		fmt.Fprintf(&bars, `<text x="%d" y="%d">%s</text>`+"\n", labels+length+6, y+12, escape(number(Median(m.Values))+" "+m.Unit))
		y += perLine
	}
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img" aria-label="What was measured, as a share of its goal">
%s
<text x="%d" y="16" text-anchor="middle">goal</text><line x1="%d" x2="%d" y1="22" y2="%d"/>
%s</svg>
`, width, y+8, width, y+8, style, labels+goalAt, labels+goalAt, labels+goalAt, y, bars.String())
}

func escape(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a Builder takes everything
	return b.String()
}
