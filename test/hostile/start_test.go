package hostile

import (
	"math/rand/v2"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/pgtest"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

// empty are databases without any table.
var empty = map[string]func(testing.TB) string{
	"sqlite":   storetest.EmptySQLiteURL,
	"postgres": func(t testing.TB) string { return pgtest.Server(t).CreateDatabase(t) },
}

// schema is what the database's tables and indexes are, in order.
func (s *site) schema() string {
	query := `SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable FROM information_schema.columns WHERE table_schema = 'public'
		UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'`
	if _, ok := s.file(); ok {
		query = `SELECT coalesce(sql, name) FROM sqlite_schema`
	}
	db := s.open()
	defer db.Close()
	all := texts(s.t, db, query)
	slices.Sort(all)
	return strings.Join(all, "\n")
}

// migrations is what the database says was done to it.
func (s *site) migrations() []string {
	db := s.open()
	defer db.Close()
	return texts(s.t, db, `SELECT version FROM schema_migrations ORDER BY version`)
}

// Ten processes start at once on an empty database: one brings the schema up to
// date, all serve.
func TestStartAtOnce(t *testing.T) {
	long(t)
	for name, fresh := range empty {
		t.Run(name, func(t *testing.T) {
			var schemas []string
			for range 2 {
				s := newSite(t, fresh(t), "DATABASE_POOL=4")
				programs := make([]*program, 10)
				for i := range programs {
					programs[i] = s.launch()
				}
				began := time.Now()
				for _, p := range programs {
					p.awaitReady(within(30*time.Second) - time.Since(began))
				}
				t.Logf("ten processes are ready after %v", time.Since(began))
				done := s.migrations()
				if len(done) == 0 || len(slices.Compact(slices.Clone(done))) != len(done) {
					t.Errorf("the migrations are %q", done)
				}
				if n := s.count(`SELECT count(*) FROM signing_keys`); n != 1 {
					t.Errorf("%d signing keys were made", n)
				}
				token := programs[0].users(1, "user")[0]
				for i, p := range programs { // all sign and verify with the one key
					if a := p.must(meQuery, nil, bearer(token)...); a.me().Username != "user0" {
						t.Errorf("process %d says %s", i, a.body)
					}
				}
				schemas = append(schemas, s.schema())
				for _, p := range programs {
					p.signal(syscall.SIGTERM)
				}
				for i, p := range programs {
					if p.wait(); p.err != nil {
						t.Errorf("process %d ended with %v:\n%.2000s", i, p.err, p.log.String())
					}
				}
			}
			if schemas[0] != schemas[1] {
				t.Errorf("the schemas differ:\n%s\n\n%s", schemas[0], schemas[1])
			}
		})
	}
}

// A process that is killed while it migrates leaves nothing that stops the next.
func TestKilledInMigration(t *testing.T) {
	long(t)
	for name, fresh := range empty {
		t.Run(name, func(t *testing.T) {
			want := ""
			for round := range 8 {
				s := newSite(t, fresh(t))
				if round > 0 {
					p := s.launch()
					time.Sleep(rand.N(80 * time.Millisecond))
					p.kill()
				}
				p := s.launch()
				p.awaitReady(within(10 * time.Second))
				if got := s.schema(); round == 0 {
					want = got
				} else if got != want {
					t.Errorf("after a kill the schema is\n%s\nwant\n%s", got, want)
				}
				p.users(1, "user")
				p.kill()
			}
		})
	}
}
