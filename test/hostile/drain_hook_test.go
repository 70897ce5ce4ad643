package hostile

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"
)

// slowApplication answers hooks when it is let go, and tells that it is asked.
func (s *site) slowApplication() (asked <-chan struct{}, letGo func()) {
	s.t.Helper()
	questions, answer := make(chan struct{}, 100), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		questions <- struct{}{}
		<-answer
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte("{}")) // who asked may be gone
	}))
	letGo = sync.OnceFunc(func() { close(answer) })
	s.t.Cleanup(server.Close)
	s.t.Cleanup(letGo)
	dir := s.t.TempDir()
	secret, hooks := filepath.Join(dir, "secret"), filepath.Join(dir, "hooks.json")
	text, err := json.Marshal(map[string]any{"validate": map[string]any{"url": "http+insecure://" + server.Listener.Addr().String(), "secretFile": secret, "timeout": "5s"}})
	if err != nil {
		s.t.Fatal(err)
	}
	for path, content := range map[string]string{secret: "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX\n", hooks: string(text)} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			s.t.Fatal(err)
		}
	}
	s.set("HOOKS=" + hooks)
	return questions, letGo
}

// SIGTERM comes while the operator's application thinks about sign-ups. They are
// finished and answered, and their letters go out, from the next process if need
// be, once each.
func TestDrainWithAHookUnderWay(t *testing.T) {
	besides(t, func(t *testing.T, s *site) {
		s.unlimited()
		asked, letGo := s.slowApplication()
		p := s.start()
		people := []string{"ann@example.org", "bob@example.org", "carl@example.org"}
		var all sync.WaitGroup
		for _, address := range people {
			all.Go(func() {
				if a := p.answered(signUp, input{"email": address, "password": password}); a.code() != "" || a.payload().Status != "CONFIRMATION_SENT" {
					t.Errorf("a sign-up under way is answered %d %s", a.status, a.body)
				}
			})
		}
		for range people {
			<-asked
		}
		p.signal(syscall.SIGTERM)
		p.await(patience, "the program still listens", func() bool { return p.word("/healthz") == "" })
		began := time.Now()
		letGo()
		all.Wait()
		p.wait()
		if took := time.Since(began); p.err != nil || took > within(stopsWithin) {
			t.Errorf("the program ends %v after the last answer with %v", took, p.err)
		}
		if t.Failed() {
			return // there are letters that nobody was promised
		}
		next := s.start()
		for _, address := range people {
			s.mail.Token(t, address)
		}
		s.settle(next)
		if n := len(s.mail.Messages()); n != len(people) {
			t.Errorf("%d letters came to %d people", n, len(people))
		}
	})
}
