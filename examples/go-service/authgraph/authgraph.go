// Package authgraph is a client of authgraph's API. Copy it: genqlient makes
// generated.go from operations.graphql and the schema.
package authgraph

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/Khan/genqlient/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// In a repository of your own: authgraph schema > schema.graphqls
//go:generate sh -c "go -C ../../.. run ./cmd/authgraph schema > schema.graphqls"
//go:generate go tool genqlient

// HTTP is a client that gives up, as http.DefaultClient does not.
var HTTP = &http.Client{Timeout: 5 * time.Second}

// New is a client that sends a bearer: an access token or an API token. An empty
// one makes it an anonymous caller.
func New(url, bearer string) graphql.Client {
	return graphql.NewClient(strings.TrimSuffix(url, "/")+"/graphql", &authorized{HTTP, bearer})
}

// authorized adds the bearer to each request.
type authorized struct {
	client *http.Client
	bearer string
}

func (a *authorized) Do(r *http.Request) (*http.Response, error) {
	if a.bearer != "" {
		r.Header.Set("Authorization", "Bearer "+a.bearer)
	}
	return a.client.Do(r)
}

// Code is the code of a top-level error, such as UNAUTHENTICATED; empty for any
// other failure. What a person can fix is no such error: it is in the payload.
func Code(err error) string {
	var list gqlerror.List
	if !errors.As(err, &list) || len(list) == 0 {
		return ""
	}
	code, _ := list[0].Extensions["code"].(string)
	return code
}

// Exchange trades an API token for an access token that other services verify.
// Keep it until it is about to expire.
func Exchange(ctx context.Context, url, apiToken string) (token string, goodFor time.Duration, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(url, "/")+"/token", nil)
	if err != nil {
		return "", 0, err
	}
	res, err := (&authorized{HTTP, apiToken}).Do(r)
	if err != nil {
		return "", 0, fmt.Errorf("exchange: %w", err)
	}
	defer res.Body.Close() //nolint:errcheck // it is only read
	if res.StatusCode != http.StatusCreated {
		return "", 0, fmt.Errorf("exchange: %s", res.Status)
	}
	var answer struct {
		AccessToken string `json:"accessToken"`
		ExpiresIn   int    `json:"expiresIn"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(nil, res.Body, 1<<20)).Decode(&answer); err != nil {
		return "", 0, fmt.Errorf("exchange: %w", err)
	}
	return answer.AccessToken, time.Duration(answer.ExpiresIn) * time.Second, nil
}
