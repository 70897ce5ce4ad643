package callout

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// captchaTimeout is how long a provider may take.
const captchaTimeout = 5 * time.Second

// Captcha asks a provider whether a person solved its CAPTCHA. Turnstile and
// hCaptcha are asked in the same way.
type Captcha struct {
	url, secret string
	client      *client
}

// NewCaptcha makes a Captcha of the address of siteverify and the secret of the
// site.
func NewCaptcha(address, secret string) *Captcha {
	return &Captcha{address, secret, newClient(captchaTimeout)}
}

// fromPerson are the errors that a person can cause. All others are the
// operator's or the provider's.
var fromPerson = []string{
	"missing-input-response", "invalid-input-response", "timeout-or-duplicate",
	"expired-input-response", "already-seen-response", "invalid-or-already-seen-response",
}

// Solved reports that the answer is good. It works once.
func (k *Captcha) Solved(ctx context.Context, answer, ip string) (bool, error) {
	form := url.Values{"secret": {k.secret}, "response": {answer}}
	if ip != "" {
		form.Set("remoteip", ip)
	}
	body, err := k.client.post(ctx, func(ctx context.Context) (*http.Request, error) {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, k.url, strings.NewReader(form.Encode()))
		if err != nil {
			return nil, err
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Accept", "application/json")
		r.Header.Set("User-Agent", "authgraph")
		return r, nil
	})
	if err != nil {
		return false, err
	}
	var told struct {
		Success *bool    `json:"success"`
		Errors  []string `json:"error-codes"`
	}
	if err := json.Unmarshal(body, &told); err != nil || told.Success == nil {
		return false, errors.New("the answer has another form")
	}
	isTheirs := func(code string) bool { return slices.Contains(fromPerson, code) }
	if !*told.Success && len(told.Errors) > 0 && !slices.ContainsFunc(told.Errors, isTheirs) {
		return false, errors.New("the provider refuses the question; look at the secret of the CAPTCHA")
	}
	return *told.Success, nil
}
