package hostile
import ("testing";"context";"fmt";"time";"sync")
func TestDbg(t *testing.T) {
	onEach(t, func(t *testing.T, s *site) {
		s.unlimited(); s.set("HASH_CONCURRENCY=2"); admin:=s.withAdmin()
		p := s.start()
		ctx, stop := context.WithTimeout(t.Context(), 4*time.Second); defer stop()
		var y tally; var mu sync.Mutex; first:=time.Now(); var when []string
		go func(){ for ctx.Err()==nil { time.Sleep(500*time.Millisecond); t.Log(admin.word("/health")) } }()
		atOnce(50,50,func(person int){ for i:=0; ctx.Err()==nil;i++ { b:=time.Now(); a,err:=p.ask(context.Background(), signUp, input{"email":fmt.Sprintf("x%d_%d@example.org",person,i),"password":password}); y.note(b,a,err); mu.Lock(); when=append(when,fmt.Sprint(time.Since(first).Milliseconds())); mu.Unlock() } })
		t.Log(y.codes, y.took); t.Log(when)
		p.kill()
	})
}
