package auth

import (
	"context"
	"slices"
	"sync/atomic"
	"time"
)

// CaptchaChecker asks a provider whether a person solved its CAPTCHA. It is HTTP,
// which this package does not see. An answer works once.
type CaptchaChecker interface {
	Solved(ctx context.Context, answer, ip string) (bool, error)
}

// CaptchaSettings say which CAPTCHA there is. The zero value is none.
type CaptchaSettings struct {
	// Provider is turnstile or hcaptcha; empty is none.
	Provider string
	// SiteKey is public.
	SiteKey string
	// On are the operations that want it.
	On []string
}

// CaptchaOperations are those that can want a CAPTCHA.
var CaptchaOperations = []string{"signUp", "startPasskeySignUp", "login", "startEmailLogin", "requestPasswordReset"}

// captchas asks for a CAPTCHA where the operator wants one.
type captchas struct {
	*core
	settings *Settings
	checker  CaptchaChecker
	turns    *placeTurns

	failures atomic.Uint64
}

// CaptchaFailures counts how often the provider of the CAPTCHA has failed since the
// start.
func (s *Service) CaptchaFailures() uint64 { return s.captchas.failures.Load() }

// wants reports that an operation needs a CAPTCHA.
func (k *captchas) wants(operation string) bool {
	return k.checker != nil && slices.Contains(k.settings.Captcha.On, operation)
}

// check refuses a caller who has not solved it. It comes after all checks and
// limits of ours: an answer works once, and a person whose password is too short
// must not have to solve another one.
func (k *captchas) check(ctx context.Context, c Caller, operation string, answer *string) error {
	if !k.wants(operation) {
		return nil
	}
	if answer == nil || *answer == "" {
		return refuse(Required, "captcha")
	}
	if len(*answer) > maxCaptcha {
		return refuse(CaptchaFailed, "captcha")
	}
	pass, err := k.turns.take(ctx, c)
	if err != nil {
		return err
	}
	defer pass()
	ip := ""
	if text := c.ipText(); text != nil {
		ip = *text
	}
	solved, err := k.checker.Solved(ctx, *answer, ip)
	if err != nil {
		k.failures.Add(1)
		k.log.WarnContext(ctx, "the provider of the CAPTCHA cannot be asked", "request", c.RequestID, "err", err)
		return &Error{Code: Overloaded, RetryAfter: captchaPause}
	}
	if !solved {
		return refuse(CaptchaFailed, "captcha")
	}
	return nil
}

const (
	// maxCaptcha is the longest answer, in bytes: hCaptcha's have up to 4 KiB.
	maxCaptcha = 8 << 10
	// captchaPause is how long a client waits after the provider has failed.
	captchaPause = 5 * time.Second
)
