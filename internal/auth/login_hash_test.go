package auth_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/bcrypt"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/password"
	"github.com/authgraph/authgraph/internal/store"
)

// busy makes a Service whose Hasher has no free slot until the test ends. Every
// request that hashes waits in vain.
func busy(t *testing.T, env *authtest.Env) *authtest.Env {
	t.Helper()
	entered, free := make(chan struct{}, 2), make(chan struct{})
	full := env.Hashing(password.Options{Scheme: password.InsecureForTests(), Slots: 1, Queue: 100, Wait: time.Millisecond, Now: func() time.Time {
		entered <- struct{}{}
		<-free
		return time.Time{}
	}})
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = logIn(full, "holds-the-slot@example.org", "wrong")
	}()
	select {
	case <-entered:
	case <-done:
		t.Fatal("a login to an unknown address hashes nothing")
	}
	t.Cleanup(func() { close(free); <-done })
	return full
}

// TestLoginWithAnOverlongPassword: no password is that long. It is not hashed,
// which would cost time, and gets the answer of any wrong password.
func TestLoginWithAnOverlongPassword(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann := env.Account("ann@example.org")
		full := busy(t, env)
		_, err := logIn(full, "ann@example.org", strings.Repeat("é", 128))
		authtest.Refused(t, "Login() with 128 code points", err, auth.Overloaded)
		for _, n := range []int{129, 1 << 10, 60 << 10, 1 << 20} {
			for _, address := range []string{"ann@example.org", "nobody@example.org"} {
				_, err := logIn(full, address, strings.Repeat("é", n))
				authtest.Refused(t, fmt.Sprintf("Login() with %d code points", n), err, auth.InvalidCredentials)
			}
		}
		if got := env.Trail(ann.User.ID); got[len(got)-1] != "login INVALID_CREDENTIALS anonymous" {
			t.Errorf("recorded %q, want a wrong password", got)
		}
	})
}

// TestLoginWhenTheServerIsBusy: a password that was not verified does not
// count. A sign-up that was refused has not used up an e-mail.
func TestLoginWhenTheServerIsBusy(t *testing.T) {
	const tries = 3
	few := func(s *auth.Settings) {
		s.Limits.Login.Count, s.Limits.Mail.Count, s.Limits.SignUp.Count = tries, tries, 3*tries
	}
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		env.Account("ann@example.org")
		token := signedUp(t, env, "bob@example.org", authtest.Password)
		full := busy(t, env)
		for range 5 * tries {
			_, err := logIn(full, "ann@example.org", authtest.Password)
			authtest.Refused(t, "Login()", err, auth.Overloaded)
			if one := (*auth.Error)(nil); !errors.As(err, &one) || one.RetryAfter < time.Second {
				t.Errorf("Login() = %v, want to be told when to come back", err)
			}
			_, err = confirm(full, token, authtest.Password)
			authtest.Refused(t, "Confirm()", err, auth.Overloaded)
			authtest.Refused(t, "SignUp()", signUp(full, authtest.Anyone(), "new@example.org", authtest.Password), auth.Overloaded)
		}
		env.LogIn("ann@example.org")
		if _, err := confirm(env, token, authtest.Password); err != nil {
			t.Errorf("Confirm() = %v", err)
		}
		letters := env.Caused(func() { signedUp(t, env, "new@example.org", authtest.Password) })
		notices(t, "a sign-up after five that were refused", letters, "confirm to new@example.org")
	}, few)
}

