package main

import (
	"flag"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/mailtest"
	"github.com/authgraph/authgraph/internal/oidctest"
	"github.com/authgraph/authgraph/internal/pgtest"
	"github.com/authgraph/authgraph/internal/secret"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

// TestMain lets a script start this very test binary as authgraph: the real
// program, in a process of its own. Stories wait more than they work, so that
// more of them than there are cores are told at a time, unless -parallel says
// otherwise.
func TestMain(m *testing.M) {
	if err := flag.Set("test.parallel", strconv.Itoa(2*runtime.GOMAXPROCS(0))); err != nil {
		panic(err) // testing has the flag
	}
	testscript.Main(m, map[string]func(){"authgraph": unhurried})
}

// TestStories tells every story in testdata/script on each database. README.md
// beside them has the vocabulary.
func TestStories(t *testing.T) {
	met := newMetCodes(t)
	for name, fresh := range map[string]func(testing.TB) string{"sqlite": storetest.SQLiteURL, "postgres": storetest.PostgresURL} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if name == "postgres" {
				pgtest.Server(t) // skips, or fails in CI, where there is none
			}
			testscript.Run(t, testscript.Params{
				Dir:                "testdata/script",
				RequireUniqueNames: true,
				Setup:              func(env *testscript.Env) error { return newStory(env, name, fresh, met).setup(env) },
				Cmds:               commands(),
				Condition:          func(cond string) (bool, error) { return cond == name, nil },
			})
		})
	}
}

// story is what the commands of a script act on.
type story struct {
	tb           testing.TB
	database     string // sqlite or postgres
	url          string // of the database
	mail         *mailtest.Server
	read         map[int]bool // letters, by number
	program      string       // path of the binary
	profile      string       // path of a file of profile fields
	base         []string     // the environment that the script began with
	settings     []string     // of the latest serve
	server       *process     // the running one, or nil
	replica      *process     // another on the same database, or nil
	acknowledged []int        // numbers of requests, by the latest crash
	logs         strings.Builder
	last         *answer
	secrets      secrets
	faults       bool // the server may log errors
	passkeys     map[string]*authtest.Passkey
	met          *metCodes
	operator     *application // the operator's, or nil
	provider     *oidctest.Provider
	collector    *collector // of spans, or nil
	fromProvider []string   // the settings about it
}

type storyKey struct{}

func newStory(env *testscript.Env, database string, fresh func(testing.TB) string, met *metCodes) *story {
	tb := env.T().(testing.TB) // as testscript.Run promises
	return &story{tb: tb, database: database, url: fresh(tb), mail: mailtest.New(tb), read: map[int]bool{}, met: met}
}

// setup gives the script the environment of a server: one in production, whose
// letters go by SMTP, or, for scripts with development in their name, one as on
// a fresh checkout. Hashing costs nothing, and nobody waits in line for it: see
// unhurried.
func (s *story) setup(env *testscript.Env) error {
	var err error
	if s.program, err = exec.LookPath("authgraph"); err != nil {
		return err
	}
	if s.profile, err = filepath.Abs("testdata/profile.graphqls"); err != nil {
		return err
	}
	env.Setenv("PASSWORD", "plum wagon orbit seven")
	env.Setenv("PROFILE", s.profile)
	env.Setenv("LONG", strings.Repeat("long", 75))
	env.Setenv("AUTHGRAPH_LISTEN", "localhost:0")
	env.Setenv("AUTHGRAPH_ADMIN_LISTEN", "off")
	env.Setenv("AUTHGRAPH_PASSWORD_HASH", cheapest)
	env.Setenv("AUTHGRAPH_HASH_CONCURRENCY", "32")
	env.Setenv("AUTHGRAPH_LOG_LEVEL", "debug")
	if !strings.Contains(path.Base(s.tb.Name()), "development") {
		env.Setenv("AUTHGRAPH_MODE", "production")
		env.Setenv("AUTHGRAPH_PUBLIC_URL", "https://auth.example.org")
		env.Setenv("AUTHGRAPH_SECRET", secret.Generate())
		env.Setenv("OTHERSECRET", secret.Generate())
		env.Setenv("AUTHGRAPH_SMTP_URL", s.mail.URL())
		env.Setenv("AUTHGRAPH_MAIL_FROM", "Example <no-reply@example.org>")
		s.secrets.add(env.Getenv("AUTHGRAPH_SECRET"), env.Getenv("OTHERSECRET"), mailtest.Password)
	}
	env.Setenv("AUTHGRAPH_DATABASE_URL", s.url)
	env.Setenv("SSL_CERT_FILE", s.mail.CAFile(s.tb))
	env.Setenv(clockVariable, filepath.Join(s.tb.TempDir(), "ahead"))
	s.base = env.Vars
	env.Values[storyKey{}] = s
	env.Defer(s.end) // before the databases are dropped
	return nil
}

