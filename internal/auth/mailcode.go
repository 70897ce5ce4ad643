package auth

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/usertoken"
	"github.com/authgraph/authgraph/internal/mail"
	"github.com/authgraph/authgraph/internal/secret"
	"github.com/authgraph/authgraph/internal/store"
)

// codeLabel names the key under which codes are remembered.
const codeLabel = "code from an e-mail"

// mailCodes sends codes by e-mail, and finds out whether one is good. A code alone
// opens nothing: it is bound to the browser, or the session, that asked for it.
type mailCodes struct {
	*core
	limits   *limits
	letters  *letters
	secret   *secret.Root
	settings *Settings
}

// codeRequest is a code to send.
type codeRequest struct {
	to identifier
	// owner is nil if nobody gets the code: the work is the same.
	owner  *ent.User
	choice sessionChoice
	// session that proves presence; nil at a login.
	session *uuid.UUID
	// send is false beyond the limit on e-mails: then nobody gets the code, and it opens
	// nothing.
	send bool
}

// send stores a code and sends it. It returns the token that goes with the code.
// Older codes stay good until one is used, so that a stranger's request does not void
// the code that somebody has in hand.
func (k *mailCodes) send(ctx context.Context, tx *store.Tx, c Caller, r codeRequest) (token string, err error) {
	id, code := uuid.Must(uuid.NewV7()), secret.MintCode()
	plain, digest := secret.Mint()
	now := k.now()
	expires := now.Add(k.settings.EmailCodeTTL)
	create := tx.UserToken.Create().SetID(id).SetPurpose(usertoken.PurposeEmailLogin).SetDigest(digest).
		SetSentTo(r.to.key).SetSentToTyped(r.to.typed).SetCodeMAC(k.mac(id, code)).
		SetInCookie(r.choice.delivery == InCookie).SetNillableDeviceName(r.choice.device).SetNillableSessionID(r.session).
		SetCreatedAt(now).SetExpiresAt(expires).SetNillableIPAddress(c.ipText())
	recipient := ""
	if r.owner != nil && r.send { // a code that was not sent could only be guessed
		create.SetUserID(r.owner.ID)
		recipient = r.to.key
	}
	if err := create.Exec(ctx); err != nil {
		return "", fmt.Errorf("store a code: %w", err)
	}
	l := k.letters.letter(c, r.owner)
	l.ExpiresAt = expires
	return plain, k.letters.post(ctx, tx, mail.LoginCode, recipient, l, code, id)
}

func (k *mailCodes) mac(id uuid.UUID, code string) []byte {
	return k.secret.MAC(codeLabel, id[:], []byte(code))
}

// challenge is what the browser that asked gets.
func (k *mailCodes) challenge(token string) *Challenge {
	return &Challenge{Token: token, ExpiresIn: int(k.settings.EmailCodeTTL / time.Second), offer: offer{Methods: []ProofKind{ByEmailCode}}}
}

// find reads the code that goes with a token of a login. It may refuse, but never
// grants: redeem decides.
func (k *mailCodes) find(ctx context.Context, plain string) (*ent.UserToken, error) {
	digest, ok := secret.ParseMailed(pasted(plain))
	if !ok {
		return nil, refuse(InvalidToken, "challenge")
	}
	t, err := k.store.UserToken.Query().
		Where(usertoken.Digest(digest), usertoken.PurposeEQ(usertoken.PurposeEmailLogin), usertoken.SessionIDIsNil(), usertoken.ExpiresAtGT(k.now())).
		Only(ctx)
	if ent.IsNotFound(err) {
		return nil, refuse(InvalidToken, "challenge")
	}
	return t, wrap("find a code", err)
}

// inSession reads the codes that a session has asked for.
func (k *mailCodes) inSession(ctx context.Context, c Caller) ([]*ent.UserToken, error) {
	rows, err := k.store.UserToken.Query().
		Where(usertoken.UserID(c.User.ID), usertoken.PurposeEQ(usertoken.PurposeEmailLogin), usertoken.SessionID(c.SessionID), usertoken.ExpiresAtGT(k.now())).
		Order(usertoken.ByID()).All(ctx)
	return rows, wrap("find codes", err)
}

// fits reports that a code is the one of a row. One that nobody got fits nothing,
// after the same work. A sixth try finds it void: that is INVALID_TOKEN.
func (k *mailCodes) fits(ctx context.Context, t *ent.UserToken, typed string) (bool, error) {
	err := k.limits.spend(ctx, attempt{k.limits.challengeTries, t.ID.String()})
	if is(err, RateLimited) {
		return false, refuse(InvalidToken, "challenge")
	}
	if err != nil {
		return false, err
	}
	code, ok := secret.ParseCode(typed)
	right := k.secret.CheckMAC(codeLabel, *t.CodeMAC, t.ID[:], []byte(code))
	return ok && right && t.UserID != nil, nil
}

// redeem deletes a code and locks its account: of several at once only one wins. It
// refuses if the account has another address by now. The account's other codes are
// void.
func (k *mailCodes) redeem(ctx context.Context, tx *store.Tx, t *ent.UserToken, field string) (*ent.User, error) {
	u, err := tx.LockUser(ctx, *t.UserID)
	if ent.IsNotFound(err) || err == nil && !mayReset(u, t) {
		return nil, refuse(InvalidToken, field)
	}
	if err != nil {
		return nil, fmt.Errorf("lock the user: %w", err)
	}
	n, err := tx.UserToken.Delete().
		Where(usertoken.ID(t.ID), usertoken.PurposeEQ(usertoken.PurposeEmailLogin), usertoken.ExpiresAtGT(k.now())).Exec(ctx)
	if err != nil {
		return nil, fmt.Errorf("redeem a code: %w", err)
	}
	if n != 1 {
		return nil, refuse(InvalidToken, field)
	}
	return u, voidPurposes(ctx, tx, u.ID, usertoken.PurposeEmailLogin)
}
