package oidctest

import (
	"cmp"
	"encoding/json"
	"net/http"
)

// api is what GitHub (as GitHub Enterprise) and Discord say of a person.
func (p *Provider) api(w http.ResponseWriter, r *http.Request) {
	person, ok := p.holder(r)
	if !ok {
		reply(w, http.StatusUnauthorized, map[string]any{"message": "Bad credentials"})
		return
	}
	switch r.URL.Path {
	case "/api/v3/user":
		user := map[string]any{"login": person.Subject, "name": person.Name, "email": "public-" + person.Email}
		if person.ID != "" {
			user["id"] = json.RawMessage(person.ID)
		}
		reply(w, http.StatusOK, user)
	case "/api/v3/user/emails":
		verified := person.Verified == true
		entry := []map[string]any{{"email": person.Email, "primary": true, "verified": verified, "visibility": nil}}
		if person.Addresses != "" {
			reply(w, http.StatusOK, json.RawMessage(person.Addresses))
			return
		}
		reply(w, http.StatusOK, entry)
	case "/api/users/@me":
		reply(w, http.StatusOK, map[string]any{
			"id": cmp.Or(person.ID, person.Subject), "username": person.Subject, "global_name": person.Name, "email": person.Email, "verified": person.Verified == true,
		})
	default:
		http.NotFound(w, r)
	}
}
