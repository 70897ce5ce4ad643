package auth_test

import (
	"context"
	"testing"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
)

// issue makes an API token for a login's account.
func issue(t testing.TB, env *authtest.Env, login *auth.Login, in auth.IssueAPITokenInput) *auth.IssuedAPIToken {
	t.Helper()
	issued, err := env.IssueAPIToken(context.Background(), env.As(login.AccessToken), in)
	if err != nil {
		t.Fatalf("IssueAPIToken() = %v", err)
	}
	return issued
}
