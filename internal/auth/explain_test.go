package auth_test

import (
	"context"
	"database/sql"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/oidctest"
	"github.com/authgraph/authgraph/internal/store"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

// No operation reads a large table from end to end. A story runs every
// operation, and every statement that it sends must be planned with an index,
// on tables that are large enough to make the planner care. That keeps the
// service as fast with a million accounts as with a thousand.
func TestNoScans(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		rows := 200 // SQLite's planner looks only at which indexes exist
		if s.Postgres() {
			rows = 10_000 // PostgreSQL's planner looks at how many pages a table has
		}
		fill(t, s, rows)
		plain, at := authtest.OnProvider(t, s, nil)
		env, r := record(plain)
		everything(t, env)
		atProviders(t, env, at)
		planned := map[string]bool{}
		for _, query := range auth.HolderStatements() {
			key := any(uuid.New())
			if strings.Contains(query, "t.digest = ") {
				key = make([]byte, 32)
			}
			checkPlan(t, s, query, key)
		}
		for _, one := range r.of("") {
			if !planned[one.query] && !strings.HasPrefix(one.query, "INSERT ") {
				planned[one.query] = true
				checkPlan(t, s, one.query, one.args...)
			}
		}
		if len(planned) < 40 {
			t.Errorf("%d statements were looked at: the story has become too short", len(planned))
		}
	})
}

var (
	postgresScan = regexp.MustCompile(`Seq Scan on (\w+)`)
	// An index without a condition is also read from end to end.
	postgresIndex = regexp.MustCompile(`Index (?:Only )?Scan|Index Cond`)
	sqliteScan    = regexp.MustCompile(`^SCAN (\w+)`)
)

// checkPlan fails if a statement reads a table from end to end.
func checkPlan(t *testing.T, s *store.Store, query string, args ...any) {
	t.Helper()
	scan, plan := sqliteScan, explain(t, s, query, args...)
	if s.Postgres() {
		scan = postgresScan
	}
	conditions := 0
	for _, line := range plan {
		if strings.Contains(line, "user_with_roles") {
			continue // it has the holders of a role alone, who are counted once, at the start
		}
		if found := scan.FindStringSubmatch(line); found != nil && found[1] != "signing_keys" {
			t.Errorf("%s is read from end to end by\n%s\n%s", found[1], query, strings.Join(plan, "\n"))
		}
		for _, what := range postgresIndex.FindAllString(line, -1) {
			if what == "Index Cond" {
				conditions--
			} else {
				conditions++
			}
		}
	}
	if conditions > 0 {
		t.Errorf("an index is read from end to end by\n%s\n%s", query, strings.Join(plan, "\n"))
	}
}

