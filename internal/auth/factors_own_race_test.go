package auth_test

import (
	"context"
	"encoding/base32"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
)

// oneWins fails unless one of several had no error and all others had one of these.
func oneWins(t *testing.T, what string, errs []error, losers ...auth.Code) {
	t.Helper()
	won := 0
	for _, err := range errs {
		told := (*auth.Error)(nil)
		switch {
		case err == nil:
			won++
		case !errors.As(err, &told) || !slices.Contains(losers, told.Code):
			t.Errorf("%s: a loser is answered %v", what, err)
		}
	}
	if won != 1 {
		t.Errorf("%s: %d of %d win, want 1", what, won, len(errs))
	}
}

// Fifty first codes of one app: it is added once, with ten recovery codes that work.
func TestAnAppIsConfirmedOnceAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, envs [2]*authtest.Env) {
		env := envs[0]
		login := env.Account(ann)
		added, err := env.AddTotp(t.Context(), env.As(login.AccessToken))
		if err != nil {
			t.Fatal(err)
		}
		key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(added.Secret)
		if err != nil {
			t.Fatal(err)
		}
		a := &app{key: key}
		in := auth.ConfirmTotpInput{ID: added.ID.String(), Code: a.code(env), Name: "phone"}
		callers := [2]auth.Caller{envs[0].As(login.AccessToken), envs[1].As(login.AccessToken)}
		letters := env.Caused(func() {
			done, errs := authtest.AtOnce(rivals, func(i int) (*auth.ConfirmedTotp, error) {
				c := callers[i%2]
				c.Browser = &auth.Browser{}
				return envs[i%2].ConfirmTotp(context.Background(), c, in)
			})
			oneWins(t, "ConfirmTotp()", errs, auth.NotFound)
			for _, one := range done {
				if one != nil {
					a.codes = one.RecoveryCodes
				}
			}
		})
		notices(t, "fifty first codes", letters, "factor_added to "+ann)
		if left, err := env.RecoveryCodesLeft(t.Context(), login.User); err != nil || *left != 10 || len(a.codes) != 10 {
			t.Fatalf("%d recovery codes are left, %v, and %d were shown, want 10", *left, err, len(a.codes))
		}
		_, err = answer(env, authtest.Anyone(), challenged(t, env, authtest.Anyone(), ann), in.Code)
		authtest.Refused(t, "the first code again", err, auth.InvalidCode, "totpCode")
		reproved(t, env, a)
	})
}

// A factor is removed once, and fifty sets of recovery codes leave one that works.
func TestFactorsAreLookedAfterAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, envs [2]*authtest.Env) {
		env := envs[0]
		a := withApp(t, env, ann)
		callers := [2]auth.Caller{envs[0].As(a.login.AccessToken), envs[1].As(a.login.AccessToken)}
		as := func(i int) auth.Caller {
			c := callers[i%2]
			c.Browser = &auth.Browser{}
			return c
		}
		sets, errs := authtest.AtOnce(rivals, func(i int) ([]string, error) {
			return envs[i%2].MakeRecoveryCodes(context.Background(), as(i))
		})
		if err := errors.Join(errs...); err != nil {
			t.Fatalf("MakeRecoveryCodes() = %v", err)
		}
		if left, err := env.RecoveryCodesLeft(t.Context(), a.login.User); err != nil || *left != 10 {
			t.Errorf("%d recovery codes are left, %v, want 10", *left, err)
		}
		good := 0
		for _, set := range sets {
			if _, err := recoverBy(env, authtest.Anyone(), challenged(t, env, authtest.Anyone(), ann), set[0]); err == nil {
				good++
			}
		}
		if good != 1 {
			t.Errorf("%d of %d sets of recovery codes work, want 1", good, rivals)
		}
		env.Clock.Turn(time.Second)
		letters := env.Caused(func() {
			_, errs := authtest.AtOnce(rivals, func(i int) (*auth.RemovedFactor, error) {
				return envs[i%2].RemoveFactor(context.Background(), as(i), auth.RemoveFactorInput{ID: a.id})
			})
			oneWins(t, "RemoveFactor()", errs, auth.NotFound)
		})
		notices(t, "fifty removals", letters, "factor_removed to "+ann)
		env.LogIn(ann) // in one step
	})
}
