package auth_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent/outboxmessage"
	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/mail"
	"github.com/authgraph/authgraph/internal/secret"
	"github.com/authgraph/authgraph/internal/signing"
)

func TestDiscardKeys(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann := env.Account("ann@example.org")
		env.LogIn("ann@example.org")
		api := issue(t, env, ann, auth.IssueAPITokenInput{Name: "backup", Scopes: readAccount})
		sent := requestReset(t, env, "ann@example.org")
		signedUp(t, env, "bea@example.org", authtest.Password)
		sure := func() error { return nil }
		unasked := func() error { t.Error("it is asked before it is known"); return nil }

		root, err := secret.New(secret.Generate())
		if err != nil {
			t.Fatal(err)
		}
		_, err = env.DiscardKeys(authtest.Anyone(), root, unasked)
		authtest.Refused(t, "DiscardKeys() by a stranger", err, auth.Forbidden)
		if _, err := env.DiscardKeys(authtest.Operator(), env.Secret(), unasked); !errors.Is(err, signing.ErrNotLost) {
			t.Errorf("DiscardKeys() with the secret = %v, want a refusal", err)
		}
		no := errors.New("no")
		if _, err := env.DiscardKeys(authtest.Operator(), root, func() error { return no }); !errors.Is(err, no) {
			t.Errorf("DiscardKeys() that is not meant = %v", err)
		}
		ann = alive(t, env, "a session of before", ann)
		waiting := env.Store.OutboxMessage.Query().Where(outboxmessage.StateEQ(outboxmessage.StateWaiting), outboxmessage.SealedTokenNotNil()).CountX(t.Context())

		recorded := env.Recorded(uuid.Nil, func() {
			done, err := env.DiscardKeys(authtest.Operator(), root, sure)
			if want := (auth.Discarded{Sessions: 2, Mails: waiting}); err != nil || done != want || waiting < 2 {
				t.Errorf("DiscardKeys() = %+v, %v, want %+v", done, err, want)
			}
		})
		if want := []string{"key_discard ok operator", "key_create ok operator"}; !slices.Equal(recorded, want) {
			t.Errorf("recorded %q, want %q", recorded, want)
		}
		after, err := env.TryProcess(env.Store, authtest.SecretOf(root))
		if err != nil {
			t.Fatalf("New() with the new secret = %v", err)
		}
		if c := after.As(ann.AccessToken); !c.Anonymous() {
			t.Error("an access token of before is taken")
		}
		_, err = refresh(after, *ann.RefreshToken)
		authtest.Refused(t, "Refresh() of before", err, auth.InvalidToken, "refreshToken")
		if c := after.As(api.Secret); c.Anonymous() {
			t.Errorf("the API token is %q, want it to go on", c.Refused)
		}
		after.LogIn("ann@example.org") // the password still works
		if _, err := reset(after, sent, newPassword); err != nil {
			t.Errorf("ResetPassword() by a letter that was sent = %v", err)
		}
		for _, l := range after.Letters("") {
			if mail.HasToken(l.Name) {
				t.Errorf("%s to %s still waits with a token that nobody can open", l.Name, l.To)
			}
		}
		if len(after.Letters("ann@example.org")) == 0 {
			t.Error("notices were dropped, want them to go out")
		}
		if _, err := env.DiscardKeys(authtest.Operator(), root, unasked); !errors.Is(err, signing.ErrNotLost) {
			t.Errorf("DiscardKeys() again = %v, want a refusal", err)
		}
	})
}

// TestDiscardedElsewhere: a process that still has the lost secret finds out.
// It then hands out no token that others would refuse, and puts no key into the
// database.
func TestDiscardedElsewhere(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		env.Account("ann@example.org")
		root, err := secret.New(secret.Generate())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := env.DiscardKeys(authtest.Operator(), root, func() error { return nil }); err != nil {
			t.Fatal(err)
		}
		env.Clock.Turn(signing.Trust + time.Millisecond)
		if _, err := env.Service.JWKS(t.Context()); err != nil { // it reads the keys
			t.Errorf("JWKS() = %v, want the set that was known last", err)
		}
		if err := env.Service.KeysReady(); !errors.Is(err, signing.ErrDiscarded) {
			t.Errorf("KeysReady() = %v", err)
		}
		if login, err := logIn(env, "ann@example.org", authtest.Password); !errors.Is(err, signing.ErrDiscarded) {
			t.Errorf("Login() = %v, %v, want a fault", login, err)
		}
		if err := env.Service.RotateKeys(t.Context(), authtest.Operator(), false); err == nil {
			t.Error("RotateKeys() made a key that others cannot open")
		}
		after, err := env.TryProcess(env.Store, authtest.SecretOf(root))
		if err != nil {
			t.Fatalf("New() with the new secret = %v", err)
		}
		alive(t, after, "a login with the new secret", after.LogIn("ann@example.org"))
	})
}

// TestSealedAnewElsewhere: if keys were only encrypted again with a new secret,
// they stay valid in a process that does not have that secret yet.
func TestSealedAnewElsewhere(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		before, coming := secret.Generate(), secret.Generate()
		start := func(current string, previous ...string) *authtest.Env {
			root, err := secret.New(current, previous...)
			if err != nil {
				t.Fatal(err)
			}
			return env.Process(env.Store, authtest.SecretOf(root))
		}
		env.Store.SigningKey.Delete().ExecX(t.Context()) // as if env had never run
		env = start(before)
		env.Account("ann@example.org")
		after := start(coming, before)
		env.Clock.Turn(signing.Trust + time.Millisecond)
		if _, err := env.Service.JWKS(t.Context()); err != nil {
			t.Errorf("JWKS() = %v", err)
		}
		if err := env.Service.KeysReady(); err != nil {
			t.Errorf("KeysReady() = %v", err)
		}
		login, err := logIn(env, "ann@example.org", authtest.Password)
		if err != nil {
			t.Fatalf("Login() = %v", err)
		}
		if c := after.As(login.Login.AccessToken); c.Anonymous() {
			t.Error("its access token is not believed elsewhere")
		}
	})
}
