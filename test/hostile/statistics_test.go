package hostile

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// sample is how long things took.
type sample []time.Duration

func (s *sample) add(d time.Duration) { *s = append(*s, d) }

// percentile is the time that so many of a hundred did not exceed.
func (s sample) percentile(p int) time.Duration {
	if len(s) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(s))
	return sorted[min(len(sorted)-1, len(sorted)*p/100)]
}

// String is for a test's log.
func (s sample) String() string {
	return fmt.Sprintf("%d times: median %v, p99 %v, most %v", len(s), s.percentile(50), s.percentile(99), s.percentile(100))
}

// auc is the probability that something of s took longer than something of
// other, ties counted half: 0.5 where they cannot be told apart, 0 or 1 where a
// single look suffices (the area under the ROC curve; Mann and Whitney's U).
func (s sample) auc(other sample) float64 {
	sorted := slices.Sorted(slices.Values(other))
	var u float64
	for _, one := range s {
		below, _ := slices.BinarySearch(sorted, one)
		notAbove, _ := slices.BinarySearch(sorted, one+1)
		u += float64(below) + float64(notAbove-below)/2
	}
	return u / float64(len(s)*len(other))
}

// alike reports whether two samples cannot be told apart: an AUC of 0.40 to
// 0.60, and medians within 3 ms or 5 %.
func (s sample) alike(other sample) (ok bool, why string) {
	auc, here, there := s.auc(other), s.percentile(50), other.percentile(50)
	allowed := max(3*time.Millisecond, min(here, there)/20)
	why = fmt.Sprintf("AUC %.3f, medians %v and %v", auc, here, there)
	return auc >= 0.40 && auc <= 0.60 && (here-there).Abs() <= allowed, why
}

func TestStatistics(t *testing.T) {
	t.Parallel()
	some := func(n int, from, spread time.Duration) sample {
		var s sample
		for range n {
			s.add(from + rand.N(spread))
		}
		return s
	}
	if got := (sample{1, 2, 3}).auc(sample{1, 2, 3}); got != 0.5 {
		t.Errorf("auc of the same = %v", got)
	}
	if got := (sample{4, 5}).auc(sample{1, 2, 3}); got != 1 {
		t.Errorf("auc of longer ones = %v", got)
	}
	if got := (sample{1, 2}).auc(sample{2, 3}); got != 0.125 {
		t.Errorf("auc with a tie = %v", got)
	}
	if got := (sample{5, 1, 3, 2, 4}).percentile(50); got != 3 {
		t.Errorf("median = %v", got)
	}
	a := some(300, 20*time.Millisecond, 4*time.Millisecond)
	for name, test := range map[string]struct {
		other sample
		want  bool
	}{
		"the same work":                       {some(300, 20*time.Millisecond, 4*time.Millisecond), true},
		"no hash":                             {some(300, time.Millisecond, time.Millisecond), false},
		"a little less work, seen every time": {some(300, 19*time.Millisecond, 4*time.Millisecond), false},
		"the same work for half of them":      {append(some(150, time.Millisecond, time.Millisecond), some(150, 20*time.Millisecond, 4*time.Millisecond)...), false},
	} {
		if got, why := a.alike(test.other); got != test.want {
			t.Errorf("alike to %s = %v: %s", name, got, why)
		}
	}
}
