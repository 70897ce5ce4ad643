package oidc_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/authgraph/authgraph/internal/oidc"
	"github.com/authgraph/authgraph/internal/oidctest"
)

// O15: neither PKCE nor the nonce can be left out.
func TestAttackDowngrade(t *testing.T) {
	s := newScene(t, nil)
	s.Login(oidctest.Ann())
	came, err := s.Authorize(s.begin(t, visit))
	if err != nil {
		t.Fatal(err)
	}
	other := visit
	other.Verifier = strings.Repeat("w", 43)
	if _, _, err := s.ours.Exchange(t.Context(), oidc.Answer{Code: came.Get("code"), Visit: other}); !isUnusable(err) {
		t.Errorf("another verifier = %v", err)
	}
	for what, code := range map[string]string{
		"another nonce": s.Issue(oidctest.Ann(), "another", oidctest.ClientID), "no nonce": s.Issue(oidctest.Ann(), "", oidctest.ClientID),
	} {
		if _, _, err := s.ours.Exchange(t.Context(), oidc.Answer{Code: code, Visit: visit}); !isUnusable(err) {
			t.Errorf("%s = %v", what, err)
		}
	}
}

// O14: an answer of another issuer is refused before anything is asked.
func TestAttackMixUp(t *testing.T) {
	s := newScene(t, nil)
	for what, iss := range map[string]string{"another issuer": "https://evil.test", "a slash more": s.URL + "/", "none though promised": ""} {
		if err := s.ours.CheckIssuer(t.Context(), iss); !isUnusable(err) {
			t.Errorf("%s = %v", what, err)
		}
	}
	if err := s.ours.CheckIssuer(t.Context(), s.URL); err != nil || s.Count("/token") != 0 {
		t.Errorf("the right one = %v; %d token requests", err, s.Count("/token"))
	}
}

// idToken checks a token as an app would bring it.
func idToken(t *testing.T, s *scene, text string) error {
	t.Helper()
	_, err := s.ours.IDToken(t.Context(), text, visit.Nonce, false)
	return err
}

func apps(o *oidc.Options) { o.IDTokens, o.Audiences = true, []string{"our app"} }

// O16: a token is for us, and for nobody else.
func TestAttackTokenOfAnotherClient(t *testing.T) {
	s := newScene(t, apps)
	claims := func(aud, azp any) map[string]any {
		c := s.Claims(oidctest.Ann(), oidctest.ClientID, visit.Nonce)
		c["aud"] = aud
		if azp != nil {
			c["azp"] = azp
		}
		return c
	}
	for what, bad := range map[string]map[string]any{
		"another client":             claims("another", nil),
		"nobody":                     claims([]string{}, nil),
		"ours, given to another":     claims(oidctest.ClientID, "another"),
		"ours and another's, by it":  claims([]string{oidctest.ClientID, "another"}, "another"),
		"ours and another's":         claims([]string{oidctest.ClientID, "another"}, oidctest.ClientID),
		"ours, by a number":          claims(oidctest.ClientID, 7),
		"ours and another's, no azp": claims([]string{"another", oidctest.ClientID}, nil),
	} {
		if err := idToken(t, s, s.Signer().Sign(bad, nil)); !isUnusable(err) {
			t.Errorf("%s = %v", what, err)
		}
	}
	for what, good := range map[string]map[string]any{"ours": claims(oidctest.ClientID, nil), "our app's": claims("our app", nil), "ours, by our app": claims(oidctest.ClientID, "our app")} {
		if err := idToken(t, s, s.Signer().Sign(good, nil)); err != nil {
			t.Errorf("%s = %v", what, err)
		}
	}
	if err := idToken(t, s, "access-of-another-app"); !isUnusable(err) {
		t.Errorf("an access token = %v", err)
	}
}

// O17: only the provider signs, by an algorithm that only it can.
func TestAttackForgedToken(t *testing.T) {
	s := newScene(t, apps)
	rsa := oidctest.NewKey("RS256", "rsa")
	s.SetKeys(rsa, oidctest.NewKey("ES256", "second"))
	claims := s.Claims(oidctest.Ann(), oidctest.ClientID, visit.Nonce)
	good := rsa.Sign(claims, nil)
	if err := idToken(t, s, good); err != nil {
		t.Fatalf("the good one = %v", err)
	}
	b64 := base64.RawURLEncoding.EncodeToString
	body := strings.Split(good, ".")[1]
	stranger := oidctest.NewKey("RS256", "rsa")
	public := stranger.Public()
	modulus, _ := rsa.Public().MarshalJSON()
	for what, text := range map[string]string{
		"alg none":                       b64([]byte(`{"alg":"none"}`)) + "." + body + ".",
		"alg none with a signature":      b64([]byte(`{"alg":"none","kid":"rsa"}`)) + "." + body + "." + strings.Split(good, ".")[2],
		"HS256 with the client secret":   oidctest.SignHS256([]byte(oidctest.ClientSecret+strings.Repeat(".", 32)), claims),
		"HS256 with the public key":      oidctest.SignHS256(modulus, claims),
		"a stranger's key":               stranger.Sign(claims, nil),
		"a key that the token brings":    stranger.Sign(claims, map[jose.HeaderKey]any{"jwk": public}),
		"a key at a place it names":      stranger.Sign(claims, map[jose.HeaderKey]any{"jku": "https://evil.test/jwks"}),
		"the key of another key id":      rsa.Sign(claims, map[jose.HeaderKey]any{"kid": "second"}),
		"encrypted":                      b64([]byte(`{"alg":"dir","enc":"A256GCM"}`)) + "..a.b.c",
		"with a line break":              good + "\n",
		"in another writing":             fmt.Sprintf(`{"payload":%q,"protected":%q,"signature":%q}`, body, strings.Split(good, ".")[0], strings.Split(good, ".")[2]),
		"with another body":              strings.Replace(good, body, b64([]byte(`{"sub":"x"}`)), 1),
		"without a body":                 strings.Replace(good, body, "", 1),
		"longer than any":                good + strings.Repeat("A", 17<<10),
		"nothing":                        "",
		"an algorithm that is not named": oidctest.NewKey("ES256", "rsa").Sign(claims, nil),
	} {
		if err := idToken(t, s, text); !isUnusable(err) {
			t.Errorf("%s = %v", what, err)
		}
	}
}

