package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"
)

// pieces of secrets that must never come out.
var pieces = []string{"hunter2", goodSecret, otherSecret, "vTq3xYw8rZ1kNcJ5mHd0uGs7pLf2bQe9oXi4aRyKtWg"}

func tells(text string) bool {
	for _, piece := range pieces {
		if strings.Contains(text, piece) || strings.Contains(text, fmt.Sprintf("%x", piece)) || strings.Contains(text, fmt.Sprint([]byte(piece))) {
			return true
		}
	}
	return false
}

func TestPrint(t *testing.T) {
	c := load(t, production(
		"AUTHGRAPH_SECRET_PREVIOUS="+otherSecret, "AUTHGRAPH_PASSWORD_PEPPER="+goodPepper,
		"AUTHGRAPH_DATABASE_URL=postgres://us%40er:hunter2@db:5432/x?connect_timeout=3&options=hunter2", "AUTHGRAPH_LISTEN_URL=postgres://u@db/x?password=hunter2",
		"AUTHGRAPH_SMTP_URL=smtps://us%40er:hunter2@mx", "AUTHGRAPH_SERVICE_NAME=Ann's Shop",
	)...)
	var b strings.Builder
	if err := c.Print(&b); err != nil {
		t.Fatal(err)
	}
	if tells(b.String()) {
		t.Errorf("Print() shows a secret:\n%s", b.String())
	}
	for _, want := range []string{
		"MODE=production  # environment", "SERVICE_NAME=Ann's Shop  # environment", "SECRET=********  # environment", "SECRET_PREVIOUS=********  # environment",
		"PASSWORD_PEPPER=a1:********  # environment", "DATABASE_URL=postgres://us%40er:********@db:5432/x?connect_timeout=3&options=masked&sslmode=verify-full  # environment",
		"LISTEN_URL=postgres://u@db/x?password=masked&sslmode=verify-full  # environment", "SMTP_URL=smtps://us%40er:********@mx:465  # environment",
		"CONFIRM_URL=https://auth.example.com/confirm  # default", "ISSUER=https://auth.example.com  # default", "ALLOWED_ORIGINS=  # default", "INTROSPECTION=false  # default",
		`MAIL_FROM="Shop" <no-reply@example.com>  # environment`,
	} {
		if !strings.Contains(b.String(), "AUTHGRAPH_"+want+"\n") {
			t.Errorf("Print() has no line AUTHGRAPH_%s:\n%s", want, b.String())
		}
	}
	if got, want := strings.Count(b.String(), "\n"), len(Table()); got != want {
		t.Errorf("Print() has %d lines, the table %d rows", got, want)
	}
	if strings.Contains(b.String(), "_FILE=") {
		t.Error("Print() shows the files of secrets")
	}
}

func TestPrintDevelopment(t *testing.T) {
	var b strings.Builder
	if err := load(t).Print(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"SECRET=********  # made in data/secret", "PUBLIC_URL=http://localhost:8080  # default", "DATABASE_URL=sqlite:data/authgraph.db  # default",
		"LISTEN_URL=  # default", "SMTP_URL=  # default", `MAIL_FROM="authgraph" <no-reply@localhost>  # default`, "PLAYGROUND=true  # default",
	} {
		if !strings.Contains(b.String(), "AUTHGRAPH_"+want+"\n") {
			t.Errorf("Print() has no line AUTHGRAPH_%s:\n%s", want, b.String())
		}
	}
}

func TestPrintedTwiceIsTheSame(t *testing.T) {
	var first strings.Builder
	if err := load(t, "AUTHGRAPH_LISTEN=localhost:9000").Print(&first); err != nil {
		t.Fatal(err)
	}
	var env []string
	for line := range strings.Lines(first.String()) {
		setting, _, _ := strings.Cut(line, "  # ")
		if name, value, _ := strings.Cut(setting, "="); value != "" && name != "AUTHGRAPH_SECRET" {
			env = append(env, setting)
		}
	}
	var second strings.Builder
	if err := load(t, env...).Print(&second); err != nil {
		t.Fatal(err)
	}
	values := func(text string) string {
		var b strings.Builder
		for line := range strings.Lines(text) {
			setting, _, _ := strings.Cut(line, "  # ")
			b.WriteString(setting + "\n")
		}
		return b.String()
	}
	if diff := cmp.Diff(values(first.String()), values(second.String())); diff != "" {
		t.Errorf("what Print shows, read again, is another (-first +second): %s", diff)
	}
}

// A setting cannot make Print show another one.
func TestPrintKeepsToTheLine(t *testing.T) {
	c := load(t, "AUTHGRAPH_DATA_DIR=x\nAUTHGRAPH_MODE=production")
	var b strings.Builder
	if err := c.Print(&b); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "\nAUTHGRAPH_MODE=production") {
		t.Errorf("Print():\n%s", b.String())
	}
}

