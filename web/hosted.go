package web

import (
	"encoding/json"
	"maps"
	"slices"
)

// hosted puts the pages for an application without a front end of its own into a
// site: /log-in, /sign-up and /account. They are one script, built from
// examples/react (hosted/build.mjs), which takes the words that lie beside it: so it
// has an address in each language. The session that begins there is in the refresh
// cookie, where the application's own refresh finds it.
func (o Options) hosted(s site, languages translations) {
	page := languages.page(o.Captcha.policy(accountsPolicy, "login", "signUp", "startPasskeySignUp", "startEmailLogin"), "hosted/index.html")
	for _, path := range []string{"/log-in", "/sign-up", "/account"} {
		s[path] = page
	}
	s["/pages/brand.css"] = asset{contentType: contentType("brand.css"), body: []byte(o.Brand.style())}
	for _, name := range []string{"app.css", "licences.txt"} {
		s["/pages/"+name] = newBundled("hosted/dist/" + name + ".gz")
	}
	script := newBundled("hosted/dist/app.js.gz")
	for _, tag := range languages.offered.Tags() {
		s["/pages/"+tag+"/app.js"] = script
		s["/pages/"+tag+"/words.js"] = newBundled("hosted/dist/words." + tag + ".js.gz")
	}
}

// accountsPolicy also lets the page show the QR code of an authenticator app.
const accountsPolicy = pagesPolicy + "; img-src 'self' data:"

// AppList is what the page takes Apps from.
func (o Options) AppList() string {
	list, err := json.Marshal(append([]string{}, o.Apps...))
	if err != nil {
		panic(err) // strings can always be written
	}
	return string(list)
}

// hostedDocuments are what the script sends.
func hostedDocuments() []string {
	var byID map[string]string
	if err := json.Unmarshal(read("hosted/dist/documents.json"), &byID); err != nil {
		panic(err) // see parse
	}
	return slices.Sorted(maps.Values(byID))
}
