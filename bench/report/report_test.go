package report

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
)

var measures = []Measure{
	{Row: "B1", What: "me", Unit: "Y", Values: []float64{1.5, 1.0, 1.1}, Goal: AtMost(2.2)},
	{Row: "B5", What: "p99 < 10 & more", Unit: "ms", Values: []float64{30, 10}, Goal: AtMost(10)},
	{Row: "B11", What: "refresh", Unit: "/s", Values: []float64{4000}, Goal: AtLeast(1900)},
	{Row: "B4", What: "refresh", Unit: "Y", Values: []float64{123.4, 123.5, 123.6}},
}

func TestMedian(t *testing.T) {
	for want, values := range map[float64][]float64{0: nil, 7: {7}, 2: {3, 1, 2}, 2.5: {4, 1, 2, 3}} {
		if got := Median(values); got != want {
			t.Errorf("Median(%v) = %v, want %v", values, got, want)
		}
	}
	unsorted := []float64{3, 1, 2}
	Median(unsorted)
	if unsorted[0] != 3 {
		t.Error("the rounds are no longer in their order")
	}
}

func TestShare(t *testing.T) {
	for i, want := range []float64{0.5, 2, 0.475, 0} {
		if got := measures[i].Share(); got != want {
			t.Errorf("%s uses %v, want %v", measures[i].What, got, want)
		}
	}
	if (Measure{Values: []float64{0}, Goal: AtLeast(1)}).Share() <= 1 {
		t.Error("nothing at all meets a goal")
	}
}

func TestTable(t *testing.T) {
	const want = `| # | what | median | least to most | goal | of the goal | |
| --- | --- | ---: | ---: | ---: | ---: | --- |
| B1 | me | 1.10 Y | 1 to 1.50 | ≤ 2.20 | 0.50 | met |
| B5 | p99 < 10 & more | 20 ms | 10 to 30 | ≤ 10 | 2 | missed |
| B11 | refresh | 4000 /s | once | ≥ 1900 | 0.47 | met |
| B4 | refresh | 124 Y | 123 to 124 |  |  |  |
`
	if got := Table(measures); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestChart(t *testing.T) {
	chart := Chart(measures)
	bars := map[string]int{}
	for d := xml.NewDecoder(strings.NewReader(chart)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, chart)
		}
		if e, ok := token.(xml.StartElement); ok && e.Name.Local == "rect" {
			bars[e.Attr[0].Value+" "+e.Attr[3].Value]++
		}
	}
	if len(bars) != 3 || bars["met 200"] != 1 || bars["missed 520"] != 1 || bars["met 190"] != 1 {
		t.Errorf("bars %v: want one for each goal, cut where it is far off", bars)
	}
}
