package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/authgraph/authgraph/graph"
	"github.com/authgraph/authgraph/graph/edge"
	"github.com/authgraph/authgraph/graph/profile"
	"github.com/authgraph/authgraph/internal/config"
	"github.com/authgraph/authgraph/internal/mail"
	"github.com/authgraph/authgraph/internal/origin"
	"github.com/authgraph/authgraph/internal/outbox"
	"github.com/authgraph/authgraph/internal/server"
	"github.com/authgraph/authgraph/internal/trace"
	"github.com/authgraph/authgraph/web"
)

type serveCommand struct{}

// Run serves until the program is told to stop, then lets requests and letters
// under way finish. To be told so before it serves is no failure.
func (serveCommand) Run(p *program) error {
	c := p.config
	queue := newLogQueue(p.logTo)
	defer queue.close()
	log := slog.New(slog.NewJSONHandler(queue, &slog.HandlerOptions{Level: c.LogLevel}))
	for _, w := range p.warn {
		log.Warn("a setting weakens the server", "setting", w.Name, "why", w.Text)
	}
	listeners, err := listen(p.ctx, c)
	if err != nil {
		return unlessStopped(p.ctx, log, err)
	}
	defer listeners.close()
	post, err := newPostOffice(c)
	fields, mistakes := prepareProfile(c)
	if err := errors.Join(err, mistakes, checkDocuments(c, fields)); err != nil { // before a database is made
		return err
	}
	defer post.close()
	meters := newMeters(c)
	o, err := open(p.ctx, c, log)
	if err != nil {
		return unlessStopped(p.ctx, log, err)
	}
	defer o.store.Close() //nolint:errcheck // the process ends
	for _, path := range o.store.Exposed() {
		log.Warn("users other than its owner can read or write the database file", "file", path)
	}
	tracer := trace.New(c.Traces, log)
	defer flush(tracer)
	worker := o.outbox.Worker(traced(tracer, post.courier.Deliver), outbox.Settings{}, log)
	ready := &readiness{keys: o.auth.KeysReady, database: o.store.Ready, log: log}
	meters.o, meters.worker, meters.ready = o, worker, ready
	public, err := publicHandler(c, meters, fields, post.mailbox, tracer, log, accessLog(c, queue))
	if err != nil {
		return err
	}
	tellOfPasskeys(p.ctx, c, o, log)
	for _, line := range registered(c) {
		log.Info("people can log in with a provider", "provider", line[0], "redirectURI", line[1])
	}
	if c.Production {
		log.Info("serving", "url", c.PublicURL, "listen", listeners.public.Addr().String(), "admin", listeners.adminAddr())
	} else {
		announce(p.out, c)
	}
	return together(p.ctx, &ready.draining,
		queue.flushed(func(ctx context.Context) error {
			return server.Serve(ctx, listeners.public, public, server.Connections{Request: c.RequestTime, H2C: c.H2C, Log: log})
		}),
		queue.flushed(func(ctx context.Context) error {
			return listeners.serveAdmin(ctx, server.Admin(admin(meters), meters.Handler()), log)
		}),
		queue.flushed(func(ctx context.Context) error { worker.Run(ctx); return nil }),
		queue.flushed(func(ctx context.Context) error { o.auth.Run(ctx); return nil }),
		queue.flushed(func(ctx context.Context) error { keepHouse(ctx, o.passwords); return nil }),
	)
}

// tellOfPasskeys says where there can be none, and warns of those that work no more,
// because the domain that they were made for was changed.
func tellOfPasskeys(ctx context.Context, c *config.Config, o *opened, log *slog.Logger) {
	if c.Auth.Party == nil {
		log.Info("passkeys are off: they need a domain name, and the host of the public URL is an IP address", "setting", "AUTHGRAPH_PUBLIC_URL")
	}
	switch n, err := o.auth.StrandedPasskeys(ctx); {
	case err != nil:
		log.Warn("passkeys of another domain were not counted", "err", err)
	case n > 0:
		log.Warn("passkeys do not work any more: they were made for another domain", "setting", "AUTHGRAPH_PASSKEY_RP_ID", "passkeys", n)
	}
}

// unlessStopped is what went wrong, unless the program was told to stop: what it
// was about to do fails then, each in its own words.
func unlessStopped(ctx context.Context, log *slog.Logger, err error) error {
	if ctx.Err() == nil {
		return err
	}
	log.Debug("stopped before it served", "err", err)
	return nil
}

// announce tells a developer where to look.
func announce(w io.Writer, c *config.Config) {
	fmt.Fprintf(w, "authgraph serves %s\n", c.PublicURL)
	if c.Playground {
		fmt.Fprintf(w, "  GraphiQL  %s/\n", c.PublicURL)
	}
	fmt.Fprintf(w, "  GraphQL   %s/graphql\n", c.PublicURL)
	if c.Mailbox {
		fmt.Fprintf(w, "  mailbox   %s/dev/mailbox\n", c.PublicURL)
	}
}

