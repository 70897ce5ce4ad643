package auth

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/identity"
	"github.com/authgraph/authgraph/ent/user"
	"github.com/authgraph/authgraph/internal/limit"
	"github.com/authgraph/authgraph/internal/mail"
	"github.com/authgraph/authgraph/internal/oidc"
	"github.com/authgraph/authgraph/internal/outbox"
	"github.com/authgraph/authgraph/internal/store"
)

// letters writes e-mails to people. Each one is put into the outbox in the same
// transaction as the change that it is about.
type letters struct {
	*core
	limits     *limits
	outbox     *outbox.Outbox
	confirmTTL time.Duration
	providers  *oidc.Set
}

// letter fills in what every e-mail says: when it was caused, and from where.
func (p *letters) letter(c Caller, u *ent.User) mail.Letter {
	l := mail.Letter{At: p.now(), UserAgent: c.UserAgent}
	if ip := c.ipText(); ip != nil {
		l.IP = *ip
	}
	if u != nil && u.Username != nil {
		l.Username = *u.Username
	}
	if u != nil && u.Locale != nil {
		l.Locale = *u.Locale
	}
	return l
}

// post queues an e-mail with a token. Without a recipient it queues a row that
// sends nothing, so that the work is the same.
func (p *letters) post(ctx context.Context, tx *store.Tx, name, to string, l mail.Letter, token string, tokenID uuid.UUID) error {
	return p.outbox.Enqueue(ctx, tx, outbox.Message{Letter: name, Recipient: to, Content: l, Token: token, TokenID: tokenID})
}

// notice tells an account's owner that something happened. It holds no token
// and counts against no limit. An account without an address gets none.
func (p *letters) notice(ctx context.Context, tx *store.Tx, u *ent.User, name string, l mail.Letter) error {
	if u.EmailKey == nil {
		return nil
	}
	return p.post(ctx, tx, name, *u.EmailKey, l, "", uuid.Nil)
}

// budget is what an e-mail is counted against.
type budget struct {
	address, share limit.Limit
	// known says that it was asked for in a browser that has logged in to the account.
	known bool
	// unread says that nobody will get it: there is no account.
	unread bool
}

// mayMail counts an e-mail against the limits of an address, and reports
// whether it may go out. It never refuses the request: the answer is the same,
// and only the e-mail is missing. One place can use only a share of what
// an e-mail address may get, so that the owner can still ask from another
// place. A known browser has a budget of its own: strangers cannot use it up.
//
// An e-mail that nobody gets is counted as well, after the same work, but takes
// nothing from those that are sent: else requests for made-up addresses could use up
// what all accounts together may be sent.
func (p *letters) mayMail(ctx context.Context, c Caller, to string, b budget) (bool, error) {
	if b.known {
		to = "known " + to
	}
	all := attempt{p.limits.allLetters, ""}
	if b.unread {
		all.whom = "unread"
	}
	return p.limits.limiter.Passes(ctx, attempt{b.share, to + " " + source(c.IP)}.counted(), attempt{b.address, to}.counted(), all.counted())
}

// addressProof is an e-mail that proves an address.
type addressProof struct {
	letter  string
	to      identifier
	token   string
	tokenID uuid.UUID
	locale  *string   // of who asks
	owner   *ent.User // who has the address already; nil if nobody has
	send    bool
}

// postProof sends a token that proves an address to that address. If the
// address has an account, the e-mail says so and holds no token. A token is
// stored in both cases, and nobody ever learns this one. The owner of an account reads
// the language of that account. It never depends on who asks.
func (p *letters) postProof(ctx context.Context, tx *store.Tx, c Caller, proof addressProof) error {
	l := p.letter(c, nil)
	recipient := proof.to.key
	if !proof.send {
		recipient = ""
	}
	providers, err := p.providersOf(ctx, tx, proof.to.key)
	if err != nil {
		return err
	}
	if proof.owner != nil {
		l.Locale, l.Providers = text(proof.owner.Locale), providers
		return p.post(ctx, tx, mail.AlreadyRegistered, recipient, l, "", uuid.Nil)
	}
	l.Locale, l.ExpiresAt = text(proof.locale), p.now().Add(p.confirmTTL)
	return p.post(ctx, tx, proof.letter, recipient, l, proof.token, proof.tokenID)
}

// ownerOf finds who has an address, except one account. It reads no more than an e-mail
// to them needs.
func (p *letters) ownerOf(ctx context.Context, tx *store.Tx, to identifier, except uuid.UUID) (*ent.User, error) {
	owners, err := tx.User.Query().Where(addressIs(to.key), user.IDNEQ(except)).Select(user.FieldID, user.FieldLocale).Limit(1).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("look for the address: %w", err)
	}
	if len(owners) == 0 {
		return nil, nil
	}
	return owners[0], nil
}

// providersOf names the providers that log in to the account with an address. It asks
// whether there is an account or not.
func (p *letters) providersOf(ctx context.Context, tx *store.Tx, key string) (string, error) {
	if len(p.providers.All()) == 0 {
		return "", nil
	}
	owner := uuid.Nil
	owners, err := tx.User.Query().Where(addressIs(key)).IDs(ctx)
	if err != nil {
		return "", fmt.Errorf("look for the address: %w", err)
	}
	if len(owners) > 0 {
		owner = owners[0]
	}
	rows, err := tx.Identity.Query().Where(identity.UserID(owner), identity.SuspendedAtIsNil()).Order(identity.ByID()).All(ctx)
	if err != nil {
		return "", fmt.Errorf("look for identities: %w", err)
	}
	var names []string
	for _, row := range rows {
		if from := p.providers.Get(row.Provider); from != nil && p.providers.Issues(row.Issuer) && !slices.Contains(names, from.Name) {
			names = append(names, from.Name)
		}
	}
	return strings.Join(names, ", "), nil
}
