package config

import (
	"crypto/ecdsa"
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/oidc"
	"github.com/authgraph/authgraph/internal/origin"
)

// OneProvider is the settings of one provider. There is one for each that PROVIDERS
// names: the names of its settings are PROVIDER_, the provider's id in upper case, and
// the name here. They have no flags. The tags are those of Settings.
type OneProvider struct {
	Preset           Value  `name:"preset" empty:"" derived:"the provider's id, if it is that of a preset" help:"google, apple, microsoft, gitlab, github or discord; none for any other OpenID Connect provider. Only to have two of one kind, under ids of your own."`
	Name             Value  `name:"name" empty:"" derived:"the name of the preset, or the id" help:"What people call it: the name on the button."`
	Issuer           Value  `name:"issuer" empty:"" derived:"that of the preset" help:"The URL that names the provider, exactly as it writes it: https, or http for this machine in development. For presets only where there is a choice: gitlab, github (Enterprise) and microsoft (national clouds)."`
	ClientID         Value  `name:"client-id" empty:"" help:"The id of your application at the provider."`
	ClientSecret     Value  `name:"client-secret" secret:"" empty:"" help:"The secret of your application at the provider. Apple has PRIVATE_KEY instead."`
	ClientSecretFile Value  `name:"client-secret-file" of:"CLIENT_SECRET" help:"File that holds CLIENT_SECRET."`
	Scopes           Value  `name:"scopes" list:"" empty:"" derived:"those of the preset, or openid,email,profile" help:"What your application asks for, instead of the default."`
	Params           Value  `name:"params" empty:"" help:"More parameters of the authorization request, such as prompt=select_account&hd=example.com."`
	Audiences        Value  `name:"audiences" list:"" empty:"" help:"Client ids of your native apps: their ID tokens are taken, too."`
	IDTokens         Switch `name:"id-tokens" def:"false" help:"Take ID tokens from the provider's own SDK for CLIENT_ID. AUDIENCES turns this on."`
	Authority        Value  `name:"authority" list:"" empty:"" help:"Domains whose addresses the provider gives to people, such as your company's. An account with such an address is linked at once."`
	Email            Value  `name:"email" empty:"" derived:"that of the preset; pending for others" help:"What its addresses are worth. verified: its word that an address was verified is taken. pending: we send an e-mail to confirm it. never: it is not used. always: it counts as verified without a word; only if you run the provider."`
	OnlyDomains      Value  `name:"only-domains" list:"" empty:"" help:"Only people with an address of these domains get an account by it."`
	Tenants          Value  `name:"tenants" list:"" empty:"" derived:"common" help:"Microsoft: ids of the tenants whose people may log in, or one of common, organizations and consumers."`
	SignUp           Switch `name:"sign-up" def:"true" help:"Let people make accounts by it. If it is off, only those log in who have linked it."`
	Nonce            Value  `name:"nonce" def:"required" help:"required or optional. optional: take ID tokens of apps whose SDK cannot give a nonce to the provider. They can be stolen more easily."`
	Tokens           Switch `name:"tokens" def:"false" help:"Hand out the provider's own tokens with the login, once. They are not kept."`
	PKCE             Switch `name:"pkce" derived:"on; off for apple" help:"Bind the code to the browser's visit by PKCE. Turn it off only for a provider that refuses it."`
	AuthMethod       Value  `name:"auth-method" empty:"" derived:"that of the preset, or as the provider says" help:"basic or post: how the client secret is sent."`
	TeamID           Value  `name:"team-id" empty:"" help:"Apple: the id of your team."`
	KeyID            Value  `name:"key-id" empty:"" help:"Apple: the id of your key."`
	PrivateKey       Value  `name:"private-key" secret:"" empty:"" help:"Apple: the content of the key file, AuthKey_….p8. We sign the client secret with it, which Apple wants to be new every six months."`
	PrivateKeyFile   Value  `name:"private-key-file" of:"PRIVATE_KEY" help:"File that holds PRIVATE_KEY."`
}

// declared is a provider that PROVIDERS names, and its settings.
type declared struct {
	id string
	OneProvider
}

var providerID = regexp.MustCompile(`^[a-z][a-z0-9]{0,31}$`)

const familyPrefix = "PROVIDER_"

// providerIDs reads the setting PROVIDERS.
func providerIDs(v *Value) ([]string, error) {
	var seen []string
	_, err := each(v, func(item string) (string, error) {
		switch {
		case !providerID.MatchString(item):
			return "", fmt.Errorf("%s is not an id: small letters and digits, 32 at most", quote(v, item))
		case slices.Contains(seen, item):
			return "", fmt.Errorf("%s is there twice", quote(v, item))
		}
		seen = append(seen, item)
		return item, nil
	})
	if len(seen) > auth.MaxProviders {
		return nil, fmt.Errorf("there can be %d providers", auth.MaxProviders)
	}
	return seen, err
}

