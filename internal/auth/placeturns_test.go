package auth_test

import (
	"context"
	"fmt"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
)

// slow is an application and a provider of a CAPTCHA that answer nobody of one
// network until they are let go.
type slow struct {
	mu           sync.Mutex
	inside, most int
	letGo        chan struct{}
	answer       string
}

const network = "2001:db8::"

func (s *slow) wait(ctx context.Context) error {
	s.count(1)
	defer s.count(-1)
	select {
	case <-s.letGo:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *slow) count(more int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inside += more
	s.most = max(s.most, s.inside)
}

func (s *slow) Ask(ctx context.Context, body []byte) ([]byte, error) {
	if ctx.Value(free{}) == nil {
		return []byte(s.answer), s.wait(ctx)
	}
	return []byte(s.answer), nil
}

func (s *slow) Solved(ctx context.Context, _, _ string) (bool, error) {
	_, err := s.Ask(ctx, nil)
	return true, err
}

// free marks the requests of others, which are answered at once.
type free struct{}

// One place cannot have so many questions under way that others are refused. It does
// not get in unasked either, where a failure lets people in.
func TestAPlaceAsksAFewQuestionsAtOnce(t *testing.T) {
	const tries = 20
	for name, test := range map[string]struct {
		most   int
		answer string
		with   func(o *auth.Options, s *slow)
	}{
		"a CAPTCHA": {4, "", func(o *auth.Options, s *slow) {
			o.Captcha, o.Settings.Captcha = s, auth.CaptchaSettings{Provider: "turnstile", On: []string{"signUp"}}
		}},
		"validate": {4, `{}`, func(o *auth.Options, s *slow) { o.Hooks.Validate = &auth.AskedHook{Hook: s, Lenient: true} }},
		"claims":   {8, `{"claims":{}}`, func(o *auth.Options, s *slow) { o.Hooks.Claims = &auth.AskedHook{Hook: s, Lenient: true} }},
	} {
		t.Run(name, func(t *testing.T) {
			authtest.Each(t, func(t *testing.T, plain *authtest.Env) {
				asked := &slow{letGo: make(chan struct{}), answer: test.answer}
				env := plain.Process(plain.Store, func(o *auth.Options) { test.with(o, asked); o.TurnPatience = time.Second })
				came := make(chan error, tries)
				for i := range tries {
					go func() {
						c := authtest.Anyone()
						c.IP = netip.MustParseAddr(fmt.Sprintf("%s%x", network, i+1))
						came <- signUpNamed(context.Background(), env, c, i)
					}()
				}
				for range tries - test.most {
					authtest.Refused(t, "one too many", <-came, auth.Overloaded)
				}
				if err := signUpNamed(context.WithValue(t.Context(), free{}, true), env, authtest.Stranger("192.0.2.7"), tries); err != nil {
					t.Errorf("somebody else is kept waiting: %v", err)
				}
				close(asked.letGo)
				for range test.most {
					if err := <-came; err != nil {
						t.Errorf("one of the first = %v", err)
					}
				}
				if most := asked.most; most != test.most {
					t.Errorf("%d questions of one place were under way, want %d", most, test.most)
				}
			})
		})
	}
}

func signUpNamed(ctx context.Context, env *authtest.Env, c auth.Caller, i int) error {
	name := fmt.Sprintf("person%d", i)
	_, err := env.SignUp(ctx, c, auth.SignUpInput{Username: &name, Password: authtest.Password, Captcha: ptr("solved")})
	return err
}

// crowded is an application that too many questions are under way to.
type crowded struct{}

func (crowded) Error() string                               { return "too many" }
func (crowded) Busy() bool                                  { return true }
func (crowded) Ask(context.Context, []byte) ([]byte, error) { return nil, crowded{} }

// Many places at once do not get in unasked, either.
func TestACrowdDoesNotGetInUnasked(t *testing.T) {
	authtest.Each(t, func(t *testing.T, plain *authtest.Env) {
		env := plain.Process(plain.Store, func(o *auth.Options) { o.Hooks.Validate = &auth.AskedHook{Hook: crowded{}, Lenient: true} })
		authtest.Refused(t, "a question too many", signUpNamed(t.Context(), env, authtest.Anyone(), 1), auth.Overloaded)
	})
}
