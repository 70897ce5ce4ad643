package outbox

import (
	"testing"
	"time"

	"github.com/authgraph/authgraph/ent/outboxmessage"
	"github.com/authgraph/authgraph/internal/mailtest"
	"github.com/authgraph/authgraph/internal/store"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

// quick are the waits of an outage in miniature.
var quick = Settings{
	Poll: 10 * time.Millisecond, Probe: 20 * time.Millisecond, MaxProbe: 100 * time.Millisecond,
	Backoff: 50 * time.Millisecond, MaxBackoff: 10 * time.Minute,
}

// Whatever is wrong with the mail server, no letter is lost or sent
// twice, few letters suffer, and all go out soon after it is well again, those
// that were never tried as well as those that were.
func TestOutage(t *testing.T) {
	const letters = 60
	for name, fault := range map[string]mailtest.Fault{
		"refused":         {Refuse: true},
		"hanging":         {Hang: true},
		"trickling":       {Trickle: time.Second},
		"wrong name":      {WrongName: true},
		"no STARTTLS":     {NoSTARTTLS: true},
		"wrong password":  {Auth: 535},
		"defers all":      {Rcpt: 451},
		"defers content":  {Data: 451},
		"closes":          {Rcpt: 421},
		"drops after all": {DropAfterData: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, db *store.Store) {
				e := newEnv(t, db).realTime()
				server := mailtest.New(t)
				server.Set(fault)
				e.enqueue(t, e.notices(letters)...)
				s := quick
				s.Send = time.Second
				w := e.worker(postman(t, server), s)
				run(t, w)
				eventually(t, func() bool { return w.Counts().Retried >= 6 })
				if !w.Counts().Down {
					t.Error("it is not said that letters do not get through")
				}
				untouched := 0
				for _, row := range e.rows(t) {
					if row.Attempts == 0 {
						untouched++
					}
				}
				if untouched < letters/2 {
					t.Errorf("only %d of %d letters were spared", untouched, letters)
				}
				server.Heal()
				e.await(t, outboxmessage.StateSent)
				eachOnce(t, server, letters)
				eventually(t, func() bool { // counted just after it is recorded
					c := w.Counts()
					return !c.Down && c.Sent == letters && c.Failed == 0
				})
			})
		})
	}
}

// At most two connections a second while the server is down, with the
// default settings.
func TestOutageIsPaced(t *testing.T) {
	t.Parallel()
	e := newEnv(t, storetest.SQLite(t)).realTime()
	server := mailtest.New(t)
	server.Set(mailtest.Fault{Auth: 535})
	e.enqueue(t, e.notices(50)...)
	run(t, e.worker(postman(t, server), Settings{}))
	eventually(t, func() bool {
		e.enqueue(t, e.notice("busy@example.org")) // being woken makes no difference
		return len(server.Dials()) >= 4
	})
	dials := server.Dials()
	for i := 2; i < len(dials); i++ {
		if gap := dials[i].Sub(dials[i-2]); gap < time.Second {
			t.Errorf("connections %d to %d were made within %v", i-2, i, gap)
		}
	}
}

// A letter that upsets the server does not keep the others back.
func TestOutageByOneLetter(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.Store) {
		e := newEnv(t, db).realTime()
		server := mailtest.New(t)
		server.Set(mailtest.Fault{DropAfterData: true, Only: "user0@0.example.org"})
		e.enqueue(t, e.notices(30)...)
		w := e.worker(postman(t, server), quick)
		run(t, w)
		eventually(t, func() bool { return w.Counts().Sent == 29 && w.Counts().Retried >= 2 })
		server.Heal()
		e.await(t, outboxmessage.StateSent)
		eachOnce(t, server, 30)
	})
}

// Letters that send nothing do not use up the probes of an outage.
func TestOutageSkipsEmptyLetters(t *testing.T) {
	t.Parallel()
	e := newEnv(t, storetest.SQLite(t)).realTime()
	r := record{answers: []error{failure{outage: true}}}
	e.enqueue(t, e.notice("ann@example.org"))
	s := quick
	s.Probe, s.MaxProbe, s.Backoff = 500*time.Millisecond, 10*time.Second, time.Minute
	w := e.worker(r.handle, s)
	run(t, w)
	eventually(t, func() bool { return r.count() == 1 })
	for range 50 {
		e.enqueue(t, e.notice(""))
	}
	begin := time.Now()
	eventually(t, func() bool { return w.Counts().Dropped == 50 })
	if took := time.Since(begin); took > 15*time.Second {
		t.Errorf("they took %v: a wait each", took)
	}
	if r.count() != 1 || !w.Counts().Down {
		t.Error("the outage was over before they were dropped, so nothing was tested")
	}
}

func TestWaits(t *testing.T) {
	for before, want := range map[int]time.Duration{0: 5 * time.Second, 1: 10 * time.Second, 5: 160 * time.Second, 6: 5 * time.Minute, 1000: 5 * time.Minute} {
		for range 20 {
			if got := grown(5*time.Second, before, 5*time.Minute); got < want/2 || got > want {
				t.Errorf("grown(%d) = %v, want %v to %v", before, got, want/2, want)
			}
		}
	}
}
