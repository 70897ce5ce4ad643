package process

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"
)

// FirstAnswer asks as soon as the process listens, and returns how long after its
// start the answer to a GraphQL request came.
func (p *Process) FirstAnswer(ctx context.Context, body string) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	to, err := p.dial(ctx)
	if err != nil {
		return 0, err
	}
	client := http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext:       func(context.Context, string, string) (net.Conn, error) { return to, nil },
	}}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+p.Address+"/graphql", strings.NewReader(body))
	if err != nil {
		return 0, err
	}
	r.Header.Set("Content-Type", "application/json")
	answer, err := client.Do(r)
	took := time.Since(p.Exec)
	if err != nil {
		return 0, errors.Join(err, p.complaint("does not answer"))
	}
	defer answer.Body.Close() //nolint:errcheck // nothing of it is read
	if answer.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("the first answer is %s", answer.Status)
	}
	return took, nil
}

// dial tries until the process listens.
func (p *Process) dial(ctx context.Context) (net.Conn, error) {
	var d net.Dialer
	for {
		to, err := d.DialContext(ctx, "tcp", p.Address)
		if err == nil {
			return to, nil
		}
		select {
		case <-p.exited:
			return nil, p.complaint("has ended")
		case <-ctx.Done():
			return nil, p.complaint("does not listen")
		case <-time.After(200 * time.Microsecond):
		}
	}
}