// together runs all parts until ctx ends or one fails, then waits for the
// others.
func together(ctx context.Context, draining *atomic.Bool, parts ...func(context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	context.AfterFunc(ctx, func() { draining.Store(true) })
	errs := make([]error, len(parts))
	var all sync.WaitGroup
	for i, part := range parts {
		all.Go(func() {
			defer cancel()
			errs[i] = part(ctx)
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

func publicHandler(c *config.Config, m *meters, fields *profile.Definition, mailbox *mail.Mailbox, tracer *trace.Tracer, log *slog.Logger, access io.Writer) (http.Handler, error) {
	trusted, err := trustedDocuments(c)
	if err != nil {
		return nil, err
	}
	api, err := graph.New(m.o.auth, graph.Options{
		Introspection: c.Introspection, Suggestions: c.Introspection, Profile: fields, Trusted: trusted, Log: log,
		Observe: m.observe,
	})
	if err != nil {
		return nil, err
	}
	public, err := origin.ParseURL(c.PublicURL)
	if err != nil {
		return nil, fmt.Errorf("AUTHGRAPH_PUBLIC_URL: %w", err)
	}
	options := server.Options{
		Auth: m.o.auth, GraphQL: api, PublicURL: public, AllowedOrigins: c.AllowedOrigins, OriginPatterns: c.OriginPatterns, AllowedHeaders: c.AllowedHeaders,
		Development: !c.Production, TrustedProxies: c.TrustedProxies, RequestTime: c.RequestTime, Log: log, AccessLog: access,
		Ready: m.ready.ask, Observe: m.Answer, Tracer: tracer,
	}
	if c.ServesRelatedOrigins() {
		options.RelatedOrigins = c.RelatedOriginsDocument()
	}
	pages := pagesOptions(c, public, mailbox != nil)
	if c.Playground {
		options.Playground = web.Playground(pages)
	}
	if c.Pages {
		options.Pages = web.HostedPages(pages)
	}
	if mailbox != nil {
		options.Mailbox = mailboxHandler(mailbox, pages)
	}
	return server.New(options), nil
}

// pagesOptions are what our own pages say.
func pagesOptions(c *config.Config, public origin.URL, mailbox bool) web.Options {
	o := web.Options{
		ServiceName: cmp.Or(c.BrandName, c.Letters.Service), Base: public.Path, LoginURL: c.LoginPage,
		Locales:           c.Letters.Locales.Tags(),
		PasswordMinLength: c.Auth.Policy.Min, PasswordMaxLength: c.Auth.Policy.Max, Mailbox: mailbox, Playground: c.Playground,
		Captcha:  web.Captcha{Provider: c.Captcha.Provider, SiteKey: c.Captcha.SiteKey, On: c.Captcha.On},
		Accounts: c.HostedPages, Apps: c.Apps, Registered: c.TrustedDocuments != "", Brand: c.Brand,
	}
	if own := public.String() + "/signed-in"; slices.Contains(c.ReturnURLs.List, own) {
		o.ReturnURL = own
	}
	if c.HostedPages && o.LoginURL == "" {
		o.LoginURL = public.Path + "/log-in"
	}
	return o
}

// accessLog is where the line of each request goes, if it is wanted.
func accessLog(c *config.Config, to io.Writer) io.Writer {
	if c.LogLevel > slog.LevelInfo {
		return nil
	}
	return to
}

// trustedDocuments are the operator's, and those of our own pages.
func trustedDocuments(c *config.Config) (map[string]string, error) {
	if c.TrustedDocuments == "" {
		return nil, nil
	}
	f, err := os.Open(c.TrustedDocuments)
	if err != nil {
		return nil, fmt.Errorf("AUTHGRAPH_TRUSTED_DOCUMENTS: %w", err)
	}
	defer f.Close() //nolint:errcheck // it is only read
	documents, err := edge.ReadTrusted(f)
	if err != nil {
		return nil, fmt.Errorf("AUTHGRAPH_TRUSTED_DOCUMENTS: %w", err)
	}
	if c.Pages {
		for _, text := range web.Documents(web.Options{Accounts: c.HostedPages}) {
			sum := sha256.Sum256([]byte(text))
			documents[hex.EncodeToString(sum[:])] = text
		}
	}
	return documents, nil
}

// mailboxHandler serves the caught letters beside the page that shows them.
func mailboxHandler(mailbox *mail.Mailbox, pages web.Options) http.Handler {
	page := web.MailboxPage(pages)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/dev/mailbox.json" {
			page.ServeHTTP(w, r)
			return
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
			return
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_ = json.NewEncoder(w).Encode(mailbox.Messages()) // the client is gone: nobody to tell
	})
}