// Wherever a secret is put, right or wrong, nothing that is printed has it.
func TestSecretsStayInside(t *testing.T) {
	values := []string{
		"hunter2", goodSecret, goodSecret + "\x01", "postgres://u:hunter2@h/x", "postgres://u:hunter2%zz@h/x", "postgres://u:hunter2@h:x/x", "postgres://u:hunter2@one:1,two:2/x", "postgres://h/x?password=hunter2",
		"postgres://h/x?sslmode=hunter2", "postgres://u:hunter2#@h/x", "mysql://u:hunter2@h/x", "sqlite://u:hunter2@h", "smtp://u:hunter2@h", "smtp://u:hunter2%@h", "smtp+insecure://u:hunter2@h", "smtp://u:hunter2@h/x", "smtp://u:hunter2@h:x",
		"https://u:hunter2@a.com", "https://u:hunter2@a.com:x", "a:hunter2", goodPepper, goodPepper + "," + goodPepper, "a1:" + goodSecret + "x", "u:hunter2@h,*",
	}
	check := func(t *testing.T, what string, environ []string) {
		t.Helper()
		c, warnings, err := Settings{}.Config(environ) // without building a command line each time
		out := fmt.Sprintf("%v %+v %#v %q", err, warnings, err, warnings)
		if err == nil {
			var b bytes.Buffer
			_ = c.Print(&b)
			slog.New(slog.NewJSONHandler(&b, nil)).Info("", "c", c, "v", *c)
			slog.New(slog.NewTextHandler(&b, nil)).Info("", "c", c, "v", *c)
			encoded, _ := json.Marshal(c)
			out += b.String() + string(encoded) + fmt.Sprintf("%v %+v %#v %s %x %d %v", c, c, c, *c, *c, *c, []any{*c})
		}
		if tells(out) {
			t.Errorf("%s: %s", what, out)
		}
	}
	for _, f := range new(Settings).fields() {
		for _, value := range values {
			if !f.row.secret && !strings.Contains(value, "@") && f.row.of == "" {
				continue // a setting that is no secret may be shown
			}
			if slices.Contains([]string{"DATA_DIR", "SERVICE_NAME", "BRAND_NAME", "AUDIENCE"}, f.row.name) || strings.HasPrefix(value, "sqlite:") {
				continue // a path or a name is shown, whatever it looks like
			}
			for _, base := range [][]string{nil, production()} {
				check(t, f.row.name+"="+value, append(base, prefix+f.row.name+"="+value))
			}
			encoded, err := json.Marshal(map[string]any{strings.ToLower(f.row.name): value})
			if err != nil {
				t.Fatal(err)
			}
			check(t, "the file with "+f.row.name, []string{"AUTHGRAPH_CONFIG=" + writeFile(t, string(encoded))})
		}
	}
	var s Settings
	k, err := kong.New(&s, Options()...)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.Parse([]string{"--secret", "hunter2", "--smtp-url=hunter2"}); err != nil {
		t.Fatal(err)
	}
	if out := fmt.Sprintf("%v %+v %#v %s %x %d", s, s, s, s, s, s); tells(out) {
		t.Errorf("Settings print a secret: %s", out)
	}
}

func TestMarkdown(t *testing.T) {
	text := Markdown()
	for _, want := range []string{
		"\n#### What a team sets first\n\n| Setting | Default | What it is |\n| --- | --- | --- |\n| `AUTHGRAPH_MODE` | `development` | ", "\n\n#### Network\n\n| Setting |",
		"| `AUTHGRAPH_SECRET` (or `…_FILE`) | made in DATA_DIR/secret | ", "| `AUTHGRAPH_MAIL_FROM` | `<SERVICE_NAME> <no-reply@localhost>` | ",
		"| `AUTHGRAPH_ACCESS_TTL` | `15m` | Life of an access token", "Between 1s and 1h. |\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("Markdown() lacks %q:\n%s", want, text)
		}
	}
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "#") || line == "\n" {
			continue
		}
		if strings.Count(strings.ReplaceAll(line, `\|`, ""), "|") != 4 {
			t.Errorf("not a row of three: %s", line)
		}
	}
}

// A command line embeds the settings and has commands beside them.
func TestEmbedding(t *testing.T) {
	var cli struct {
		Settings
		Serve struct{} `cmd:"" default:"1"`
		User  struct {
			Show struct {
				Name string `arg:""`
			} `cmd:""`
		} `cmd:""`
	}
	var help bytes.Buffer
	k, err := kong.New(&cli, append(Options(), kong.Writers(&help, &help), kong.Exit(func(int) {}))...)
	if err != nil {
		t.Fatal(err)
	}
	for want, args := range map[string][]string{"serve": {"--data-dir=x"}, "user show <name>": {"user", "show", "ann", "--data-dir", "x"}} {
		ctx, err := k.Parse(args)
		if err != nil {
			t.Fatal(err)
		}
		c, _, err := cli.Settings.Config(nil)
		if err != nil {
			t.Fatal(err)
		}
		if ctx.Command() != want || c.DataDir != "x" {
			t.Errorf("%q runs %q with DATA_DIR=%s", args, ctx.Command(), c.DataDir)
		}
	}
	_, _ = k.Parse([]string{"--help"})
	for _, want := range []string{"--access-ttl=15m", "($AUTHGRAPH_ACCESS_TTL)", "--usernames", "--secret-file=…", "\nSessions and tokens\n"} {
		if !strings.Contains(help.String(), want) {
			t.Errorf("the help lacks %q:\n%s", want, help.String())
		}
	}
}
