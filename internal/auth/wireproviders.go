package auth

import "github.com/authgraph/authgraph/internal/oidc"

// providerParts are the parts about providers that other features need, too.
type providerParts struct {
	set        *oidc.Set
	flows      *flows
	nonces     *nonces
	identities *identities
	arrivals   *arrivals
	ways       *waysIn
	evictions  *evictions
	addresses  *newAddresses
}

func wireProviders(o Options, core *core, events *events, limits *limits, letters *letters, users *users, ceremonies *ceremonies, mailed *mailed, set *Settings) providerParts {
	p := providerParts{set: o.Providers}
	p.flows = &flows{core, o.Secret, o.Providers}
	p.nonces = &nonces{core, limits, o.Secret}
	p.identities = &identities{core, o.Providers}
	p.arrivals = &arrivals{core, limits, p.flows, p.nonces, events, o.Providers, p.identities}
	p.ways = &waysIn{ceremonies, p.identities, set}
	p.evictions = &evictions{core, p.identities, users, events}
	p.addresses = &newAddresses{core, letters, mailed, events, set}
	return p
}

// wireVisitors adds the features of logging in with providers.
func (s *Service) wireVisitors(o Options, core *core, events *events, limits *limits, letters *letters, newcomers *newcomers, sessions *sessions, users *users, p providerParts) {
	set := &o.Settings
	offers := &linkOffers{core, p.flows, p.arrivals, p.identities, p.ways, letters, events}
	comers := &providerSignUps{core, limits, letters, p.arrivals, p.identities, p.addresses, set}
	s.providerVisits = &providerVisits{core, limits, p.flows, p.arrivals, events, p.set, set}
	s.providerLogins = &providerLogins{core, limits, newcomers, letters, p.arrivals, p.identities, offers, comers, p.evictions, sessions, users, events, set}
	s.idTokens = &idTokens{core, limits, p.nonces, p.set, set}
	s.identityDesk = &identityDesk{core, p.identities, letters, sessions, events}
	s.ownIdentities = &ownIdentities{core, limits, letters, p.arrivals, p.identities, offers, p.ways, sessions, users, events}
}
