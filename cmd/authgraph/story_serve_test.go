package main

import (
	"bytes"
	"fmt"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/authgraph/authgraph/internal/config"
)

var (
	servingLine = regexp.MustCompile(`"msg":"serving".*"listen":"([^"]+)"`)
	adminLine   = regexp.MustCompile(`"msg":"serving".*"admin":"([^"]+:\d+)"`)
	servesLine  = regexp.MustCompile(`authgraph serves http://(\S+)`)
)

// serve [SETTING=value | -SETTING]… starts the server, with settings and
// without, and waits until it serves.
func (s *story) serve(ts *testscript.TestScript, args []string) {
	if s.server != nil {
		ts.Fatalf("the server runs already")
	}
	s.settings = args
	s.server = s.start(ts)
	ts.Setenv("ADDR", s.server.awaitServing(ts))
	ts.Setenv("URL", "http://"+ts.Getenv("ADDR"))
	if admin, _ := s.server.log.find(adminLine); admin != nil {
		ts.Setenv("ADMIN", "http://"+admin[1])
	}
}

// replicate starts another server on the same database, with the same settings.
// A request goes there if it says at=replica.
func (s *story) replicate(ts *testscript.TestScript, _ []string) {
	s.replica = s.start(ts)
	ts.Setenv("REPLICA", "http://"+s.replica.awaitServing(ts))
}

// restart [SETTING=value | -SETTING]… starts the server again, with the settings
// of the latest serve and these.
func (s *story) restart(ts *testscript.TestScript, args []string) {
	s.serve(ts, append(slices.Clone(s.settings), args...))
}

func (s *story) start(ts *testscript.TestScript) *process {
	p := &process{cmd: exec.Command(s.program, "serve"), exited: make(chan struct{})} //nolint:gosec // this test binary
	p.cmd.Dir = ts.Getenv("WORK")
	p.cmd.Env = s.environment(ts)
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.log
	ts.Check(p.cmd.Start())
	go func() {
		p.err = p.cmd.Wait()
		close(p.exited)
	}()
	return p
}

// awaitServing waits until the server says where it listens.
func (p *process) awaitServing(ts *testscript.TestScript) (addr string) {
	said, pattern := &p.out, servesLine
	if ts.Getenv("AUTHGRAPH_MODE") == "production" {
		said, pattern = &p.log, servingLine
	}
	found, ok := p.await(said, pattern)
	if !ok {
		ts.Fatalf("the server does not serve:\n%s%s", p.out.String(), p.log.String())
	}
	return found[1]
}

// refuses-to-serve [SETTING=value | -SETTING]… starts the server, which must
// end by itself with status 1. What it says is in stdout and stderr.
func (s *story) refusesToServe(ts *testscript.TestScript, args []string) {
	s.settings = args
	p := s.start(ts)
	select {
	case <-p.exited:
	case <-time.After(patience):
		_ = p.cmd.Process.Kill() // it serves, which fails the story
		ts.Fatalf("the server does not refuse:\n%s", p.log.String())
	}
	fmt.Fprint(ts.Stdout(), p.out.String())
	fmt.Fprint(ts.Stderr(), p.log.String())
	if code := p.cmd.ProcessState.ExitCode(); code != 1 {
		ts.Fatalf("the server ended with %d, want 1", code)
	}
}

// environment is the script's as it is now, with the settings of serve.
func (s *story) environment(ts *testscript.TestScript) []string {
	env := slices.Clone(s.base)
	for _, row := range config.Table() {
		if value := ts.Getenv(row.Name); value != "" {
			env = append(env, row.Name+"="+value)
		}
	}
	for _, name := range []string{"OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_BSP_SCHEDULE_DELAY", "OTEL_TRACES_SAMPLER"} {
		env = append(env, name+"="+ts.Getenv(name))
	}
	env = append(env, s.fromProvider...)
	for _, setting := range s.settings {
		if name, without := strings.CutPrefix(setting, "-"); without {
			env = slices.DeleteFunc(env, func(entry string) bool { return strings.HasPrefix(entry, "AUTHGRAPH_"+name+"=") })
		} else {
			env = append(env, "AUTHGRAPH_"+setting)
		}
	}
	return env
}

// shutdown ends the server as an operator does, by SIGTERM, which must be a
// clean end. (A command called stop would be testscript's, and end the story.)
func (s *story) shutdown(ts *testscript.TestScript, _ []string) {
	s.mustRun(ts)
	ts.Check(s.server.cmd.Process.Signal(syscall.SIGTERM))
	select {
	case <-s.server.exited:
	case <-time.After(patience):
		ts.Fatalf("the server does not stop")
	}
	if s.server.err != nil {
		ts.Fatalf("the server ended with %v:\n%s", s.server.err, s.server.log.String())
	}
	s.ended(&s.server)
}

// kill9 ends the server as a power cut does.
func (s *story) kill9(ts *testscript.TestScript, _ []string) {
	s.mustRun(ts)
	s.kill(&s.server)
}

func (s *story) kill(p **process) {
	if *p == nil {
		return
	}
	_ = (*p).cmd.Process.Kill() // it may have ended by itself
	<-(*p).exited
	s.ended(p)
}

func (s *story) ended(p **process) {
	s.logs.WriteString((*p).log.String())
	*p = nil
}

func (s *story) mustRun(ts *testscript.TestScript) {
	if s.server == nil {
		ts.Fatalf("no server runs")
	}
}

// log PATTERN waits for a line in the server's log; ! log PATTERN refuses one
// that is there by now.
func (s *story) log(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, len(args) == 1, "[!] log PATTERN")
	s.mustRun(ts)
	pattern, err := regexp.Compile("(?m)" + args[0])
	ts.Check(err)
	if neg {
		if found, _ := s.server.log.find(pattern); found != nil {
			ts.Fatalf("the log has %q", found[0])
		}
		return
	}
	if _, ok := s.server.await(&s.server.log, pattern); !ok {
		ts.Fatalf("the log has no such line:\n%s", s.server.log.String())
	}
}

// expectFaults says that the server will log errors in this story.
func (s *story) expectFaults(*testscript.TestScript, []string) { s.faults = true }

// checkLog refuses errors that no story asked for, panics, and anything that
// is not one JSON object a line.
func (s *story) checkLog() {
	for line := range bytes.Lines([]byte(s.logs.String())) {
		text := strings.TrimSuffix(string(line), "\n")
		switch {
		case !strings.HasPrefix(text, `{"time":`) || !strings.HasSuffix(text, "}"):
			s.tb.Errorf("the log has a line that is no record: %q", text)
		case strings.Contains(text, `"level":"ERROR"`) && !s.faults:
			s.tb.Errorf("the log has an error: %s", text)
		case strings.Contains(text, `"msg":"panic"`):
			s.tb.Errorf("the log has a panic: %s", text)
		}
	}
}
