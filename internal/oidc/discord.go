package oidc

import (
	"cmp"
	"context"
)

// Discord has no ID tokens: who somebody is, its API says.

func discordEndpoints(issuer string) metadata {
	return metadata{Issuer: issuer, Auth: issuer + "/oauth2/authorize", Token: issuer + "/api/oauth2/token"}
}

func discordProfile(ctx context.Context, p *Provider, access string) (*Identity, error) {
	user := claims{}
	if err := get(ctx, p.http, p.Issuer+"/api/users/@me", access, &user); err != nil {
		return nil, p.failed("the user", err)
	}
	p.heard("ok", false)
	i := &Identity{
		Issuer: p.Issuer, Subject: user.text("id"), Email: user.text("email"), Verified: user.yes("verified", false),
		Name: cleanName(cmp.Or(user.text("global_name"), user.text("username"))),
	}
	if !decimal.MatchString(i.Subject) { // a number in text
		return nil, unusable("the user has no id")
	}
	return i, nil
}
