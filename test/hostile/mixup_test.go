package hostile

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
)

// However many ask at once, everybody is given their own account, from the
// memory of callers and without it.
func TestNoMixUp(t *testing.T) {
	onEach(t, func(t *testing.T, s *site) {
		s.unlimited()
		s.set("DATABASE_POOL=5")
		const people, questions = 100, 10_000
		tokens := s.start().users(people, "user")
		for _, cache := range []string{"true", "false"} {
			s.set("CALLER_CACHE=" + cache)
			p := s.start()
			var wrong, failed atomic.Int64
			atOnce(100, questions, func(i int) {
				whom := i * 37 % people
				a, err := p.ask(context.Background(), meQuery, nil, bearer(tokens[whom])...)
				switch {
				case err != nil || a.status != 200 || a.code() != "":
					failed.Add(1)
				case a.me().Username != fmt.Sprintf("user%d", whom):
					wrong.Add(1)
				}
			})
			if wrong.Load() > 0 || failed.Load() > 0 {
				t.Errorf("with the cache %s: of %d answers %d are another's, %d failed", cache, questions, wrong.Load(), failed.Load())
			}
			p.stop()
		}
	})
}