// oldHashes are hashes of authtest.Password that another program or an earlier
// setting made.
func oldHashes(t *testing.T) map[string]string {
	t.Helper()
	byBcrypt, err := bcrypt.GenerateFromPassword([]byte(authtest.Password), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	salt := []byte("sixteen bytes of")
	encode := base64.RawStdEncoding.EncodeToString
	argon := func(memory, passes uint32) string {
		digest := argon2.IDKey([]byte(authtest.Password), salt, passes, memory, 1, 32)
		return fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=1$%s$%s", memory, passes, encode(salt), encode(digest))
	}
	return map[string]string{"bcrypt": string(byBcrypt), "argon2id, less memory": argon(8, 2), "argon2id, more memory": argon(32, 1)}
}

// TestLoginRenewsTheHash: a hash of another kind, or below the present setting,
// is replaced at the next login, because then the password is known.
func TestLoginRenewsTheHash(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		for what, old := range oldHashes(t) {
			t.Run(what, func(t *testing.T) {
				address := fmt.Sprintf("ann-%x@example.org", what)
				ann := env.Account(address)
				plant := func() {
					t.Helper()
					err := env.Store.InTx(t.Context(), func(tx *store.Tx) error {
						return tx.User.UpdateOneID(ann.User.ID).SetPasswordHash(old).Exec(t.Context())
					})
					if err != nil {
						t.Fatal(err)
					}
				}
				hash := func() string { return *env.Store.User.GetX(t.Context(), ann.User.ID).PasswordHash }
				plant()
				if _, err := logIn(env, address, "wrong"); err == nil {
					t.Error("a wrong password logs in")
				}
				if hash() != old {
					t.Error("a wrong password replaced the hash")
				}
				login, err := logIn(env, address, authtest.Password)
				if err != nil {
					t.Fatalf("Login() = %v", err)
				}
				renewed := hash()
				if renewed == old || !strings.HasPrefix(renewed, "$argon2id$v=19$m=8,t=1,p=1$") {
					t.Errorf("the hash is %.30q, want one by the present setting", renewed)
				}
				if !login.User.CredentialsChangedAt.Equal(ann.User.CredentialsChangedAt) {
					t.Error("the password counts as changed")
				}
				alive(t, env, "a session from before", ann)
				if _, err := logIn(env, address, authtest.Password); err != nil || hash() != renewed {
					t.Errorf("Login() with the new hash = %v, replaced again: %t", err, hash() != renewed)
				}

				plant()
				_, errs := authtest.AtOnce(10, func(int) (*auth.Outcome, error) { return logIn(env, address, authtest.Password) })
				for _, err := range errs {
					if err != nil {
						t.Errorf("Login() beside others that renew the hash = %v", err)
					}
				}
				if _, err := logIn(env, address, authtest.Password); err != nil {
					t.Errorf("Login() afterwards = %v", err)
				}
			})
		}
	})
}

// TestLoginWhenThereIsNoTimeToRenewTheHash: the password was right, so the
// login succeeds. The old hash stays until the next login.
func TestLoginWhenThereIsNoTimeToRenewTheHash(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann := env.Account("ann@example.org")
		old := oldHashes(t)["bcrypt"]
		err := env.Store.InTx(t.Context(), func(tx *store.Tx) error {
			return tx.User.UpdateOneID(ann.User.ID).SetPasswordHash(old).Exec(t.Context())
		})
		if err != nil {
			t.Fatal(err)
		}
		tokens := []string{signedUp(t, env, "bob@example.org", authtest.Password), signedUp(t, env, "carl@example.org", authtest.Password)}
		var full *authtest.Env
		var calls atomic.Int32
		free, others := make(chan struct{}), make(chan error, 2)
		full = env.Hashing(password.Options{Scheme: password.InsecureForTests(), Slots: 1, Queue: 1, Wait: time.Minute, Now: func() time.Time {
			switch calls.Add(1) {
			case 1:
				return time.Time{}
			case 2: // the verification takes an hour; two others come, and one of them may wait
				for _, token := range tokens { // nobody waits for a turn at another's account
					go func() {
						_, err := confirm(full, token, "wrong")
						others <- err
					}()
				}
				if err := <-others; !is(err, auth.Overloaded) {
					t.Errorf("Confirm() of one too many = %v", err)
				}
			case 3: // the one that waited has the slot, and is expected to keep it for an hour
				<-free
			}
			return time.Time{}.Add(time.Hour)
		}})
		login, err := logIn(full, "ann@example.org", authtest.Password)
		if err != nil {
			t.Fatalf("Login() = %v", err)
		}
		alive(t, env, "the login", login.Login)
		if *env.Store.User.GetX(t.Context(), ann.User.ID).PasswordHash != old {
			t.Error("the hash was renewed: the test does not test")
		}
		close(free)
		if err := <-others; !is(err, auth.InvalidCredentials) {
			t.Errorf("Confirm() of the one that waited = %v", err)
		}
	})
}
