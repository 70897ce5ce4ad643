package auth_test

import (
	"context"
	"errors"
	"testing"

	"github.com/authgraph/authgraph/ent/user"
	"github.com/authgraph/authgraph/ent/usertoken"
	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/store"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

// inFlight is what happens to an account while an answer is on its way.
type inFlight struct {
	do func(env *authtest.Env, a *app, c auth.Caller) error
	// survives says that the session of the answer may be alive after both.
	survives bool
	// voids says that the challenge is void afterwards.
	voids bool
}

var flights = map[string]inFlight{
	"the password is changed": {voids: true, do: func(env *authtest.Env, _ *app, c auth.Caller) error {
		_, err := env.UpdateAccount(context.Background(), c, auth.UpdateAccountInput{CurrentPassword: ptr(authtest.Password), NewPassword: ptr(newPassword)})
		return err
	}},
	"the account is disabled": {voids: true, do: func(env *authtest.Env, a *app, _ auth.Caller) error {
		return env.DisableAccount(context.Background(), authtest.Operator(), a.login.User.ID)
	}},
	"the account is deleted": {voids: true, do: func(env *authtest.Env, _ *app, c auth.Caller) error {
		_, err := env.DeleteAccount(context.Background(), c)
		return err
	}},
	"the factor is removed": {voids: true, survives: true, do: func(env *authtest.Env, a *app, c auth.Caller) error {
		_, err := env.RemoveFactor(context.Background(), c, auth.RemoveFactorInput{ID: a.id})
		return err
	}},
	"the second factor is switched off": {voids: true, survives: true, do: func(env *authtest.Env, _ *app, c auth.Caller) error {
		_, err := env.SetSecondFactor(context.Background(), c, auth.SetSecondFactorInput{})
		return err
	}},
	"the operator removes the factors": {voids: true, do: func(env *authtest.Env, a *app, _ auth.Caller) error {
		return resetFactors(context.Background(), env, authtest.Operator(), a.login.User.ID, auth.ResetAllFactors)
	}},
	"the operator ends all sessions": {survives: true, do: func(env *authtest.Env, a *app, _ auth.Caller) error {
		_, err := env.EndSessions(context.Background(), authtest.Operator(), a.login.User.ID)
		return err
	}},
	"all sessions are logged out": {survives: true, do: func(env *authtest.Env, _ *app, c auth.Caller) error {
		_, err := env.Logout(context.Background(), c, auth.LogoutInput{Scope: auth.LogoutAll})
		return err
	}},
}

// F09: whatever happens to the account, the factor or the password while an answer is
// on its way, it is as if one had come after the other. No session outlives what ends
// it, and none proves a factor that is gone.
func TestAnAnswerInFlight(t *testing.T) {
	for name, event := range flights {
		t.Run(name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, envs [2]*authtest.Env) {
				for round := range 6 {
					address := string(rune('a'+round)) + "nn@example.org"
					event.race(t, envs, withApp(t, envs[0], address), address)
				}
			})
		})
	}
}

