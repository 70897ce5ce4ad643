package auth_test

import (
	"context"
	"testing"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/store"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

const (
	raceRounds  = 10
	raceClients = 20
)

// Many requests trade one token at once, and all get the same next token. Two
// different ones would be two families, and one could be a thief's (RFC 9700
// section 4.14).
func TestRefreshAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) { refreshAtOnce(t, authtest.On(t, s)) })
	t.Run("two replicas", func(t *testing.T) {
		t.Parallel()
		a, b := authtest.Replicas(t)
		refreshAtOnce(t, a, b)
	})
}

// A refresh that runs while its session ends does not bring the session back.
func TestRefreshBesideLogout(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		env.Account("ann@example.org")
		for range 10 {
			login := env.LogIn("ann@example.org")
			c := env.As(login.AccessToken)
			logins, errs := authtest.AtOnce(10, func(i int) (*auth.Login, error) {
				if i == 5 {
					_, err := env.Logout(context.Background(), c, auth.LogoutInput{})
					return nil, err
				}
				return refresh(env, *login.RefreshToken)
			})
			for i, err := range errs {
				switch {
				case i == 5 && err != nil:
					t.Fatalf("Logout() = %v", err)
				case err != nil:
					authtest.Refused(t, "Refresh()", err, auth.InvalidToken, "refreshToken")
				case i != 5:
					dead(t, env, "a refresh beside the logout", logins[i])
				}
			}
		}
	})
}

func refreshAtOnce(t *testing.T, envs ...*authtest.Env) {
	login := envs[0].Account("ann@example.org")
	for round := range raceRounds {
		answers, errs := authtest.AtOnce(raceClients, func(i int) (*auth.Login, error) {
			return refresh(envs[i%len(envs)], *login.RefreshToken)
		})
		successor := answers[0]
		for i, answer := range answers {
			if errs[i] != nil {
				t.Fatalf("round %d: Refresh() = %v", round, errs[i])
			}
			if *answer.RefreshToken != *successor.RefreshToken {
				t.Fatalf("round %d: one token has two successors", round)
			}
			if c := envs[i%len(envs)].As(answer.AccessToken); c.SessionID != login.Session.ID {
				t.Fatalf("round %d: an access token is refused: %s", round, c.Refused)
			}
		}
		login = successor
	}
	sessions, err := envs[0].Sessions(t.Context(), envs[0].As(login.AccessToken), login.User)
	if err != nil || len(sessions) != 1 {
		t.Errorf("Sessions() = %d sessions, %v, want 1", len(sessions), err)
	}
	alive(t, envs[0], "after the storms", login)
}
