package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/authgraph/authgraph/internal/auth"
)

// Captcha is what forms want, and who is asked whether it was solved.
type Captcha struct {
	auth.CaptchaSettings
	Secret string
	URL    string // of siteverify
}

// verifiers are the addresses that say whether a CAPTCHA was solved.
var verifiers = map[string]string{
	"turnstile": "https://challenges.cloudflare.com/turnstile/v0/siteverify",
	"hcaptcha":  "https://api.hcaptcha.com/siteverify",
}

// captcha reads the settings of the CAPTCHA, which belong together.
func (r *reader) captcha(s *Settings) Captcha {
	on := read(r, &s.CaptchaOn, captchaOn)
	if s.Captcha.text == "" {
		for _, v := range []*Value{&s.CaptchaSiteKey, &s.CaptchaSecret, &s.CaptchaURL} {
			if v.set() && v.text != "" {
				r.wrong(v, "is set, but CAPTCHA is not; write turnstile or hcaptcha there")
			}
		}
		return Captcha{}
	}
	var k Captcha
	k.Provider = read(r, &s.Captcha, oneOf("turnstile", "hcaptcha"))
	k.SiteKey = read(r, &s.CaptchaSiteKey, needed)
	k.Secret = read(r, &s.CaptchaSecret, needed)
	k.On = on
	k.URL = read(r, &s.CaptchaURL, page(false))
	if k.URL == "" {
		k.URL = verifiers[k.Provider]
	}
	return k
}

// needed reads a text that must be there: a key of the provider's.
func needed(v *Value) (string, error) {
	switch {
	case v.text == "":
		return "", fmt.Errorf("is needed because CAPTCHA is set")
	case len(v.text) > 200 || slices.ContainsFunc([]byte(v.text), func(c byte) bool { return c <= ' ' || c > '~' || c == '"' || c == '<' }):
		return "", fmt.Errorf("is not a key of the provider")
	}
	return v.text, nil
}

// captchaOn reads the mutations that want the CAPTCHA.
func captchaOn(v *Value) ([]string, error) {
	var seen []string
	return each(v, func(item string) (string, error) {
		if !slices.Contains(auth.CaptchaOperations, item) || slices.Contains(seen, item) {
			return "", fmt.Errorf("%s is not one of %s, each once", quote(v, item), strings.Join(auth.CaptchaOperations, ", "))
		}
		seen = append(seen, item)
		return item, nil
	})
}
