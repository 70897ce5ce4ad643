package config

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/authgraph/authgraph/internal/limit"
)

// quote shows a value in a mistake. A value with an @ may be a URL with a
// password that was put in the wrong place, and a long one may be a key.
func quote(v *Value, text string) string {
	if v.row.secret || strings.Contains(text, "@") || len(text) > 40 {
		return "the value"
	}
	return strconv.Quote(text)
}

// oneOf reads one of a few words.
func (r *reader) oneOf(v *Value, words ...string) string {
	if v.bad || slices.Contains(words, v.text) {
		return v.text
	}
	last := len(words) - 1
	r.wrong(v, "%s is not %s or %s", quote(v, v.text), strings.Join(words[:last], ", "), words[last])
	return ""
}

// toggle reads a switch, which has a default of the caller's if it has none in
// the table.
func (r *reader) toggle(s *Switch, byMode bool) bool {
	v := &s.Value
	switch strings.ToLower(v.text) {
	case "true", "on", "yes", "1":
		return true
	case "false", "off", "no", "0":
		return false
	case "":
		v.text = strconv.FormatBool(byMode)
		return byMode
	}
	r.wrong(v, "%s is neither on nor off", quote(v, v.text))
	return false
}

// number reads a whole number within the range of the table.
func (r *reader) number(v *Value) int {
	n, err := strconv.Atoi(v.text)
	if err != nil {
		r.wrong(v, "%s is not a whole number", quote(v, v.text))
		return 0
	}
	least, _ := strconv.Atoi(v.row.least) // a test reads the whole table
	most, _ := strconv.Atoi(v.row.most)
	if n < least || n > most {
		r.wrong(v, "%s is not between %d and %d", quote(v, v.text), least, most)
	}
	return n
}

// duration reads a duration within the range of the table.
func (r *reader) duration(v *Value) time.Duration {
	d, err := ParseDuration(v.text)
	if err != nil {
		r.wrong(v, "%s is not a duration, as 90s, 15m, 24h or 30d", quote(v, v.text))
		return 0
	}
	least, _ := ParseDuration(v.row.least) // a test reads the whole table
	most, _ := ParseDuration(v.row.most)
	if d < least || d > most {
		r.wrong(v, "%s is not between %s and %s", quote(v, v.text), v.row.least, v.row.most)
	}
	return d
}

// limit reads count/duration, or off.
func (r *reader) limit(v *Value) limit.Limit {
	if v.text == "off" || v.bad {
		return limit.Limit{}
	}
	const most = 1_000_000
	count, per, found := strings.Cut(v.text, "/")
	n, err := strconv.Atoi(count)
	d, durationErr := ParseDuration(per)
	switch {
	case !found || err != nil || durationErr != nil:
		r.wrong(v, "%s is not a limit, as 10/15m, or off", quote(v, v.text))
	case n < 1:
		r.wrong(v, "a limit allows at least 1; write off for no limit")
	case n > most:
		r.wrong(v, "a limit allows at most %d; write off for no limit", most)
	case d < time.Second || d > 30*day:
		r.wrong(v, "the time of a limit is not between 1s and 30d")
	}
	return limit.Limit{Count: n, Per: d}
}

// list reads values with commas in between. Spaces around them do not count.
func (r *reader) list(v *Value) []string {
	if v.bad || strings.TrimSpace(v.text) == "" {
		return nil
	}
	items := strings.Split(v.text, ",")
	for i := range items {
		if items[i] = strings.TrimSpace(items[i]); items[i] == "" {
			r.wrong(v, "has an empty item")
			return nil
		}
	}
	return items
}

// line reads a text of one line for people.
func (r *reader) line(v *Value, most int) string {
	switch {
	case !utf8.ValidString(v.text) || strings.ContainsFunc(v.text, notShown):
		r.wrong(v, "has characters that cannot be shown")
	case strings.TrimSpace(v.text) == "" && v.set():
		r.wrong(v, "is set but empty")
	case utf8.RuneCountInString(v.text) > most:
		r.wrong(v, "is longer than %d characters", most)
	}
	return strings.TrimSpace(v.text)
}

func notShown(c rune) bool { return c != ' ' && !strconv.IsPrint(c) }

const (
	day     = 24 * time.Hour
	longest = time.Duration(1 << 62) // that is read: 146 years
)

// ParseDuration reads what time.ParseDuration does, with weeks (w) and days (d)
// in front: 90s, 15m, 30d, 1w2d12h. It refuses what overflows.
func ParseDuration(text string) (time.Duration, error) {
	var sum time.Duration
	rest := text
	for _, unit := range []struct {
		name string
		size time.Duration
	}{{"w", 7 * day}, {"d", day}} {
		digits, after, found := strings.Cut(rest, unit.name)
		if !found {
			continue
		}
		n, err := strconv.ParseUint(digits, 10, 32)
		if err != nil || time.Duration(n) > (longest-sum)/unit.size {
			return 0, errors.New("not a duration")
		}
		sum, rest = sum+time.Duration(n)*unit.size, after
	}
	if rest == "" && text != "" {
		return sum, nil
	}
	d, err := time.ParseDuration(rest)
	if err != nil || d < 0 && sum > 0 || d > longest-sum {
		return 0, errors.New("not a duration")
	}
	return sum + d, nil
}

// formatDuration writes what ParseDuration reads, in whole days where it can.
func formatDuration(d time.Duration) string {
	if d >= day && d%day == 0 {
		return fmt.Sprintf("%dd", d/day)
	}
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
