package main

import (
	"slices"
	"testing"
	"time"

	"github.com/authgraph/authgraph/bench/report"
)

func TestToken(t *testing.T) {
	const answer = `{"data":{"login":{"auth":{"accessToken":"a.b.c","refreshToken":"agr_x"},"errors":[]}}}`
	p := new(person)
	if err := p.take([]byte(answer)); err != nil || p.access != "a.b.c" || p.refresh != "agr_x" {
		t.Errorf("%+v, %v", p, err)
	}
	for _, bad := range []string{"", `{"data":{"login":{"auth":null,"errors":[{"code":"RATE_LIMITED"}]}}}`, `{"accessToken":"a","refreshToken":"`} {
		if p.take([]byte(bad)) == nil || p.access != "a.b.c" {
			t.Errorf("%q is taken for a session: %+v", bad, p)
		}
	}
}

// Each connection goes on with its own sessions, and all of them in turn: one that
// two would go on with at once would end as stolen.
func TestRefreshesTakeTurns(t *testing.T) {
	for _, n := range []int{connections, people, 500} {
		var all []*person
		for range n {
			all = append(all, &person{})
		}
		owner, taken := make([]int, n), 0
		for i := range connections {
			of := turns(all, i)
			for range n/connections + 1 {
				at := slices.Index(all, of())
				if owner[at] != 0 && owner[at] != i+1 {
					t.Fatalf("of %d sessions the one at %d is of two connections", n, at)
				}
				if owner[at] == 0 {
					taken++
				}
				owner[at] = i + 1
			}
		}
		if taken != n {
			t.Errorf("of %d sessions %d are in use", n, taken)
		}
	}
}

func TestRatios(t *testing.T) {
	of, to := []sample{{cpu: 3, perSecond: 10}, {cpu: 5, perSecond: 20}}, []sample{{cpu: 2}, {cpu: 4}}
	if got := ratios(of, to); !slices.Equal(got, []float64{1.5, 1.25}) {
		t.Errorf("ratios are %v: each round is compared with itself", got)
	}
	if got := rates(of); !slices.Equal(got, []float64{10, 20}) {
		t.Errorf("rates are %v", got)
	}
	if tenths(0.988) != 1 || tenths(1.06) != 1.1 {
		t.Error("tenths are not")
	}
}

func TestSorted(t *testing.T) {
	b := &bench{}
	for _, row := range []string{"B11", "B2", "B1", "B4", "B1"} {
		b.note(row, "", "", report.Goal{}, 1)
	}
	b.note("B9", "", "", report.Goal{}, 1, 2)
	b.note("B7", "", "", report.Goal{}, 1, 2)
	if got := b.charted(); len(got) != 1 || got[0].Row != "B7" {
		t.Errorf("charted are %v", got)
	}
	var rows []string
	for _, m := range b.sorted() {
		rows = append(rows, m.Row)
	}
	if !slices.Equal(rows, []string{"B1", "B1", "B2", "B4", "B7", "B9", "B11"}) {
		t.Errorf("rows are %v", rows)
	}
}

func TestHashMany(t *testing.T) {
	if n := hashMany(2, func(done int) bool { return done < 1 }); n != 2 {
		t.Errorf("two workers make %d hashes", n)
	}
	if ownCPU() < time.Millisecond {
		t.Error("hashes cost nothing")
	}
}