func TestClaimsThatAreRefused(t *testing.T) {
	s := newScene(t, apps)
	now := s.clock.Now().Unix()
	with := func(name string, value any) map[string]any {
		c := s.Claims(oidctest.Ann(), oidctest.ClientID, visit.Nonce)
		c[name] = value
		return c
	}
	for what, bad := range map[string]map[string]any{
		"no sub": with("sub", nil), "an empty sub": with("sub", ""), "a number for a sub": with("sub", 7), "a sub of 256": with("sub", strings.Repeat("x", 256)),
		"a NUL in sub": with("sub", "a\x00b"), "another issuer": with("iss", "https://evil.test"), "a slash more": with("iss", s.URL+"/"),
		"no iat": with("iat", nil), "iat in the future": with("iat", now+120), "two hours old": with("iat", now-7200),
		"no exp": with("exp", nil), "expired": with("exp", now-61), "good for a year": with("exp", now+86400*365), "nbf in the future": with("nbf", now+120),
		"another nonce": with("nonce", "x"), "no nonce": with("nonce", nil),
	} {
		if err := idToken(t, s, s.Signer().Sign(bad, nil)); !isUnusable(err) {
			t.Errorf("%s = %v", what, err)
		}
	}
	for what, good := range map[string]map[string]any{
		"a clock that is slow": with("exp", now-59), "one that is fast": with("iat", now+59), "a boolean in text": with("email_verified", "true"),
		"the nonce by its hash": with("nonce", "d24b6f1c1e9ba6b1a4c8d8a6ed46e5a5"), "auth_time": with("auth_time", now),
	} {
		if what == "the nonce by its hash" {
			good["nonce"] = hexHash(visit.Nonce)
		}
		if err := idToken(t, s, s.Signer().Sign(good, nil)); err != nil {
			t.Errorf("%s = %v", what, err)
		}
	}
}

func TestAFreshLogin(t *testing.T) {
	s := newScene(t, apps)
	now := s.clock.Now().Unix()
	for what, one := range map[string]struct {
		at   any
		good bool
	}{"just now": {now, true}, "an hour ago": {now - 3600, false}, "not told": {nil, true}} {
		c := s.Claims(oidctest.Ann(), oidctest.ClientID, visit.Nonce)
		if one.at != nil {
			c["auth_time"] = one.at
		}
		if _, err := s.ours.IDToken(t.Context(), s.Signer().Sign(c, nil), visit.Nonce, true); (err == nil) != one.good {
			t.Errorf("%s = %v", what, err)
		}
	}
}

func TestANonceMayBeOptional(t *testing.T) {
	s := newScene(t, func(o *oidc.Options) { apps(o); o.NonceOptional = true })
	c := s.Claims(oidctest.Ann(), oidctest.ClientID, "")
	if err := idToken(t, s, s.Signer().Sign(c, nil)); err != nil {
		t.Errorf("without a nonce = %v", err)
	}
	c["nonce"] = "another"
	if err := idToken(t, s, s.Signer().Sign(c, nil)); !isUnusable(err) {
		t.Errorf("with another one = %v", err)
	}
}

// O23: whoever sends us tokens does not decide how often the provider is asked.
func TestAttackJunkTokens(t *testing.T) {
	s := newScene(t, apps)
	if err := idToken(t, s, s.IDToken(oidctest.Ann(), oidctest.ClientID, visit.Nonce)); err != nil {
		t.Fatal(err)
	}
	before := s.Count("/jwks")
	s.clock.turn(11 * time.Second)
	claims := s.Claims(oidctest.Ann(), oidctest.ClientID, visit.Nonce)
	for i := range 200 {
		if err := idToken(t, s, oidctest.NewKey("ES256", fmt.Sprintf("unknown-%d", i)).Sign(claims, nil)); !isUnusable(err) {
			t.Fatalf("junk = %v", err)
		}
	}
	if n := s.Count("/jwks") - before; n != 1 {
		t.Errorf("200 junk tokens led to %d requests for keys, want 1", n)
	}
	second := oidctest.NewKey("ES256", "second")
	s.SetKeys(second)
	s.clock.turn(11 * time.Second)
	if err := idToken(t, s, s.IDToken(oidctest.Ann(), oidctest.ClientID, visit.Nonce)); err != nil {
		t.Errorf("after the provider has changed its key = %v", err)
	}
	s.Override("/jwks", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
	s.clock.turn(11 * time.Second)
	if err := idToken(t, s, s.IDToken(oidctest.Ann(), oidctest.ClientID, visit.Nonce)); err != nil {
		t.Errorf("with its keys out of reach = %v", err)
	}
}

func hexHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
