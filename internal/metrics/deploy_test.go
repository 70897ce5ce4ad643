package metrics_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/metrics"
)

var metricName = regexp.MustCompile(`\b(authgraph|go|process)_[a-z_]+\b`)

// TestDashboardAndAlertsNameWhatThereIs: a metric that was renamed would leave a
// panel empty, and an alert silent.
func TestDashboardAndAlertsNameWhatThereIs(t *testing.T) {
	m := metrics.New(sources())
	m.Request("me", "query", "", time.Millisecond)
	m.Answer("graphql", 200)
	m.Event("login", "ok")
	m.Limited("login_name")
	m.Hashed(0, 0)
	text := scrape(t, m)
	for _, path := range []string{"../../deploy/prometheus/alerts.yml", "../../deploy/grafana/authgraph.json", "../../docs/production.md"} {
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		for _, name := range metricName.FindAllString(string(file), -1) {
			if name == "go_" || name == "process_" {
				continue
			}
			found++
			if !strings.Contains(text, "\n"+name+"{") && !strings.Contains(text, "\n"+name+" ") && !strings.Contains(text, "# TYPE "+name+" ") {
				t.Errorf("%s names %s, which is not there", path, name)
			}
		}
		if found < 10 {
			t.Errorf("%s names %d metrics", path, found)
		}
	}
}
