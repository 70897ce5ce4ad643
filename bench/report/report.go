// Package report says what was measured: medians, their spread, and how they stand
// to their goals, as a table and as a chart.
package report

import (
	"fmt"
	"slices"
	"strings"
)

// Goal is what a median is to be: at most, or at least. The zero Goal is none.
type Goal struct {
	Limit   float64
	AtLeast bool
}

// AtMost is a goal that smaller medians meet.
func AtMost(limit float64) Goal { return Goal{Limit: limit} }

// AtLeast is a goal that larger medians meet.
func AtLeast(limit float64) Goal { return Goal{Limit: limit, AtLeast: true} }

// Measure is one line: what was measured, in each round.
type Measure struct {
	Row, What, Unit string
	Values          []float64
	Goal            Goal
}

// Median is the middle of the rounds; of an even number, between the two.
func Median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// Share is how much of its goal a measure uses: up to 1 it is met, whichever way
// the goal points. It is 0 where there is none.
func (m Measure) Share() float64 {
	median := Median(m.Values)
	switch {
	case m.Goal.Limit == 0:
		return 0
	case m.Goal.AtLeast && median == 0:
		return 99 // as far from it as a table shows
	case m.Goal.AtLeast:
		return m.Goal.Limit / median
	}
	return median / m.Goal.Limit
}

// Table is Markdown.
func Table(measures []Measure) string {
	var b strings.Builder
	b.WriteString("| # | what | median | least to most | goal | of the goal | |\n| --- | --- | ---: | ---: | ---: | ---: | --- |\n")
	for _, m := range measures {
		spread := number(slices.Min(m.Values)) + " to " + number(slices.Max(m.Values))
		if len(m.Values) == 1 {
			spread = "once"
		}
		goal, share, met := "", "", ""
		if m.Goal.Limit != 0 {
			goal, share, met = "≤ "+number(m.Goal.Limit), number(m.Share()), "missed"
			if m.Goal.AtLeast {
				goal = "≥ " + number(m.Goal.Limit)
			}
			if m.Share() <= 1 {
				met = "met"
			}
		}
		fmt.Fprintf(&b, "| %s | %s | %s %s | %s | %s | %s | %s |\n", m.Row, m.What, number(Median(m.Values)), m.Unit, spread, goal, share, met)
	}
	return b.String()
}

// number shows three digits, and whole numbers from a hundred on.
func number(v float64) string {
	switch {
	case v >= 100 || v == float64(int(v)):
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}
