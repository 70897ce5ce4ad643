package auth

import (
	"time"

	"github.com/authgraph/authgraph/internal/limit"
)

// providerTable is every limit on visits to providers. Those that say once are no
// setting: they are what makes an answer good once.
type providerTable struct {
	// Beginnings of visits from one place.
	providerStart limit.Limit
	// One use of a state, over its life.
	providerState limit.Limit
	// One use of a nonce and of an ID token, over the life of the token.
	providerNonce limit.Limit
	// Verifiers tried at one code: after ten it is void.
	providerTries limit.Limit
}

func newProviderTable(login limit.Limit) providerTable {
	return providerTable{
		providerStart: limit.Limit{Name: "provider_start", Count: 6 * login.Count, Per: login.Per, Shared: true},
		providerState: limit.Limit{Name: "provider_state", Count: 1, Per: 15 * time.Minute},
		providerNonce: limit.Limit{Name: "provider_nonce", Count: 1, Per: 26 * time.Hour},
		providerTries: limit.Limit{Name: "provider_tries", Count: 10, Per: 15 * time.Minute},
	}
}
