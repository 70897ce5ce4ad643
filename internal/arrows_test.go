// Package internal_test keeps the arrows between packages pointing inward.
package internal_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/authgraph/authgraph/"

// rule is what one package may import of this module, and why no more.
type rule struct {
	imports []string // a name ending in /... stands for all below it as well
	why     string
}

// rules has a line for every package outside of ent that is not all tests. One that is missing
// fails: whoever adds a package says where it stands.
var rules = map[string]rule{
	"cmd/authgraph": {[]string{"ent", "graph", "graph/edge", "graph/profile", "web", "internal/accesstoken", "internal/auth", "internal/callout", "internal/config", "internal/limit",
		"internal/mail", "internal/metrics", "internal/oidc", "internal/origin", "internal/outbox", "internal/password", "internal/secret", "internal/server", "internal/store", "internal/trace", "internal/foreignhash", "internal/profile", "internal/userfile"},
		"the wiring knows every part, but no test double and none of ent's queries"},

	"internal/config": {[]string{"internal/accesstoken", "internal/auth", "internal/callout", "internal/limit", "internal/locale", "internal/mail", "internal/oidc", "internal/origin", "internal/passkey", "internal/password",
		"internal/secret", "internal/store", "internal/strictjson", "internal/trace", "web"}, "config checks settings by the parts that use them, and hands each part its options; it opens none"},

	"internal/server": {[]string{"internal/auth", "internal/origin", "internal/trace"}, "server turns HTTP into callers; GraphQL and pages come to it as http.Handlers"},
	"web":             {[]string{"internal/locale"}, "web is files and headers, in the language that a browser asks for"},

	"graph":                          {[]string{"ent", "graph/edge", "graph/model", "graph/profile", "graph/scalar", "internal/auth", "internal/profile"}, "graph translates what auth decides: ent's types, never a query"},
	"graph/model":                    {[]string{"ent", "graph/scalar", "internal/auth", "internal/profile"}, "payloads are made of what auth returns"},
	"graph/scalar":                   {[]string{"internal/profile"}, "a scalar knows its text, and what a profile is"},
	"graph/profile":                  {[]string{"internal/profile"}, "the operator's fields come as GraphQL, and leave as plain fields"},
	"graph/edge":                     {[]string{"internal/strictjson"}, "edge serves any schema: it knows no account, no database and no resolver"},
	"graph/graphtest":                {nil, "documents for tests are written from the schema alone"},
	"graph/edge/internal/testschema": {nil, "the schema of edge's tests knows edge alone"},

	"internal/auth": {[]string{"ent/...", "internal/accesstoken", "internal/agent", "internal/limit", "internal/locale", "internal/mail", "internal/oidc", "internal/outbox",
		"internal/passkey", "internal/password", "internal/profile", "internal/secret", "internal/signing", "internal/store", "internal/strictjson", "internal/totp", "internal/userfile"}, "auth decides; it never sees HTTP, GraphQL or the settings' text"},
	"internal/signing": {[]string{"ent/...", "internal/accesstoken", "internal/secret", "internal/store"}, "signing keeps keys; it knows no account"},

	"internal/outbox": {[]string{"ent/...", "internal/mail", "internal/secret", "internal/store"}, "outbox is a queue in the database: it hands letters over, but what they say is not its business"},
	"internal/limit":  {[]string{"ent/...", "internal/store"}, "limit counts in the database; the table of limits is in auth"},
	"internal/store":  {[]string{"ent/...", "internal/trace"}, "store opens databases; what rows mean is decided in auth"},

	"internal/agent":                  {nil, leaf},
	"internal/locale":                 {nil, leaf},
	"internal/mail":                   {[]string{"internal/agent", "internal/locale", "internal/trace"}, "mail writes and sends letters; it knows neither queue nor database"},
	"internal/metrics":                {nil, "metrics owns every name that Prometheus reads, and is told what to count"},
	"internal/secret":                 {nil, leaf},
	"internal/origin":                 {nil, "origin is one rule for settings and requests, and knows neither"},
	"internal/accesstoken":            {[]string{"internal/strictjson"}, leaf},
	"internal/profile":                {nil, leaf},
	"internal/callout":                {[]string{"internal/trace"}, "callout is HTTP to others; what an answer means is decided in auth"},
	"internal/totp":                   {nil, leaf},
	"internal/trace":                  {nil, "trace times work, and knows nothing of what is done"},
	"internal/userfile":               {[]string{"internal/foreignhash", "internal/strictjson"}, "a file of accounts knows nothing of those that are there"},
	"internal/oidc":                   {nil, "oidc is HTTP to providers, and their tokens; what an identity opens is decided in auth"},
	"internal/oidctest":               {nil, "a provider for tests knows nothing of authgraph"},
	"internal/passkey":                {nil, leaf},
	"internal/strictjson":             {nil, "JSON is read where it comes in; strictjson knows nothing of what it reads"},
	"internal/password":               {[]string{"internal/password/blocklist", "internal/trace"}, leaf},
	"internal/foreignhash":            {[]string{"internal/strictjson"}, "foreignhash reads what others wrote, without any mathematics"},
	"internal/password/blocklist":     {nil, leaf},
	"internal/password/blocklist/gen": {[]string{"internal/password/blocklist"}, "the generator makes the list's table"},

	"internal/store/migrategen": {[]string{"ent/schema", "internal/pgtest", "internal/store"}, "the generator compares ent's schema with real databases"},
	"internal/store/storetest":  {[]string{"internal/pgtest", "internal/store"}, "storetest makes databases"},
	"internal/pgtest":           {nil, "pgtest and mailtest know nothing of authgraph, so that any package's tests can use them"},
	"internal/mailtest":         {nil, "pgtest and mailtest know nothing of authgraph, so that any package's tests can use them"},
	"internal/authtest": {[]string{"ent/...", "internal/accesstoken", "internal/auth", "internal/limit", "internal/locale", "internal/mail", "internal/oidc", "internal/oidctest", "internal/outbox", "internal/passkey",
		"internal/password", "internal/secret", "internal/store", "internal/store/storetest"}, "authtest is auth with its surroundings, without HTTP and GraphQL"},
}