func (e inFlight) race(t *testing.T, envs [2]*authtest.Env, a *app, address string) {
	t.Helper()
	env := envs[0]
	var tokens []string
	for range 4 {
		tokens = append(tokens, challenged(t, env, authtest.Anyone(), address))
	}
	c, code := env.As(a.login.AccessToken), a.next(env)
	outcomes, errs := authtest.AtOnce(5, func(i int) (*auth.Outcome, error) {
		switch i {
		case 0:
			return nil, e.do(envs[0], a, c)
		case 1, 2:
			return answer(envs[1], authtest.Anyone(), tokens[i], code)
		}
		return recoverBy(envs[i%2], authtest.Anyone(), tokens[i%4], a.codes[i])
	})
	if errs[0] != nil {
		t.Fatalf("the other = %v", errs[0])
	}
	for i, err := range errs[1:] {
		switch {
		case err != nil && !is(err, auth.InvalidToken) && !is(err, auth.InvalidCode) && !is(err, auth.Disabled):
			t.Errorf("answer %d = %v", i, err)
		case err == nil && !e.survives && !env.As(outcomes[i+1].AccessToken).Anonymous():
			t.Errorf("the session of answer %d is alive", i)
		}
	}
	if env.Store.User.Query().Where(user.EmailKey(address), user.SecondFactor(false)).ExistX(t.Context()) {
		strong := env.Store.UserToken.Query().Where(usertoken.UserID(a.login.User.ID), usertoken.StrongAtNotNil()).CountX(t.Context())
		if strong != 0 {
			t.Errorf("%d sessions still prove a factor that is gone", strong)
		}
	}
	if !e.voids {
		return
	}
	for _, token := range tokens {
		_, err := recoverBy(env, authtest.Anyone(), token, a.codes[9])
		authtest.Refused(t, "a challenge afterwards", err, auth.InvalidToken, "challenge")
	}
}

// An answer waits for whoever has the account, and sees what they changed.
func TestAnAnswerWaitsForTheAccount(t *testing.T) {
	env := authtest.On(t, storetest.Postgres(t)) // SQLite has one writer
	a := withApp(t, env, ann)
	token, code := challenged(t, env, authtest.Anyone(), ann), a.next(env)
	answered := make(chan *auth.Outcome, 1)
	err := env.Store.InTx(t.Context(), func(tx *store.Tx) error {
		u, err := tx.LockUser(t.Context(), a.login.User.ID)
		if err != nil {
			return err
		}
		go func() {
			outcome, err := answer(env, authtest.Anyone(), token, code)
			if err != nil {
				t.Errorf("AnswerChallenge() = %v", err)
			}
			answered <- outcome
		}()
		for waiting := 0; waiting == 0; {
			if len(answered) > 0 {
				return errors.New("the answer did not wait")
			}
			const query = `SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`
			if err := env.Store.Reader().QueryRowContext(t.Context(), query).Scan(&waiting); err != nil {
				return err
			}
		}
		return tx.User.UpdateOneID(u.ID).SetUsername("annie").SetUsernameKey("annie").Exec(t.Context())
	})
	if err != nil {
		t.Fatal(err)
	}
	if outcome := <-answered; outcome == nil || outcome.User.Username == nil || *outcome.User.Username != "annie" {
		t.Error("the answer shows the account as it was before it waited")
	}
}

// F09: of a reset and a login that are answered at once, the reset wins in the end.
func TestAResetInFlight(t *testing.T) {
	onBoth(t, func(t *testing.T, envs [2]*authtest.Env) {
		env := envs[0]
		for round := range 6 {
			address := string(rune('a'+round)) + "nn@example.org"
			a := withApp(t, env, address)
			login := challenged(t, env, authtest.Anyone(), address)
			begun, err := reset(env, requestReset(t, env, address), newPassword)
			if err != nil {
				t.Fatal(err)
			}
			code := a.next(env)
			outcomes, errs := authtest.AtOnce(2, func(i int) (*auth.Outcome, error) {
				if i == 0 {
					return recoverBy(envs[0], authtest.Anyone(), begun.Challenge.Token, a.codes[0])
				}
				return answer(envs[1], authtest.Anyone(), login, code)
			})
			if errs[0] != nil {
				t.Fatalf("the answer of the reset = %v", errs[0])
			}
			if env.As(outcomes[0].AccessToken).Anonymous() {
				t.Error("the session of the reset has ended")
			}
			switch {
			case errs[1] == nil:
				dead(t, env, "a login before the reset", outcomes[1].Login)
			case !is(errs[1], auth.InvalidToken):
				t.Errorf("the answer of the login = %v", errs[1])
			}
			_, err = logIn(env, address, authtest.Password)
			authtest.Refused(t, "the old password", err, auth.InvalidCredentials)
		}
	})
}
