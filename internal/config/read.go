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

// hidden stands for a value in a mistake.
const hidden = "the value"

// quote shows a value in a mistake. A value with an @ may be a URL with a
// password that was put in the wrong place, and a long one may be a key.
func quote(v *Value, text string) string {
	if v.row.secret || strings.Contains(text, "@") || len(text) > 40 {
		return hidden
	}
	return strconv.Quote(text)
}

// showing adds the value to what is wrong with it, where it may be shown.
func showing(v *Value, err error) error {
	if shown := quote(v, v.text); shown != hidden {
		return fmt.Errorf("%w; it is %s", err, shown)
	}
	return err
}

// kind reads one kind of value. What it returns beside an error is not used.
type kind[T any] func(v *Value) (T, error)

// read reads a setting, and tells what is wrong with it, once.
func read[T any](r *reader, v *Value, kind kind[T]) T {
	var none T
	if v.bad {
		return none
	}
	value, err := kind(v)
	if err != nil {
		r.wrong(v, "%v", err)
		return none
	}
	return value
}

// oneOf reads one of a few words.
func oneOf(some ...string) kind[string] {
	return func(v *Value) (string, error) {
		if slices.Contains(some, v.text) {
			return v.text, nil
		}
		last := len(some) - 1
		return "", fmt.Errorf("%s is not %s or %s", quote(v, v.text), strings.Join(some[:last], ", "), some[last])
	}
}

// toggle reads a switch, which has a default of the caller's if it has none in
// the table.
func toggle(byMode bool) kind[bool] {
	return func(v *Value) (bool, error) {
		switch strings.ToLower(v.text) {
		case "true", "on", "yes", "1":
			return true, nil
		case "false", "off", "no", "0":
			return false, nil
		case "":
			v.text = strconv.FormatBool(byMode)
			return byMode, nil
		}
		return false, fmt.Errorf("%s is not on or off", quote(v, v.text))
	}
}

// number reads a whole number within the range of the table.
func number(v *Value) (int, error) {
	n, err := strconv.Atoi(v.text)
	if err != nil {
		return 0, fmt.Errorf("%s is not a whole number", quote(v, v.text))
	}
	least, _ := strconv.Atoi(v.row.least) // a test reads the whole table
	most, _ := strconv.Atoi(v.row.most)
	if n < least || n > most {
		return 0, fmt.Errorf("%s is not between %d and %d", quote(v, v.text), least, most)
	}
	return n, nil
}

// duration reads a duration within the range of the table.
func duration(v *Value) (time.Duration, error) {
	d, err := ParseDuration(v.text)
	if err != nil {
		return 0, fmt.Errorf("%s is not a duration such as 90s, 15m, 24h or 30d", quote(v, v.text))
	}
	least, _ := ParseDuration(v.row.least) // a test reads the whole table
	most, _ := ParseDuration(v.row.most)
	if d < least || d > most {
		return 0, fmt.Errorf("%s is not between %s and %s", quote(v, v.text), v.row.least, v.row.most)
	}
	return d, nil
}

// durationOr reads a duration that has a default of the caller's, as toggle does.
func durationOr(byMode time.Duration) kind[time.Duration] {
	return func(v *Value) (time.Duration, error) {
		if v.text == "" {
			v.text = formatDuration(byMode)
		}
		return duration(v)
	}
}

// durationOrOff reads a duration, or off as 0.
func durationOrOff(v *Value) (time.Duration, error) {
	if v.text == "off" {
		return 0, nil
	}
	return duration(v)
}

// attempts reads count/duration, or off.
func attempts(v *Value) (limit.Limit, error) {
	if v.text == "off" {
		return limit.Limit{}, nil
	}
	const most = 1_000_000
	count, per, found := strings.Cut(v.text, "/")
	n, err := strconv.Atoi(count)
	d, durationErr := ParseDuration(per)
	switch {
	case !found || err != nil || durationErr != nil:
		err = fmt.Errorf("%s is not a limit such as 10/15m, or off", quote(v, v.text))
	case n == 0 && v.row.name == "LIMIT_SIGN_UP":
		err = errors.New("a limit allows at least 1; write off for no limit, or " + prefix + "SIGN_UP=closed for no sign-ups")
	case n < 1:
		err = errors.New("a limit allows at least 1; write off for no limit")
	case n > most:
		err = fmt.Errorf("a limit allows at most %d; write off for no limit", most)
	case d < time.Second || d > 30*day:
		err = errors.New("the time of a limit must be between 1s and 30d")
	}
	return limit.Limit{Count: n, Per: d}, err
}

// each reads values with commas in between. Spaces around them do not count.
func each[T any](v *Value, item func(text string) (T, error)) ([]T, error) {
	if strings.TrimSpace(v.text) == "" {
		return nil, nil
	}
	var list []T
	for text := range strings.SplitSeq(v.text, ",") {
		if text = strings.TrimSpace(text); text == "" {
			return nil, errors.New("has an empty item; look for a comma too many")
		}
		one, err := item(text)
		if err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, nil
}

// words reads a text of one line for people.
func words(most int) kind[string] {
	return func(v *Value) (string, error) {
		switch {
		case !utf8.ValidString(v.text) || strings.ContainsFunc(v.text, notShown):
			return "", errors.New("has characters that cannot be displayed")
		case strings.TrimSpace(v.text) == "" && v.set():
			return "", errors.New("is set but empty")
		case utf8.RuneCountInString(v.text) > most:
			return "", fmt.Errorf("is longer than %d characters", most)
		}
		return strings.TrimSpace(v.text), nil
	}
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