const leaf = "a leaf wraps its mathematics, and never imports ent or auth"

// owners are the packages that may import what others build, each kind behind
// one door. Tests are free.
var owners = []struct {
	imports []string
	by      []string
	why     string
}{
	{[]string{"net/http", "net/http/pprof"}, []string{"cmd/authgraph", "internal/server", "internal/metrics", "internal/callout", "internal/config", "internal/trace", "internal/oidc", "internal/oidctest", "graph", "graph/edge", "web"}, "HTTP stays at the edge"},
	{[]string{"github.com/99designs/gqlgen/", "github.com/vektah/gqlparser/"}, []string{"graph", "graph/edge", "graph/edge/internal/testschema", "graph/graphtest", "graph/profile", "graph/scalar"}, "GraphQL stays in graph"},
	{[]string{"entgo.io/ent/"}, []string{"internal/auth", "internal/signing", "internal/outbox", "internal/limit", "internal/store", "internal/store/migrategen"}, "ent stores for auth and what auth stands on"},
	{[]string{"github.com/lib/pq", "modernc.org/sqlite"}, []string{"internal/store", "internal/store/migrategen", "internal/pgtest"}, "store alone knows which database it is"},
	{[]string{"go.opentelemetry.io/"}, []string{"internal/trace"}, "one package knows how traces are kept"},
	{[]string{"ariga.io/atlas/"}, []string{"internal/store/migrategen"}, "migrations are generated, not computed at run time"},
	{[]string{"golang.org/x/crypto/"}, []string{"internal/password", "internal/password/blocklist"}, "passwords are hashed in one place"},
	{[]string{"github.com/golang-jwt/"}, []string{"internal/accesstoken"}, "tokens are signed and verified in one place"},
	{[]string{"github.com/go-jose/", "github.com/coreos/go-oidc/", "golang.org/x/oauth2"}, []string{"internal/accesstoken", "internal/callout", "internal/oidc", "internal/oidctest"}, "tokens of providers are verified in one place"},
	{[]string{"github.com/prometheus/"}, []string{"internal/metrics"}, "metrics are named in one place"},
	{[]string{"github.com/go-webauthn/"}, []string{"internal/passkey"}, "passkeys are verified in one place"},
	{[]string{"rsc.io/qr"}, []string{"internal/totp"}, "codes are drawn in one place"},
	{[]string{"github.com/wneessen/go-mail"}, []string{"internal/mail"}, "mail is written in one place"},
	{[]string{"github.com/alecthomas/kong"}, []string{"cmd/authgraph", "internal/config"}, "the command line is the program's, not the domain's"},
	{[]string{"testing", module + "internal/pgtest", module + "internal/mailtest", module + "internal/authtest", module + "internal/oidctest", module + "internal/store/storetest", module + "graph/edge/internal/testschema", module + "graph/graphtest"},
		[]string{"internal/pgtest", "internal/mailtest", "internal/authtest", "internal/store/storetest", "internal/store/migrategen"}, "test doubles are for tests"},
}

