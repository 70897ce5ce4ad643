package oidc

import (
	"context"
	"regexp"
	"strings"
)

// GitHub has no OpenID Connect: who somebody is, its API says. An issuer of one's
// own is GitHub Enterprise.

func githubEndpoints(issuer string) metadata {
	return metadata{Issuer: issuer, Auth: issuer + "/login/oauth/authorize", Token: issuer + "/login/oauth/access_token"}
}

func githubAPI(issuer string) string {
	if issuer == "https://github.com" {
		return "https://api.github.com"
	}
	return issuer + "/api/v3"
}

// decimal is the number of an account. The name of an account can change hands, so it
// names nobody.
var decimal = regexp.MustCompile(`^[1-9][0-9]{0,18}$`)

func githubProfile(ctx context.Context, p *Provider, access string) (*Identity, error) {
	user := claims{}
	if err := get(ctx, p.http, githubAPI(p.Issuer)+"/user", access, &user); err != nil {
		return nil, p.failed("the user", err)
	}
	p.heard("ok", false)
	id := string(user["id"])
	if !decimal.MatchString(id) {
		return nil, unusable("the user has no id")
	}
	i := &Identity{Issuer: p.Issuer, Subject: id, Name: cleanName(user.text("name"))}
	if i.Name == "" {
		i.Name = cleanName(user.text("login"))
	}
	if !p.UsesEmail() {
		return i, nil
	}
	var addresses []claims
	if err := get(ctx, p.http, githubAPI(p.Issuer)+"/user/emails", access, &addresses); err != nil {
		return nil, p.failed("the user's addresses", err)
	}
	p.heard("ok", false)
	for _, a := range addresses {
		if a.yes("primary", false) && a.yes("verified", false) && !strings.HasSuffix(strings.ToLower(a.text("email")), "@users.noreply.github.com") {
			i.Email, i.Verified = a.text("email"), true
		}
	}
	return i, nil
}
