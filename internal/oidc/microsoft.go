package oidc

import (
	"regexp"
	"slices"
	"strings"
)

// Microsoft has an issuer for each tenant, and one description for all of them. So
// the issuer is checked here, against the tenant that the token names.

const (
	anyTenant     = "common"
	organizations = "organizations" // every tenant but that of personal accounts
	consumers     = "consumers"
	// personal is the tenant of personal accounts.
	personal = "9188040d-6c67-4c5b-b112-36a304b66dad"
)

var tenantID = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// IsTenant reports that a text can stand in the setting TENANTS: an id, or the only
// word there.
func IsTenant(text string) bool {
	return tenantID.MatchString(text) || slices.Contains([]string{anyTenant, organizations, consumers}, text)
}

// tenant is the one whose description is read.
func (o *Options) tenant() string {
	if len(o.Tenants) == 1 {
		return o.Tenants[0]
	}
	return anyTenant
}

// admitsTenant reports that people of a tenant may log in.
func (o *Options) admitsTenant(id string) bool {
	switch {
	case !tenantID.MatchString(id):
		return false
	case len(o.Tenants) == 0 || slices.Contains(o.Tenants, anyTenant):
		return true
	case slices.Contains(o.Tenants, organizations):
		return id != personal
	case slices.Contains(o.Tenants, consumers):
		return id == personal
	}
	return slices.Contains(o.Tenants, id)
}

func microsoftConfiguration(o *Options) string {
	return o.Issuer + "/" + o.tenant() + "/v2.0/.well-known/openid-configuration"
}

// microsoftIssuer reports that an issuer is that of a tenant which may log in.
func microsoftIssuer(o *Options, issuer string) bool {
	rest, ours := strings.CutPrefix(issuer, o.Issuer+"/")
	id, end := strings.CutSuffix(rest, "/v2.0")
	return ours && end && o.admitsTenant(id)
}

// describes reports that a description with this issuer is the provider's, where
// that is a template.
func (p *Provider) describes(issuer string) bool {
	if p.preset.sameIssuer == nil {
		return false
	}
	return issuer == p.Issuer+"/{tenantid}/v2.0" || p.preset.sameIssuer(&p.Options, issuer)
}

// microsoftIdentity names a person by tenant and object: sub differs from one of our
// client ids to the next. Anybody can write any address into a directory of their
// own: it counts only if Microsoft says that the domain's owner has proved it.
func microsoftIdentity(p *Provider, c claims, i *Identity) error {
	tenant := c.text("tid")
	i.Issuer = c.text("iss")
	if i.Issuer != p.Issuer+"/"+tenant+"/v2.0" || !p.admitsTenant(tenant) {
		return unusable("the ID token is of a tenant that may not log in")
	}
	i.Subject = c.text("oid")
	proved := string(c["xms_edov"])
	i.Verified = slices.Contains([]string{"true", "1", `"true"`, `"1"`}, proved)
	return nil
}
