package oidc

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

const (
	// leeway is how much the provider's clock may differ from ours, either way. This
	// is the only place where it counts.
	leeway = time.Minute
	// maxAge is how old an ID token may be, and maxLife how long-lived.
	maxAge, maxLife = time.Hour, 24 * time.Hour
	// maxToken is the longest ID token, maxSubject the longest sub (OpenID Connect Core
	// section 2).
	maxToken, maxSubject = 16 << 10, 255
	// maxAuthAge is how old a login may be at a provider that was told to ask anew.
	maxAuthAge = 5 * time.Minute
	maxName    = 128
)

// verifier holds ID tokens against the rules.
type verifier struct {
	*Provider
	about *metadata
}

// ofCode reads who a code was about.
func (p verifier) ofCode(ctx context.Context, token *oauth2.Token, a Answer) (*Identity, error) {
	text, ok := token.Extra("id_token").(string)
	if !ok {
		return nil, unusable("there is no ID token")
	}
	checked, c, err := p.verify(ctx, text, []string{p.ClientID})
	if err != nil {
		return nil, err
	}
	if subtle.ConstantTimeCompare([]byte(checked.Nonce), []byte(a.Nonce)) != 1 {
		return nil, unusable("the ID token has another nonce, or none")
	}
	if checked.AccessTokenHash != "" && checked.VerifyAccessToken(token.AccessToken) != nil {
		return nil, unusable("the ID token is not that of the access token")
	}
	i, err := p.identify(c)
	if err != nil {
		return nil, err
	}
	if a.Fresh {
		if err := p.checkFresh(i); err != nil {
			return nil, err
		}
	}
	if p.UsesEmail() && i.Email == "" && p.about.UserInfo != "" && !p.preset.noUserinfo {
		return i, p.addUserinfo(ctx, token.AccessToken, c, i)
	}
	return i, nil
}

// checkFresh refuses a login of long ago. A provider that does not say when it was
// has asked anew, for all we know.
func (p verifier) checkFresh(i *Identity) error {
	if !i.AuthTime.IsZero() && p.around.Now().Sub(i.AuthTime) > maxAuthAge+leeway {
		return unusable("the person was not asked anew")
	}
	return nil
}

// IDToken reads who an app's ID token is about. nonce is the one that the app was
// given; the token may have its hexadecimal SHA-256 instead.
func (p *Provider) IDToken(ctx context.Context, text, nonce string, fresh bool) (*Identity, error) {
	if !p.OpenID() || !p.takesIDTokens() {
		return nil, unusable("ID tokens of apps are not taken")
	}
	about, err := p.describe(ctx)
	if err != nil {
		return nil, err
	}
	v := verifier{p, about}
	checked, c, err := v.verify(ctx, text, p.audiences())
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(nonce))
	same := subtle.ConstantTimeCompare([]byte(checked.Nonce), []byte(nonce)) | subtle.ConstantTimeCompare([]byte(checked.Nonce), []byte(hex.EncodeToString(sum[:])))
	if same != 1 && !(p.NonceOptional && c["nonce"] == nil) {
		return nil, unusable("the ID token has another nonce, or none")
	}
	i, err := v.identify(c)
	if err == nil && fresh {
		err = v.checkFresh(i)
	}
	if err != nil {
		return nil, err
	}
	return i, nil
}

// compact is the one way in which an ID token is written. go-jose reads others, too.
var compact = regexp.MustCompile(`^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$`)

// verify checks signature, issuer, audience and times. go-oidc leaves the last two
// partly to its callers.
func (p verifier) verify(ctx context.Context, text string, audiences []string) (*oidc.IDToken, claims, error) {
	if len(text) > maxToken || !compact.MatchString(text) {
		return nil, nil, unusable("the ID token is no JWT, or longer than 16 KiB")
	}
	kept := &keeping{set: p.Provider.about.keySet()}
	checks := oidc.NewVerifier(p.about.Issuer, kept, &oidc.Config{
		SupportedSigningAlgs: p.about.Algorithms, SkipClientIDCheck: true, SkipExpiryCheck: true, SkipIssuerCheck: p.preset.sameIssuer != nil,
	})
	checked, err := checks.Verify(ctx, text)
	if err != nil {
		return nil, nil, kept.reason()
	}
	c := claims{}
	if json.Unmarshal(kept.payload, &c) != nil {
		return nil, nil, unusable("the ID token has no claims")
	}
	if err := p.checkAudience(checked, c, audiences); err != nil {
		return nil, nil, err
	}
	return checked, c, p.checkTimes(c)
}

