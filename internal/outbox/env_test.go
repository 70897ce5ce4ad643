package outbox

import (
	"bytes"
	"context"
	"crypto/sha256"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/outboxmessage"
	"github.com/authgraph/authgraph/ent/usertoken"
	"github.com/authgraph/authgraph/internal/mail"
	"github.com/authgraph/authgraph/internal/mailtest"
	"github.com/authgraph/authgraph/internal/secret"
	"github.com/authgraph/authgraph/internal/store"
)

// clock is a clock to turn.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

func realTime() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// log keeps what is logged.
type log struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *log) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(b)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// env is an outbox on a fresh database, with a clock to turn.
type env struct {
	*Outbox
	clock *clock
	root  *secret.Root
	log   *log
}

func newEnv(t *testing.T, db *store.Store) *env {
	t.Helper()
	root, err := secret.New(secret.Generate())
	if err != nil {
		t.Fatal(err)
	}
	e := &env{clock: &clock{t: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}, root: root, log: &log{}}
	e.Outbox = New(db, root, e.clock.now)
	return e
}

// realTime has the outbox use the real clock, for tests of waits.
func (e *env) realTime() *env {
	e.Outbox = New(e.db, e.root, realTime)
	return e
}

// enqueue writes letters as a flow does.
func (e *env) enqueue(t *testing.T, ms ...Message) {
	t.Helper()
	for len(ms) > 0 {
		some := ms[:min(len(ms), 200)]
		ms = ms[len(some):]
		err := e.db.InTx(t.Context(), func(tx *store.Tx) error {
			for _, m := range some {
				if err := e.Enqueue(t.Context(), tx, m); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	e.Wake()
}

// notice is a letter without a token.
func (e *env) notice(to string) Message {
	return Message{Letter: mail.PasswordChanged, Recipient: to, Content: mail.Letter{At: e.now()}}
}

// confirm is a letter with a token, whose row it writes.
func (e *env) confirm(t *testing.T, to string) Message {
	t.Helper()
	plain, digest := secret.Mint()
	m := Message{
		Letter: mail.Confirm, Recipient: to, Token: plain, TokenID: uuid.New(),
		Content: mail.Letter{At: e.now(), ExpiresAt: e.now().Add(48 * time.Hour)},
	}
	err := e.db.InTx(t.Context(), func(tx *store.Tx) error {
		return tx.UserToken.Create().SetID(m.TokenID).SetPurpose(usertoken.PurposeConfirm).SetDigest(digest).
			SetCreatedAt(e.now()).SetExpiresAt(e.now().Add(48 * time.Hour)).Exec(t.Context())
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// voidTokens deletes every token.
func (e *env) voidTokens(t *testing.T) {
	t.Helper()
	err := e.db.InTx(t.Context(), func(tx *store.Tx) error {
		_, err := tx.UserToken.Delete().Exec(t.Context())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// worker returns a worker that logs into the env.
func (e *env) worker(h Handler, s Settings) *Worker {
	return e.Worker(h, s, slog.New(slog.NewJSONHandler(e.log, nil)))
}

// run runs a worker until the function it returns is called, or the test ends.
func run(t *testing.T, w *Worker) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.Run(ctx)
	}()
	stop = func() {
		cancel()
		<-done
	}
	t.Cleanup(stop)
	return stop
}

// rows returns the letters, oldest first.
func (e *env) rows(t *testing.T) []*ent.OutboxMessage {
	t.Helper()
	rows, err := e.db.OutboxMessage.Query().Order(outboxmessage.ByID()).All(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// sealed is a letter's sealed token; ent reads NULL as a pointer to nothing.
func sealed(l *ent.OutboxMessage) []byte {
	if l.SealedToken == nil {
		return nil
	}
	return *l.SealedToken
}

// await waits until every letter is in this state, and returns them.
func (e *env) await(t *testing.T, state outboxmessage.State) []*ent.OutboxMessage {
	t.Helper()
	eventually(t, func() bool {
		n, err := e.db.OutboxMessage.Query().Where(outboxmessage.StateNEQ(state)).Count(context.Background())
		return err == nil && n == 0
	})
	return e.rows(t)
}

// eventually asks until it is so: what workers do shows in the database only.
func eventually(t *testing.T, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	for !ok() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatal("it never came true")
		}
	}
}

// postman is a handler that sends to a mail server, as the program does.
func postman(t *testing.T, server *mailtest.Server) Handler {
	t.Helper()
	at, err := mail.ParseURL(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	smtp, err := mail.NewSMTP(at, mail.Sender{Address: "no-reply@example.org"}, mail.SMTPOptions{RootCAs: server.Pool(), Timeout: 2 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { smtp.Close() })
	renderer, err := mail.NewRenderer(mail.Settings{Service: "Example", ConfirmPage: "https://example.org/confirm", ResetPage: "https://example.org/reset", CodePage: "https://example.org/code"})
	if err != nil {
		t.Fatal(err)
	}
	return mail.NewCourier(renderer, smtp).Deliver
}

// failure is an error as a handler returns it.
type failure struct{ permanent, outage, underway bool }

func (f failure) Error() string   { return "it failed" }
func (f failure) Permanent() bool { return f.permanent }
func (f failure) Outage() bool    { return f.outage }
func (f failure) Underway() bool  { return f.underway }

// record is a handler that keeps what it was given and answers with a list of
// errors, then with nil.
type record struct {
	mu      sync.Mutex
	got     []mail.Delivery
	answers []error
}

func (r *record) handle(_ context.Context, d mail.Delivery) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got = append(r.got, d)
	if len(r.answers) == 0 {
		return nil
	}
	err := r.answers[0]
	r.answers = r.answers[1:]
	return err
}

func (r *record) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.got)
}

// leaks reports whether a text tells a token, a digest of it or an address.
func leaks(text string, m Message) bool {
	sum := sha256.Sum256([]byte(m.Token))
	return m.Token != "" && (strings.Contains(text, m.Token) || strings.Contains(text, string(sum[:]))) || strings.Contains(text, m.Recipient)
}
