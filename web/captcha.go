package web

import (
	"slices"
	"strings"
)

// Captcha is the widget that some forms of the pages show. The zero value is
// none, and then no page names another host.
type Captcha struct {
	// Provider is turnstile or hcaptcha.
	Provider string
	// SiteKey is public.
	SiteKey string
	// On are the mutations that want its answer.
	On []string
}

// widget is what a provider's widget needs on a page.
type widget struct {
	script string // its address
	hosts  string // the only hosts that it talks to
	styles bool   // it brings a style sheet, and calls its host from the page
}

var widgets = map[string]widget{
	"turnstile": {"https://challenges.cloudflare.com/turnstile/v0/api.js?render=explicit", "https://challenges.cloudflare.com", false},
	"hcaptcha":  {"https://js.hcaptcha.com/1/api.js?render=explicit&recaptchacompat=off", "https://hcaptcha.com https://*.hcaptcha.com", true},
}

// Wants reports that a form of this mutation shows the widget.
func (k Captcha) Wants(mutation string) bool {
	_, known := widgets[k.Provider]
	return known && slices.Contains(k.On, mutation)
}

// Script is the address of the widget's script.
func (k Captcha) Script() string { return widgets[k.Provider].script }

// policy is a page's policy, with the hosts of the widget for a page that shows it.
func (k Captcha) policy(own string, mutations ...string) string {
	if !slices.ContainsFunc(mutations, k.Wants) {
		return own
	}
	w := widgets[k.Provider]
	policy := strings.Replace(own, "script-src 'self'", "script-src 'self' "+w.hosts+"; frame-src "+w.hosts, 1)
	if w.styles {
		policy = strings.Replace(policy, "style-src 'self'", "style-src 'self' "+w.hosts, 1)
		policy = strings.Replace(policy, "connect-src 'self'", "connect-src 'self' "+w.hosts, 1)
	}
	return policy
}
