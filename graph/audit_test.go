package graph_test

import (
	"net/http/httptest"
	"os"
	"os/exec"
	"testing"
)

// TestAudits runs the audits of graphql-http. They need Node, and `npm ci` in
// the folder edge/audit. CI does that.
func TestAudits(t *testing.T) {
	if _, err := os.Stat("edge/audit/node_modules/graphql-http"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("graphql-http is missing: npm ci in graph/edge/audit")
		}
		t.Skip("graphql-http is missing: npm ci in graph/edge/audit")
	}
	server := httptest.NewServer(newAPI(t, introspection).handler)
	defer server.Close()
	cmd := exec.CommandContext(t.Context(), "node", "audit.mjs")
	cmd.Dir = "edge/audit"
	cmd.Env = append(os.Environ(), "AUTHGRAPH_URL="+server.URL+"/graphql")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Logf("%s", out)
}