// end stops the server and looks through all that it left behind.
func (s *story) end() {
	s.kill(&s.server)
	s.kill(&s.replica)
	if s.operator != nil {
		s.operator.stop()
	}
	if s.provider != nil {
		s.provider.Close()
	}
	if s.collector != nil {
		s.collector.checkSpans(s)
	}
	if !s.tb.Failed() {
		s.checkLog()
		s.checkLeaks()
	}
}

// commands are the words that scripts have beside testscript's own.
func commands() map[string]func(*testscript.TestScript, bool, []string) {
	words := map[string]func(*testscript.TestScript, bool, []string){}
	for name, run := range map[string]func(*story, *testscript.TestScript, []string){
		"serve": (*story).serve, "restart": (*story).restart, "replicate": (*story).replicate, "refuses-to-serve": (*story).refusesToServe,
		"shutdown": (*story).shutdown, "kill9": (*story).kill9, "pass": (*story).pass, "heard": (*story).heard, "faults": (*story).expectFaults,

		"gql": (*story).gql, "refuses": (*story).refuses, "query": (*story).query, "http": (*story).http,
		"answers": (*story).answers, "storm": (*story).storm, "crash": (*story).crash, "each": (*story).each,
		"want": (*story).want, "get": (*story).get, "cookie": (*story).cookie, "status": (*story).status, "keep": (*story).keep,

		"account": (*story).account, "mail": (*story).letter, "notice": (*story).notice, "letters": (*story).letters, "caught": (*story).caught, "smtp": (*story).smtp,
		"app": (*story).app, "code": (*story).code, "token": (*story).token,
		"application": (*story).application, "replies": (*story).replies, "asked": (*story).asked,
		"provider": (*story).startProvider, "provider-is": (*story).providerIs, "person": (*story).person, "challenge": (*story).challenge,
		"visit": (*story).visit, "idtoken": (*story).idtoken, "collector": (*story).collectSpans,
		"makes": (*story).makes, "signs": (*story).signs, "twenty": (*story).twenty,
		"count": (*story).count, "sql": (*story).sql, "empty-database": (*story).emptyDatabase,
	} {
		words[name] = func(ts *testscript.TestScript, neg bool, args []string) {
			if neg {
				ts.Fatalf("%s has no negation", name)
			}
			run(ts.Value(storyKey{}).(*story), ts, args)
		}
	}
	for name, run := range map[string]func(*story, *testscript.TestScript, bool, []string){
		"header": (*story).header, "log": (*story).log, "span": (*story).span,
	} {
		words[name] = func(ts *testscript.TestScript, neg bool, args []string) {
			run(ts.Value(storyKey{}).(*story), ts, neg, args)
		}
	}
	return words
}

// usage ends a script whose command has the wrong number of arguments.
func usage(ts *testscript.TestScript, ok bool, text string) {
	if !ok {
		ts.Fatalf("usage: %s", text)
	}
}

// TestVocabulary: whoever writes a story finds every word in the README.
func TestVocabulary(t *testing.T) {
	readme, err := os.ReadFile("testdata/script/README.md")
	if err != nil {
		t.Fatal(err)
	}
	for word := range commands() {
		if text := string(readme); !strings.Contains(text, "`"+word) && !strings.Contains(text, "`[!] "+word) {
			t.Errorf("the README does not explain %s", word)
		}
	}
}