// goPackage is as much of `go list -json` as the rules look at.
type goPackage struct {
	ImportPath string
	GoFiles    []string
	Imports    []string
}

func TestArrows(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range listPackages(t) {
		name := strings.TrimPrefix(p.ImportPath, module)
		if len(p.GoFiles) == 0 {
			continue // tests alone may import what they like
		}
		seen[name] = true
		if name == "ent" || strings.HasPrefix(name, "ent/") {
			checkEnt(t, name, p.Imports)
			continue
		}
		r, ok := rules[name]
		if !ok {
			t.Errorf("%s has no rule: say in arrows_test.go what it may import, and why no more", name)
			continue
		}
		for _, path := range p.Imports {
			if inner, ours := strings.CutPrefix(path, module); ours && !r.allows(inner) {
				t.Errorf("%s imports %s: %s", name, inner, r.why)
			}
			checkOwner(t, name, path)
		}
	}
	for name := range rules {
		if !seen[name] {
			t.Errorf("%s has a rule, but there is no such package", name)
		}
	}
}

func (r rule) allows(name string) bool {
	return slices.ContainsFunc(r.imports, func(allowed string) bool {
		root, all := strings.CutSuffix(allowed, "/...")
		return name == root || all && strings.HasPrefix(name, root+"/")
	})
}

// checkEnt refuses that the generated code, or the schema it is made from,
// knows anything of the program.
func checkEnt(t *testing.T, name string, imports []string) {
	t.Helper()
	for _, path := range imports {
		if inner, ours := strings.CutPrefix(path, module); ours && inner != "ent" && !strings.HasPrefix(inner, "ent/") {
			t.Errorf("%s imports %s: ent stores, and knows nobody", name, inner)
		}
		if path == "entgo.io/ent/dialect/sql/schema" {
			t.Errorf("%s imports what creates tables at run time, a sixth of the binary: see ent/entc.go", name)
		}
	}
}

func checkOwner(t *testing.T, name, path string) {
	t.Helper()
	for _, o := range owners {
		owned := slices.ContainsFunc(o.imports, func(p string) bool {
			return path == strings.TrimSuffix(p, "/") || strings.HasSuffix(p, "/") && strings.HasPrefix(path, p)
		})
		if owned && !slices.Contains(o.by, name) {
			t.Errorf("%s imports %s: %s", name, strings.TrimPrefix(path, module), o.why)
		}
	}
}

func listPackages(t *testing.T) []goPackage {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,GoFiles,Imports", "./...")
	cmd.Dir = ".."
	out, err := cmd.Output()
	if failed := (*exec.ExitError)(nil); errors.As(err, &failed) {
		t.Fatalf("go list: %v\n%s", err, failed.Stderr)
	}
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var list []goPackage
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return list
		} else if err != nil {
			t.Fatalf("read go list: %v", err)
		}
		list = append(list, p)
	}
}