// explain returns the lines of a statement's plan.
func explain(t *testing.T, s *store.Store, query string, args ...any) []string {
	t.Helper()
	verb := "EXPLAIN QUERY PLAN "
	if s.Postgres() {
		verb = "EXPLAIN "
	}
	rows, err := s.Writer().QueryContext(t.Context(), verb+query, args...)
	if err != nil {
		t.Fatalf("explain %s: %v", query, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var plan []string
	for rows.Next() {
		values := make([]any, len(columns))
		for i := range values {
			values[i] = new(sql.NullString)
		}
		if err := rows.Scan(values...); err != nil {
			t.Fatal(err)
		}
		plan = append(plan, values[len(values)-1].(*sql.NullString).String) // the plan is in the last column of both
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return plan
}

// fill inserts n rows into each large table by hand. That many sign-ups would
// take minutes.
func fill(t *testing.T, s *store.Store, n int) {
	t.Helper()
	number, numbers := "n", `WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < `+strconv.Itoa(n)+`) `
	id := func(table string) string {
		return `lower(printf('00000000-0000-7000-` + table + `-%012x', ` + number + `))`
	}
	bytes, soon, from := `randomblob(32)`, `strftime('%Y-%m-%d %H:%M:%S', 'now', '+' || n || ' minutes') || '+00:00'`, ` FROM numbers`
	if s.Postgres() {
		numbers, from = ``, ` FROM generate_series(1, `+strconv.Itoa(n)+`) AS numbers(n)`
		id = func(table string) string {
			return `('00000000-0000-7000-` + table + `-' || lpad(to_hex(` + number + `), 12, '0'))::uuid`
		}
		bytes, soon = `sha256(n::text::bytea)`, `now() + n * interval '1 minute'`
	}
	for _, insert := range []string{
		`INSERT INTO users (id, email, email_key, username, username_key, password_hash, credentials_changed_at, created_at, updated_at) ` + numbers +
			`SELECT ` + id("8000") + `, 'u' || n || '@example.org', 'u' || n || '@example.org', 'u' || n, 'u' || n, 'x', ` + soon + `, ` + soon + `, ` + soon + from,
		`INSERT INTO user_tokens (id, purpose, digest, sent_to, generation, created_at, expires_at, last_used_at, user_id) ` + numbers +
			`SELECT ` + id("8001") + `, CASE n % 4 WHEN 0 THEN 'api' WHEN 1 THEN 'confirm' ELSE 'session' END, ` + bytes + `, 'u' || n || '@example.org', 0, ` +
			soon + `, ` + soon + `, ` + soon + `, ` + id("8000") + from,
		`INSERT INTO throttles (id, attempts, forgotten_at) ` + numbers + `SELECT 'login_account:' || n, 1, ` + soon + from,
		`INSERT INTO outbox_messages (id, letter, recipient, content, state, attempts, due_at, created_at, finished_at) ` + numbers +
			`SELECT ` + id("8002") + `, 'confirm', 'u' || n || '@example.org', ` + bytes + `, 'sent', 1, ` + soon + `, ` + soon + `, ` + soon + from,
		`INSERT INTO audit_events (id, at, event, outcome, actor, user_id) ` + numbers +
			`SELECT ` + id("8003") + `, ` + soon + `, 'login', 'ok', 'anonymous', ` + id("8000") + from,
		`INSERT INTO factors (id, kind, name, sealed, created_at, confirmed_at, user_id) ` + numbers +
			`SELECT ` + id("8004") + `, 'totp', 'phone', ` + bytes + `, ` + soon + `, ` + soon + `, ` + id("8000") + from,
		`INSERT INTO identities (id, provider, issuer, subject, email_verified, created_at, user_id) ` + numbers +
			`SELECT ` + id("8005") + `, 'corp', 'https://id.example.org', 'subject-' || n, false, ` + soon + `, ` + id("8000") + from,
		`ANALYZE`,
	} {
		if _, err := s.Writer().ExecContext(t.Context(), insert); err != nil {
			t.Fatalf("fill: %v in %s", err, insert)
		}
	}
}

// everything is a story that runs every operation.
func everything(t *testing.T, env *authtest.Env) {
	t.Helper()
	ctx := context.Background()
	must := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	cea := withApp(t, env, "cea@example.org")
	owner := env.As(twoSteps(t, env, cea, "cea@example.org").AccessToken)
	must(env.Factors(ctx, owner.User))
	must(env.RenameFactor(ctx, owner, auth.RenameFactorInput{ID: cea.id, Name: "old phone"}))
	must(env.MakeRecoveryCodes(ctx, owner))
	must(env.StartReauthentication(ctx, owner, auth.StartReauthenticationInput{}))
	must(nil, env.ForgetDevices(ctx, owner))
	must(env.RemoveFactor(ctx, owner, auth.RemoveFactorInput{ID: cea.id}))
	must(nil, resetFactors(ctx, env, authtest.Operator(), owner.User.ID, auth.ResetAllFactors))
	key, _ := withPasskey(t, env, "fay@example.org")
	must(env.StrandedPasskeys(ctx))
	fay := touched(t, env, key)
	must(prove(env, fay, key.Get(presence(t, env, fay).PasskeyOptions)))
	key.Count = 9
	fay = touched(t, env, key)
	addPasskey(t, env, fay, authtest.NewPasskey(), auth.ConfirmPasskeyInput{SecondFactor: true})
	key.Count = 9
	if _, err := touch(env, authtest.Anyone(), key.Get(started(t, env))); err == nil {
		t.Fatal("a clone logs in")
	}
	challenge := challengeFor(t, env, "fay@example.org")
	key.Count = 20
	must(answerBy(env, challenge.Token, key.Get(challenge.PasskeyOptions)))
	must(nil, resetFactors(ctx, env, authtest.Operator(), fay.User.ID, auth.ResetPasskeys))
	must(byCode(env, askCode(t, env, "fay@example.org"), env.Token("login_code", "fay@example.org")))
	fay = env.LogIn("fay@example.org")
	must(env.StartReauthentication(ctx, env.As(fay.AccessToken), auth.StartReauthenticationInput{SendCode: true}))
	must(env.Reauthenticate(ctx, env.As(fay.AccessToken), auth.ReauthenticateInput{EmailCode: ptr(env.Token("login_code", "fay@example.org"))}))
	gil, token, browser := pendingKey(t, env, "gil@example.org")
	must(confirmBy(env, auth.ConfirmInput{Token: token, ConfirmKey: &browser}))
	gils := touched(t, env, gil)
	must(env.UpdateAccount(ctx, env.As(gils.AccessToken), auth.UpdateAccountInput{NewPassword: ptr(newPassword)}))
	must(signUpBy(env, authtest.Anyone(), authtest.NewPasskey().Create(beginSignUp(t, env, auth.StartPasskeySignUpInput{Username: ptr("hal")}))))
	ann, other := env.Account("ann@example.org"), env.LogIn("ann@example.org")
	if _, err := logIn(env, "ann@example.org", "wrong"); err == nil {
		t.Fatal("a wrong password logs in")
	}
	must(env.SignUp(ctx, authtest.Anyone(), auth.SignUpInput{Username: ptr("annie"), Password: authtest.Password}))
	must(env.Login(ctx, authtest.Anyone(), auth.LoginInput{Username: ptr("annie"), Password: authtest.Password}))
	must(reauthenticate(env, ann, authtest.Password))
	ann = refreshed(t, env, ann)
	api := issue(t, env, ann, auth.IssueAPITokenInput{Name: "backup", Scopes: readAccount})
	must(env.Exchange(ctx, env.As(api.Secret), api.Secret))
	sessionsOf(t, env, ann)
	apiTokens(t, env, ann)
	must(env.RevokeSession(ctx, env.As(ann.AccessToken), auth.RevokeSessionInput{ID: other.Session.ID.String()}))
	must(env.RevokeAPIToken(ctx, env.As(ann.AccessToken), auth.RevokeAPITokenInput{ID: api.Token.ID.String()}))
	update(t, env, ann, auth.UpdateAccountInput{Username: ptr("ann")})
	update(t, env, ann, auth.UpdateAccountInput{Email: ptr("annie@example.net")})
	update(t, env, ann, auth.UpdateAccountInput{Email: ptr("ann@example.org")})
	must(confirm(env, changeAddress(t, env, ann, "ann@example.net"), authtest.Password))
	must(reset(env, requestReset(t, env, "ann@example.net"), newPassword))
	again, err := logIn(env, "ann@example.net", newPassword)
	must(again, err)
	ann = again.Login
	update(t, env, ann, auth.UpdateAccountInput{CurrentPassword: ptr(newPassword), NewPassword: ptr(authtest.Password)})
	must(env.Logout(ctx, env.As(ann.AccessToken), auth.LogoutInput{Scope: auth.LogoutOthers}))
	must(env.Logout(ctx, authtest.Anyone(), auth.LogoutInput{RefreshToken: ann.RefreshToken}))
	ann = env.LogIn("ann@example.net")
	old := *ann.RefreshToken
	refreshed(t, env, refreshed(t, env, ann))
	env.Clock.Turn(time.Minute)
	if _, err := refresh(env, old); err == nil {
		t.Fatal("an old refresh token is taken")
	}
	for _, name := range []string{ann.User.ID.String(), "ann@example.net", "ann"} {
		must(env.Service.Account(ctx, authtest.Operator(), name))
	}
	must(env.CreateAccount(ctx, authtest.Operator(), auth.CreateAccountInput{Email: ptr("dora@example.org")}))
	for _, filter := range []auth.AccountFilter{{}, {After: ann.User.ID}, {Prefix: "ann"}, {Prefix: "ann", After: ann.User.ID}} {
		page, _, err := env.Accounts(ctx, authtest.Operator(), filter)
		must(page, err)
	}
	must(env.Events(ctx, auth.EventFilter{User: ann.User.ID}))
	must(env.EndSessions(ctx, authtest.Operator(), ann.User.ID))
	must(nil, env.DisableAccount(ctx, authtest.Operator(), ann.User.ID))
	must(nil, env.EnableAccount(ctx, authtest.Operator(), ann.User.ID))
	ann = env.LogIn("ann@example.net")
	env.Clock.Turn(5 * time.Minute)
	env.As(ann.AccessToken)
	env.Flush()
	must(env.DeleteAccount(ctx, env.As(ann.AccessToken)))
	rot(t, env, 3)
	must(nil, env.Cleanup(ctx))
	bea := env.Account("bea@example.org")
	must(nil, env.RemoveAccount(ctx, authtest.Operator(), bea.User.ID))
}

// atProviders is a story of what can be done with a provider.
func atProviders(t *testing.T, env *authtest.Env, at *oidctest.Provider) {
	t.Helper()
	must := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx := context.Background()
	made := env.LoggedInBy(at, oidctest.Person{Subject: "ida", Email: "ida@example.org", Verified: true})
	env.LoggedInBy(at, oidctest.Person{Subject: "joe", Email: "joe@example.org", Verified: false})
	must(env.Linked(at, made.Login, oidctest.Person{Subject: "ida at home"}))
	c := env.As(made.AccessToken)
	must(env.Identities(ctx, made.User))
	must(env.StartReauthentication(ctx, c, auth.StartReauthenticationInput{}))
	v := env.Return(env.Begin(c, auth.ToReauthenticate), at)
	must(env.Reauthenticate(ctx, c, auth.ReauthenticateInput{Provider: v.Answer()}))
	must(env.UnlinkIdentity(ctx, c, auth.UnlinkIdentityInput{ID: made.Identity.ID.String()}))
	outcome, err := env.By(at, oidctest.Person{Subject: "ida", Email: "ida@example.org", Verified: true})
	must(env.LinkIdentity(ctx, c, auth.LinkIdentityInput{Token: &offered(t, "ida again", outcome, err).Token}))
	must(reset(env, requestReset(t, env, "ida@example.org"), newPassword))
	must(signUp(env, authtest.Anyone(), "ida@example.org", authtest.Password), nil)
	must(env.MoveIssuer(ctx, authtest.Operator(), "https://old.example", "https://new.example"))
}