// families adds the settings of each provider that PROVIDERS names.
func families(r *reader, list *Value) {
	for _, id := range read(r, list, providerIDs) {
		d := &declared{id: id}
		fields := familyFields(&d.OneProvider, strings.ToUpper(id), len(r.fields))
		r.fields = append(r.fields, fields...)
		r.declared = append(r.declared, d)
		for i := range fields {
			r.give(fields[i].value, &fields[i].row)
		}
	}
}

// familyFields are the rows of one provider.
func familyFields(p *OneProvider, id string, from int) []field {
	var fields []field
	group := reflect.ValueOf(p).Elem()
	for i := range group.NumField() {
		var value *Value
		switch f := group.Field(i).Addr().Interface().(type) {
		case *Value:
			value = f
		case *Switch:
			value = &f.Value
		}
		row := newRow(group.Type().Field(i).Tag)
		row.flag, row.index, row.group = "", from+i, providersGroup
		row.name = familyPrefix + id + "_" + row.name
		if row.of != "" {
			row.of = familyPrefix + id + "_" + row.of
		}
		fields = append(fields, field{row, value})
	}
	return fields
}

const providersGroup = "Log in with others"

// undeclared is the id in the name of a setting of a provider that PROVIDERS does not
// name; empty if it is none.
func undeclared(r *reader, name string) string {
	rest, found := strings.CutPrefix(name, familyPrefix)
	id, _, _ := strings.Cut(rest, "_")
	id = strings.ToLower(id)
	if !found || !providerID.MatchString(id) || slices.ContainsFunc(r.declared, func(d *declared) bool { return d.id == id }) {
		return ""
	}
	return id
}

// readProviders reads the settings of all providers.
func readProviders(r *reader, c *Config, s *Settings) {
	returns := read(r, &s.ReturnURLs, returnURLs)
	c.ReturnURLs = oidc.ReturnURLs{List: returns, Development: !c.Production}
	for _, d := range r.declared {
		c.Providers = append(c.Providers, d.options(r, c.Production))
	}
}

// returnURLs reads where browsers may come back to.
func returnURLs(v *Value) ([]string, error) {
	return each(v, func(item string) (string, error) {
		if err := oidc.ParseReturnURL(item); err != nil {
			return "", fmt.Errorf("%s: %w", quote(v, item), err)
		}
		return item, nil
	})
}

// options reads one.
func (d *declared) options(r *reader, production bool) oidc.Options {
	o := oidc.Options{ID: d.id, Preset: d.id}
	if d.Preset.text != "" {
		o.Preset = read(r, &d.Preset, oneOf(oidc.Presets()...))
	}
	known := oidc.PresetOf(o.Preset)
	o.Name = read(r, &d.Name, words(64))
	o.Issuer = d.issuer(r, known, production)
	o.ClientID = read(r, &d.ClientID, key)
	if d.ClientID.text == "" && !d.ClientID.bad {
		r.wrong(&d.ClientID, "is needed: the id of your application at the provider")
	}
	o.ClientSecret = read(r, &d.ClientSecret, key)
	o.Scopes = read(r, &d.Scopes, oauthScopes)
	o.Params = read(r, &d.Params, authParams)
	o.Audiences = read(r, &d.Audiences, func(v *Value) ([]string, error) {
		return each(v, func(item string) (string, error) { return item, keyError(item) })
	})
	o.IDTokens = read(r, &d.IDTokens.Value, toggle(false))
	if !known.OpenID && (o.IDTokens || len(o.Audiences) > 0) {
		v := &d.IDTokens.Value
		if len(o.Audiences) > 0 {
			v = &d.Audiences
		}
		r.wrong(v, "this provider has no ID tokens")
	}
	o.Authority = read(r, &d.Authority, domains(true))
	o.OnlyDomains = read(r, &d.OnlyDomains, domains(false))
	if d.Email.text != "" {
		o.Email = oidc.EmailUse(read(r, &d.Email, oneOf("verified", "pending", "never", "always")))
	}
	if len(o.Authority) > 0 && o.Email == "" && known.Email == oidc.EmailNever {
		o.Email = oidc.EmailPending // what is said of a domain is to count
	}
	o.NoSignUp = !read(r, &d.SignUp.Value, toggle(true))
	o.NonceOptional = read(r, &d.Nonce, oneOf("required", "optional")) == "optional"
	o.Tokens = read(r, &d.Tokens.Value, toggle(false))
	if on := read(r, &d.PKCE.Value, toggle(o.Preset != "apple")); d.PKCE.set() {
		o.PKCE = &on
	}
	if d.AuthMethod.text != "" {
		o.AuthMethod = read(r, &d.AuthMethod, oneOf("basic", "post"))
	}
	d.special(r, &o)
	return o
}

