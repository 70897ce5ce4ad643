// Package callout asks others over HTTP: the operator's application, and the
// provider of a CAPTCHA. Their addresses come from settings alone.
//
//	client.go   one bounded request: no redirect, no proxy, no endless answer
//	hook.go     a hook: JSON, signed by Standard Webhooks
//	sign.go     the signature, and the secrets in a file
//	captcha.go  siteverify of Turnstile and hCaptcha
//
// The package knows no account. What an answer means is decided in auth.
package callout

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"syscall"
	"time"

	"github.com/authgraph/authgraph/internal/trace"
)

const (
	// maxAnswer is the longest answer that is read, in bytes.
	maxAnswer = 16 << 10
	// maxAtOnce is how many requests may be under way to one address. Others are
	// refused at once: one that hangs must not hold up everything else.
	maxAtOnce = 32
	// idle is how many connections are kept.
	idle = 16
)

// What an answer can be refused for. No error quotes an answer.
var (
	errTooLong  = errors.New("the answer is longer than 16 KiB")
	errNotJSON  = errors.New("the answer is not application/json")
	errRedirect = errors.New("the answer is a redirect, which is not followed")
)

// client asks one address.
type client struct {
	http  *http.Client
	slots chan struct{}
}

func newClient(timeout time.Duration) *client {
	return &client{
		http: &http.Client{
			Transport: &http.Transport{ // Proxy is nil: the environment must not lead elsewhere
				DialContext:            (&net.Dialer{Timeout: timeout}).DialContext,
				MaxIdleConns:           idle,
				MaxIdleConnsPerHost:    idle,
				IdleConnTimeout:        time.Minute,
				TLSHandshakeTimeout:    timeout,
				MaxResponseHeaderBytes: maxAnswer,
				ForceAttemptHTTP2:      true,
			},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			Timeout:       timeout,
		},
		slots: make(chan struct{}, maxAtOnce),
	}
}

// post sends a body and returns the body of an answer 200 in JSON. make is
// called for each try. A second try follows only if the connection was refused,
// so that nothing has been asked yet.
func (c *client) post(ctx context.Context, build func(ctx context.Context) (*http.Request, error)) ([]byte, error) {
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	default:
		return nil, BusyError{}
	}
	ctx, cancel := context.WithTimeout(ctx, c.http.Timeout) // of both tries together
	defer cancel()
	answer, err := c.once(ctx, build)
	if errors.Is(err, syscall.ECONNREFUSED) {
		answer, err = c.once(ctx, build)
	}
	return answer, err
}

func (c *client) once(ctx context.Context, build func(ctx context.Context) (*http.Request, error)) (answer []byte, err error) {
	ctx, span := trace.Start(ctx, "callout", trace.Client)
	defer func() { span.End(err) }()
	request, err := build(ctx)
	if err != nil {
		return nil, err
	}
	response, err := c.http.Do(request)
	if quoting, ok := errors.AsType[*url.Error](err); ok {
		return nil, quoting.Err // without the address, which may hold a secret
	}
	if err != nil {
		return nil, err
	}
	defer response.Body.Close() //nolint:errcheck // it was read as far as it counts
	switch {
	case response.StatusCode >= 300 && response.StatusCode < 400:
		return nil, errRedirect
	case response.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("the answer has the status %d", response.StatusCode)
	}
	if kind, _, err := mime.ParseMediaType(response.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return nil, errNotJSON
	}
	answer, err = io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	if err != nil {
		return nil, err
	}
	if len(answer) > maxAnswer {
		return nil, errTooLong
	}
	return answer, nil
}

// BusyError says that too many requests are under way. Nobody was asked.
type BusyError struct{}

func (BusyError) Error() string { return "too many requests are under way" }

// Busy tells it from a failure of who was to be asked.
func (BusyError) Busy() bool { return true }