// keeping keeps what a verification led to: go-oidc's own errors quote answers, and
// lose the difference between a bad token and a provider that is down.
type keeping struct {
	set     *keys
	payload []byte
	err     error
	asked   bool
}

// VerifySignature is that of keys.
func (k *keeping) VerifySignature(ctx context.Context, token string) ([]byte, error) {
	k.asked = true
	k.payload, k.err = k.set.VerifySignature(ctx, token)
	return k.payload, k.err
}

// reason says why a token was refused.
func (k *keeping) reason() error {
	if down, ok := errors.AsType[*Unavailable](k.err); ok {
		return down
	}
	switch {
	case errors.Is(k.err, ErrBusy):
		return ErrBusy
	case k.err != nil:
		return unusable("the ID token: %v", errSignature)
	case !k.asked:
		return unusable("the ID token is not a JWT signed by an algorithm of the provider")
	}
	return unusable("the ID token is of another issuer, or has no valid claims")
}

// checkAudience refuses a token that was made for somebody else, or was given to
// somebody else to use here (OpenID Connect Core section 3.1.3.7).
func (p verifier) checkAudience(t *oidc.IDToken, c claims, audiences []string) error {
	if len(t.Audience) == 0 {
		return unusable("the ID token is for another client")
	}
	for _, to := range t.Audience {
		if !slices.Contains(audiences, to) {
			return unusable("the ID token is for another client")
		}
	}
	if by := c["azp"]; by != nil && string(by) != "null" && !slices.Contains(p.audiences(), c.text("azp")) {
		return unusable("the ID token was given to another client")
	}
	return nil
}

// checkTimes refuses a token that is too old, too new, or good for too long.
func (p verifier) checkTimes(c claims) error {
	now := p.around.Now()
	issued, hasIssued := c.number("iat")
	expires, hasExpires := c.number("exp")
	from, hasFrom := c.number("nbf")
	age := now.Sub(time.Unix(issued, 0))
	switch {
	case !hasIssued || !hasExpires:
		return unusable("the ID token does not say when it was made, or when it ends")
	case age < -leeway || hasFrom && time.Unix(from, 0).Sub(now) > leeway:
		return unusable("the ID token is from the future")
	case now.Sub(time.Unix(expires, 0)) >= leeway:
		return unusable("the ID token has expired")
	case age > maxAge+leeway:
		return unusable("the ID token is too old")
	case time.Unix(expires, 0).Sub(now) > maxLife+leeway:
		return unusable("the ID token is good for too long")
	}
	return nil
}

// identify reads who it is.
func (p verifier) identify(c claims) (*Identity, error) {
	i := &Identity{
		Issuer: p.Issuer, Subject: c.text("sub"), Hosted: c.text("hd"),
		Email: c.text("email"), Verified: c.yes("email_verified", p.preset.looseBools), Name: cleanName(c.text("name")),
	}
	if at, ok := c.number("auth_time"); ok {
		i.AuthTime = time.Unix(at, 0).UTC()
	}
	if p.preset.identity != nil {
		if err := p.preset.identity(p.Provider, c, i); err != nil {
			return nil, err
		}
	}
	return i, checkSubject(i.Subject)
}

// checkSubject refuses what cannot name somebody.
func checkSubject(subject string) error {
	if subject == "" || len(subject) > maxSubject || !utf8.ValidString(subject) || strings.ContainsFunc(subject, func(c rune) bool { return c < ' ' || c == 0x7f || c == utf8.RuneError }) {
		return unusable("it does not say who the person is, or not in a usable way")
	}
	return nil
}

// addUserinfo adds the address, where the ID token has none. The address and the
// word on it come from the same document.
func (p verifier) addUserinfo(ctx context.Context, access string, token claims, i *Identity) error {
	c := claims{}
	if err := get(ctx, p.http, p.about.UserInfo, access, &c); err != nil {
		return p.failed("userinfo", err)
	}
	p.heard("ok", false)
	if c.text("sub") != token.text("sub") {
		return unusable("userinfo is about somebody else")
	}
	i.Email, i.Verified = c.text("email"), c.yes("email_verified", p.preset.looseBools)
	if i.Name == "" {
		i.Name = cleanName(c.text("name"))
	}
	return nil
}

// cleanName is a name from outside, fit for showing.
func cleanName(text string) string {
	text = strings.TrimSpace(strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f || c == utf8.RuneError {
			return -1
		}
		return c
	}, strings.ToValidUTF8(text, "")))
	if runes := []rune(text); len(runes) > maxName {
		text = string(runes[:maxName])
	}
	return text
}
