package oidctest

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strings"
)

// serve counts a request and answers it.
func (p *Provider) serve(w http.ResponseWriter, r *http.Request) {
	p.count(r.URL.Path)
	p.mu.Lock()
	override := p.override[r.URL.Path]
	p.mu.Unlock()
	if override != nil {
		override(w, r)
		return
	}
	switch {
	case strings.HasSuffix(r.URL.Path, "/.well-known/openid-configuration"):
		p.describe(w, r)
	case r.URL.Path == "/authorize", r.URL.Path == "/login/oauth/authorize", r.URL.Path == "/oauth2/authorize":
		p.authorize(w, r)
	case r.URL.Path == "/token", r.URL.Path == "/login/oauth/access_token", r.URL.Path == "/api/oauth2/token":
		p.token(w, r)
	case r.URL.Path == "/jwks":
		reply(w, http.StatusOK, p.publicKeys())
	case r.URL.Path == "/userinfo":
		p.userinfo(w, r)
	case strings.HasPrefix(r.URL.Path, "/api/"):
		p.api(w, r)
	default:
		http.NotFound(w, r)
	}
}

// Description is how the provider describes itself.
func (p *Provider) Description() map[string]any {
	return map[string]any{
		"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token",
		"userinfo_endpoint": p.URL + "/userinfo", "jwks_uri": p.URL + "/jwks",
		"id_token_signing_alg_values_supported":          []string{"RS256", "ES256"},
		"token_endpoint_auth_methods_supported":          []string{"client_secret_basic", "client_secret_post"},
		"authorization_response_iss_parameter_supported": true,
	}
}

func (p *Provider) describe(w http.ResponseWriter, r *http.Request) {
	about := p.Description()
	if tenant, found := strings.CutSuffix(strings.TrimPrefix(r.URL.Path, "/"), "/v2.0/.well-known/openid-configuration"); found { // as Microsoft does
		if tenant == "common" || tenant == "organizations" || tenant == "consumers" {
			tenant = "{tenantid}"
		}
		about["issuer"] = p.URL + "/" + tenant + "/v2.0"
		delete(about, "authorization_response_iss_parameter_supported")
	}
	reply(w, http.StatusOK, about)
}

// authorize sends the browser back at once, by a redirect or by a form.
func (p *Provider) authorize(w http.ResponseWriter, r *http.Request) {
	back, err := p.Authorize(r.URL.String())
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	to := r.URL.Query().Get("redirect_uri")
	if r.URL.Query().Get("response_mode") != "form_post" {
		http.Redirect(w, r, to+"?"+back.Encode(), http.StatusFound) //nolint:gosec // a provider for tests
		return
	}
	w.Header().Set("Content-Type", "text/html")
	fmt.Fprintf(w, `<form method="post" action="%s">`, html.EscapeString(to))
	for name := range back {
		fmt.Fprintf(w, `<input type="hidden" name="%s" value="%s">`, name, html.EscapeString(back.Get(name)))
	}
	fmt.Fprint(w, `<button>Go on</button></form>`)
}

// token trades a code: client, redirect URI and PKCE must be right.
func (p *Provider) token(w http.ResponseWriter, r *http.Request) {
	refuse := func(code string) {
		reply(w, http.StatusBadRequest, map[string]any{"error": code, "error_description": "canary-of-the-provider"})
	}
	if err := r.ParseForm(); err != nil {
		refuse("invalid_request")
		return
	}
	id, secret, basic := r.BasicAuth()
	if basic {
		id, _ = url.QueryUnescape(id)
		secret, _ = url.QueryUnescape(secret)
	} else {
		id, secret = r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
	}
	v, ok := p.find(r.PostForm.Get("code"))
	switch {
	case id != ClientID || secret != ClientSecret && !strings.HasPrefix(secret, "ey"): // or a secret that was signed
		refuse("invalid_client")
		return
	case !ok || v.redirect != "" && v.redirect != r.PostForm.Get("redirect_uri"),
		v.challenge != "" && s256(r.PostForm.Get("code_verifier")) != v.challenge:
		refuse("invalid_grant")
		return
	}
	access := "access-" + r.PostForm.Get("code")
	p.keep(r.PostForm.Get("code_verifier"), v.nonce, access)
	answer := map[string]any{"access_token": access, "token_type": "Bearer", "expires_in": 3600, "refresh_token": "refresh-" + v.person.Subject}
	if r.URL.Path == "/token" {
		claims := p.Claims(v.person, v.clientID, v.nonce)
		sum := sha256.Sum256([]byte(access))
		claims["at_hash"] = base64.RawURLEncoding.EncodeToString(sum[:16])
		if v.fresh && v.person.Claims["auth_time"] == nil {
			claims["auth_time"] = p.Now().Unix()
		}
		token := p.Signer().Sign(claims, nil)
		p.keep(token)
		answer["id_token"] = token
	}
	reply(w, http.StatusOK, answer)
}

// holder is whose access token a request has.
func (p *Provider) holder(r *http.Request) (Person, bool) {
	code, ours := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer access-")
	v, ok := p.find(code)
	return v.person, ours && ok
}

func (p *Provider) userinfo(w http.ResponseWriter, r *http.Request) {
	person, ok := p.holder(r)
	if !ok {
		reply(w, http.StatusUnauthorized, map[string]any{"error": "invalid_token"})
		return
	}
	about := map[string]any{"sub": person.Subject, "name": person.Name}
	if person.Email != "" {
		about["email"] = person.Email
		if person.Verified != nil {
			about["email_verified"] = person.Verified
		}
	}
	reply(w, http.StatusOK, about)
}

// Reply answers in JSON, for those who override.
func Reply(w http.ResponseWriter, body any) { reply(w, http.StatusOK, body) }

func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client is gone: nobody to tell
}
