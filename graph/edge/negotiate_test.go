package edge

import (
	"strings"
	"testing"
)

func TestNegotiate(t *testing.T) {
	const none = mediaType(-1)
	for _, c := range []struct {
		accept string // lines are headers
		want   mediaType
	}{
		{"", plainJSON},
		{"*/*", plainJSON},
		{"application/*", plainJSON},
		{"application/json", plainJSON},
		{"APPLICATION/JSON", plainJSON},
		{"application/json; charset=utf-8", plainJSON},
		{"application/json; charset=latin1", none},
		{"application/graphql-response+json", graphqlResponse},
		{"application/graphql-response+json; charset=UTF-8", graphqlResponse},
		{"application/graphql-response+json, application/json;q=0.9", graphqlResponse}, // Apollo 4
		{"application/graphql-response+json, application/graphql+json, application/json", graphqlResponse}, // urql
		{"application/json, application/graphql-response+json", graphqlResponse},
		{"application/json, application/graphql-response+json;q=0.9", plainJSON},
		{"application/json, */*", plainJSON},                                           // GraphiQL
		{"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", plainJSON}, // a browser
		{"text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", plainJSON},            // Java
		{"application/graphql-response+json, */*", graphqlResponse},
		{"application/graphql-response+json;q=0.5, */*", plainJSON},
		{"application/graphql-response+json;q=0.5, */*;q=0.1", graphqlResponse},
		{"application/json;q=0, */*", graphqlResponse},
		{"application/json;q=0, application/*;q=0.5", graphqlResponse},
		{"*/*;q=0", none},
		{"application/json;q=0", none},
		{"application/*;q=0, */*", none},
		{"text/html", none},
		{"application/graphql+json", none},
		{"nonsense", none},
		{"application/json;q=2", none},
		{"application/json;q=NaN", none},
		{"application/json;q=x, */*;q=0.1", plainJSON},
		{`text/html;x="a,application/json"`, none},
		{`text/html;x="a\",b", application/json`, plainJSON},
		{"text/html\napplication/graphql-response+json", graphqlResponse},
		{",,", none},
		{strings.Repeat("text/html,", maxElements) + "application/json", none},
	} {
		var headers []string
		if c.accept != "" {
			headers = strings.Split(c.accept, "\n")
		}
		got, ok := negotiate(headers)
		if !ok {
			got = none
		}
		if got != c.want {
			t.Errorf("negotiate(%.80q) = %d, want %d", c.accept, got, c.want)
		}
	}
}