// special reads what only one provider has.
func (d *declared) special(r *reader, o *oidc.Options) {
	o.Tenants = read(r, &d.Tenants, tenants)
	if o.Preset != "microsoft" && d.Tenants.text != "" {
		r.wrong(&d.Tenants, "is for microsoft only")
	}
	o.TeamID, o.KeyID = read(r, &d.TeamID, key), read(r, &d.KeyID, key)
	o.PrivateKey = read(r, &d.PrivateKey, privateKey)
	if o.Preset != "apple" {
		for _, v := range []*Value{&d.TeamID, &d.KeyID, &d.PrivateKey} {
			if v.text != "" {
				r.wrong(v, "is for apple only")
			}
		}
		return
	}
	if d.ClientSecret.text != "" {
		if d.PrivateKey.text != "" {
			r.wrong(&d.ClientSecret, "is set, and PRIVATE_KEY too; leave one of them out")
		}
		return
	}
	for _, v := range []*Value{&d.TeamID, &d.KeyID, &d.PrivateKey} {
		if v.text == "" && !v.bad {
			r.wrong(v, "is needed: we sign the client secret for Apple with it")
		}
	}
}

// issuer reads the issuer, where there is a choice.
func (d *declared) issuer(r *reader, known oidc.Preset, production bool) string {
	issuer := read(r, &d.Issuer, func(v *Value) (string, error) {
		u, err := url.Parse(v.text)
		switch {
		case v.text == "":
			return "", nil
		case err != nil || u.Host == "" || u.User != nil || strings.ContainsAny(v.text, "?#") || strings.ContainsFunc(v.text, notToken):
			return "", showing(v, errors.New("must be a URL without user, query or fragment"))
		case u.Scheme == "https":
			return v.text, nil
		case u.Scheme == "http" && !production && origin.IsLoopback(u.Hostname()):
			return v.text, nil
		}
		return "", showing(v, errors.New("must begin with https://; http is for this machine in development only"))
	})
	switch {
	case d.Issuer.bad:
	case issuer == "" && known.Issuer == "":
		r.wrong(&d.Issuer, "is needed: the URL that names the provider; or is %s a mistyped preset? There are %s", d.id, strings.Join(oidc.Presets(), ", "))
	case issuer != "" && !known.Choice:
		r.wrong(&d.Issuer, "this provider has only one")
	}
	if known.Issuer != "" {
		issuer = strings.TrimSuffix(issuer, "/") // paths of ours are added to it
	}
	return issuer
}

// key reads a name or a secret that a provider has given out.
func key(v *Value) (string, error) { return v.text, keyError(v.text) }

func keyError(text string) error {
	if len(text) > 1024 || strings.ContainsFunc(text, func(c rune) bool { return c < ' ' || c == 0x7f }) {
		return errors.New("has characters that no key of a provider has, or is too long")
	}
	return nil
}

func privateKey(v *Value) (*ecdsa.PrivateKey, error) {
	if v.text == "" {
		return nil, nil
	}
	return oidc.ParseAppleKey(strings.ReplaceAll(v.text, `\n`, "\n"))
}

var scopeToken = regexp.MustCompile(`^[!#-\[\]-~]+$`) // RFC 6749 section 3.3

func oauthScopes(v *Value) ([]string, error) {
	return each(v, func(item string) (string, error) {
		if !scopeToken.MatchString(item) {
			return "", fmt.Errorf("%s is not a scope", quote(v, item))
		}
		return item, nil
	})
}

// authParams reads parameters, none of which is ours to set.
func authParams(v *Value) (url.Values, error) {
	if v.text == "" {
		return nil, nil
	}
	values, err := url.ParseQuery(v.text)
	if err != nil {
		return nil, errors.New("must be written as in a URL: name=value&name=value")
	}
	for name, list := range values {
		if oidc.Reserved(name) {
			return nil, fmt.Errorf("%s is ours to set", quote(v, name))
		}
		if len(list) > 1 {
			return nil, fmt.Errorf("%s is there twice", quote(v, name))
		}
	}
	return values, nil
}

// domains reads domains of addresses; all of them, as *, only where that may be.
func domains(all bool) kind[[]string] {
	return func(v *Value) ([]string, error) {
		return each(v, func(item string) (string, error) {
			name := strings.ToLower(item)
			if item == "*" && all {
				return item, nil
			}
			if !origin.IsName(name) || !strings.Contains(name, ".") {
				return "", fmt.Errorf("%s is not a domain such as example.com; write other alphabets in the xn-- form", quote(v, item))
			}
			return name, nil
		})
	}
}

func tenants(v *Value) ([]string, error) {
	list, err := each(v, func(item string) (string, error) {
		id := strings.ToLower(item)
		if !oidc.IsTenant(id) {
			return "", fmt.Errorf("%s is neither the id of a tenant nor common, organizations or consumers", quote(v, item))
		}
		return id, nil
	})
	if err == nil && len(list) > 1 && slices.ContainsFunc(list, func(id string) bool { return len(id) != 36 }) {
		err = errors.New("common, organizations and consumers stand alone")
	}
	return list, err
}

// warnProviders warns of what makes a provider mightier than people expect.
func warnProviders(r *reader, c *Config, warn func(bool, *Value, string)) {
	for i, d := range r.declared {
		o := c.Providers[i]
		warn(slices.Contains(o.Authority, "*"), &d.Authority, "the provider can log in to every account that has an address")
		warn(o.Email == oidc.EmailAlways, &d.Email, "addresses count as verified although the provider does not say so")
		warn(o.NonceOptional, &d.Nonce, "an ID token that somebody steals from an app logs in, until it was used")
	}
}
