package auth

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/user"
	"github.com/authgraph/authgraph/ent/usertoken"
	"github.com/authgraph/authgraph/internal/mail"
	"github.com/authgraph/authgraph/internal/profile"
	"github.com/authgraph/authgraph/internal/secret"
	"github.com/authgraph/authgraph/internal/store"
)

// signUps is the feature of making an account.
type signUps struct {
	*core
	limits    *limits
	newcomers *newcomers
	letters   *letters
	mailed    *mailed
	proofs    *proofs
	sessions  *sessions
	events    *events
	settings  *Settings
}

// SignUpInput has exactly one of address and username, and a password.
type SignUpInput struct {
	Email    *string
	Username *string
	Password string
	Profile  profile.Given
	Locale   *string // a BCP 47 tag; without one that is offered, the browser's counts
	Captcha  *string
	Session  *SessionInput
}

// SignUp begins an account.
//
// By address no session begins, and an e-mail with a confirmation token
// follows. There is no user yet, only a token with its own password hash. So
// every sign-up for an address is bound to its own e-mail, to its own password,
// and to its own browser, which gets a key for Confirm. If the address has an
// account, its owner gets another e-mail. The answer, the work and the time are
// the same, and the account does not change. Signing up again sends the e-mail
// again, within the limit on e-mails.
//
// By username the account is usable and logged in at once. A username in use is
// TAKEN.
//
// If sign-up is closed, the answer is NOT_OFFERED. Earlier sign-ups can still
// be confirmed.
func (f *signUps) SignUp(ctx context.Context, c Caller, in SignUpInput) (*Outcome, error) {
	if !f.settings.SignUps {
		return nil, refuse(NotOffered) // the same for everybody, before anything is read or counted
	}
	var wrong problems
	id, err := parseIdentifier(in.Email, in.Username)
	if in.Email == nil && in.Username != nil && !f.settings.Usernames {
		err = refuse(NotOffered, "username")
	}
	wrong.add(err)
	if err := f.proofs.checkNewPassword(in.Password, "password", id.key); err != nil {
		wrong.add(err)
	}
	document, err := f.settings.newProfile(in.Profile)
	wrong.add(err)
	locale, err := f.settings.newLocale(c, in.Locale)
	wrong.add(err)
	choice, err := parseSession(in.Session)
	wrong.add(err)
	if err := wrong.err(); err != nil {
		return nil, err
	}
	entry := signUpEntry{id: id, password: in.Password, profile: document.Text(), locale: locale, choice: choice}
	n := newcomer{operation: "signUp", id: id, profile: document, locale: locale, captcha: in.Captcha}
	leave, counted, err := f.enter(ctx, c, n, in.Password)
	if err != nil {
		return nil, err
	}
	defer leave()
	start := f.byUsername
	if id.field == "email" {
		start = f.byAddress
	}
	outcome, err := start(ctx, c, entry)
	return outcome, f.limits.undecided(ctx, err, counted...)
}

// enter passes the gate and takes a place for hashing. A server that is too busy
// for a hash refuses first. Nobody holds a place while others are asked.
func (f *signUps) enter(ctx context.Context, c Caller, n newcomer, chosen string) (leave func(), counted []attempt, err error) {
	if leave, err = f.proofs.admit(ctx, chosen); err != nil {
		return nil, nil, err
	}
	if f.newcomers.asks(n.operation) {
		leave()
		leave = nil
	}
	if counted, err = f.newcomers.admit(ctx, c, n); err != nil {
		if leave != nil {
			leave()
		}
		return nil, nil, err
	}
	if leave == nil {
		leave, err = f.proofs.admit(ctx, chosen)
	}
	return leave, counted, err
}

// signUpEntry is a SignUpInput that was checked.
type signUpEntry struct {
	id       identifier
	password string
	profile  string // as it is stored
	locale   *string
	choice   sessionChoice
}

func (f *signUps) byAddress(ctx context.Context, c Caller, entry signUpEntry) (*Outcome, error) {
	to := entry.id
	hash, err := f.proofs.hash(ctx, entry.password)
	if err != nil {
		return nil, err
	}
	// This limit refuses nothing. It comes after the hash: if the server is too
	// busy for the hash, no e-mail must be counted that is never sent.
	send, err := f.letters.mayMail(ctx, c, to.key, budget{address: f.limits.signUpLetter, share: f.limits.signUpLetterSource})
	if err != nil {
		return nil, err
	}
	key, keyDigest := secret.Mint() // also for a taken address, so that the answer is the same
	expires := f.now().Add(f.settings.ConfirmTTL)
	err = f.store.InTx(ctx, func(tx *store.Tx) error {
		owner, err := f.letters.ownerOf(ctx, tx, to, uuid.Nil)
		if err != nil {
			return err
		}
		plain, tokenID, err := f.mailed.mint(ctx, tx, c, mailedToken{
			purpose: usertoken.PurposeConfirm, to: to, expires: expires, passwordHash: &hash, keyDigest: keyDigest,
			profile: &entry.profile, locale: entry.locale,
		})
		if err != nil {
			return err
		}
		if err := f.letters.postProof(ctx, tx, c, addressProof{letter: mail.Confirm, to: to, token: plain, tokenID: tokenID, locale: entry.locale, owner: owner, send: send}); err != nil {
			return err
		}
		return f.events.record(ctx, tx, c, happening{event: EventSignUp})
	})
	if err != nil {
		return nil, err
	}
	if entry.choice.delivery == InCookie && c.Browser != nil {
		c.Browser.put(Cookie{Name: ConfirmCookie, Value: key, Expires: expires})
		return new(Outcome), nil
	}
	return &Outcome{ConfirmKey: &key}, nil
}

func (f *signUps) byUsername(ctx context.Context, c Caller, entry signUpEntry) (*Outcome, error) {
	name := entry.id
	// This query may refuse, so that a name in use costs no hash. Only the
	// unique index grants the name.
	if taken, err := f.store.User.Query().Where(user.UsernameKey(name.key)).Exist(ctx); err != nil {
		return nil, fmt.Errorf("look for the username: %w", err)
	} else if taken {
		return nil, refuse(Taken, "username")
	}
	hash, err := f.proofs.hash(ctx, entry.password)
	if err != nil {
		return nil, err
	}
	next := newUser(&entry.profile, entry.locale, f.now())
	next.Username = &name.typed
	return f.sessions.finish(ctx, c, entry.choice, byPassword(EventSignUp, next), func(tx *store.Tx) (*ent.User, error) {
		now := f.now()
		u, err := tx.User.Create().SetID(next.ID).
			SetUsername(name.typed).SetUsernameKey(name.key).
			SetPasswordHash(hash).SetCredentialsChangedAt(now).SetProfile(entry.profile).SetNillableLocale(entry.locale).
			SetConfirmedAt(now).SetCreatedAt(now).SetUpdatedAt(now).
			Save(ctx)
		if ent.IsConstraintError(err) {
			return nil, refuse(Taken, "username")
		}
		if err != nil {
			return nil, fmt.Errorf("store the user: %w", err)
		}
		return u, nil
	})
}
