package auth

import (
	"strings"

	"github.com/authgraph/authgraph/ent"
)

// linkRule is what follows from who a provider says it is. The numbers are those of
// the table in SECURITY.md.
type linkRule int

const (
	noAccount       linkRule = iota // 15: nobody has the identity, and no account is made
	logInKnown                      // 1
	logInReactivate                 // 2: the authority for its address says so
	offerSuspended                  // 3
	newNameless                     // 4: no address
	newPending                      // 5: the address is confirmed by a letter of ours
	newUnproved                     // 6: the provider vouches for the address
	newProved                       // 7: the provider is the authority for it
	offerAddress                    // 8: an account has the address
	linkByAddress                   // 9: and the provider is the authority for it
)

// standing is what is known of somebody whom a provider has named.
type standing struct {
	known *ent.Identity // with its account; nil if nobody has it
	// to is the provider's address; nil if it has none, or it is not used.
	to               *identifier
	vouched, decides bool
	// account has the address. It is looked for only where the provider vouches.
	account *ent.User
	// signUps says that an account may be made, and admitted that this address may have
	// one, or be linked.
	signUps, admitted bool
}

// stand reads the provider's word. It looks at no account.
func stand(a *arrival) standing {
	s := standing{}
	domain := ""
	if id, err := parseAddress(a.identity.Email); err == nil && a.provider.UsesEmail() {
		s.to, domain = &id, id.key[strings.LastIndexByte(id.key, '@')+1:]
		s.vouched, s.decides = a.provider.Vouches(&a.identity, domain), a.provider.Decides(&a.identity, domain)
	}
	s.admitted = a.provider.Admits(domain, s.vouched)
	return s
}

// equals reports that the provider's address is that of an account.
func (s *standing) equals(u *ent.User) bool {
	return s.to != nil && u.EmailKey != nil && *u.EmailKey == s.to.key
}

// rule says what follows. First comes the identity, then the address.
func (s *standing) rule() linkRule {
	switch {
	case s.known != nil && s.known.SuspendedAt == nil:
		return logInKnown
	case s.known != nil && s.decides && s.equals(s.known.Edges.User):
		return logInReactivate
	case s.known != nil:
		return offerSuspended
	case !s.admitted:
		return noAccount
	case s.vouched && s.account != nil && s.decides:
		return linkByAddress
	case s.vouched && s.account != nil:
		return offerAddress
	case !s.signUps:
		return noAccount
	case s.to == nil:
		return newNameless
	case !s.vouched:
		return newPending
	case s.decides:
		return newProved
	}
	return newUnproved
}
