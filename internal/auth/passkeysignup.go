package auth

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/user"
	"github.com/authgraph/authgraph/ent/usertoken"
	"github.com/authgraph/authgraph/internal/mail"
	"github.com/authgraph/authgraph/internal/passkey"
	"github.com/authgraph/authgraph/internal/profile"
	"github.com/authgraph/authgraph/internal/secret"
	"github.com/authgraph/authgraph/internal/store"
)

// passkeySignUps is the feature of making an account with a passkey and no
// password.
type passkeySignUps struct {
	*core
	limits     *limits
	newcomers  *newcomers
	letters    *letters
	mailed     *mailed
	ceremonies *ceremonies
	added      *newPasskeys
	sessions   *sessions
	events     *events
	settings   *Settings
}

// StartPasskeySignUpInput has exactly one of address and username.
type StartPasskeySignUpInput struct {
	Email, Username *string
	Captcha         *string
}

// StartPasskeySignUp returns the options with which a browser makes the passkey of
// an account to be. The id of that account is made here, and travels sealed in the
// challenge. Nothing is stored. For an address nothing is looked up either: a free
// and a taken one get the same answer. A username in use is TAKEN.
func (f *passkeySignUps) StartPasskeySignUp(ctx context.Context, c Caller, in StartPasskeySignUpInput) (json.RawMessage, error) {
	if !f.settings.SignUps || !f.settings.Passkeys {
		return nil, refuse(NotOffered)
	}
	id, err := parseIdentifier(in.Email, in.Username)
	if in.Email == nil && in.Username != nil && !f.settings.Usernames {
		err = refuse(NotOffered, "username")
	}
	if err != nil {
		return nil, err
	}
	if id.field == "username" || f.newcomers.captchas.wants("startPasskeySignUp") { // which tell something, or ask others
		if err := f.limits.spend(ctx, attempt{f.limits.signUpSource, source(c.IP)}); err != nil {
			return nil, err
		}
	}
	if err := f.newcomers.captchas.check(ctx, c, "startPasskeySignUp", in.Captcha); err != nil {
		return nil, err
	}
	if id.field == "username" {
		if taken, err := f.store.User.Query().Where(user.UsernameKey(id.key)).Exist(ctx); err != nil {
			return nil, fmt.Errorf("look for the username: %w", err)
		} else if taken {
			return nil, refuse(Taken, "username")
		}
	}
	account := uuid.Must(uuid.NewV7())
	challenge, err := f.ceremonies.beginSignUp(id, account)
	if err != nil {
		return nil, err
	}
	return f.ceremonies.party.CreationOptions(challenge, passkey.Account{Handle: account, Name: id.typed}, nil, passkey.Required), nil
}

// SignUpWithPasskeyInput is what a browser answered, and the passkey's name.
type SignUpWithPasskeyInput struct {
	Passkey json.RawMessage
	Name    *string
	Profile profile.Given
	// Locale is a BCP 47 tag. Without one that is offered, the browser's counts.
	Locale  *string
	Session *SessionInput
}

// SignUpWithPasskey begins an account with a passkey instead of a password. It must
// verify its user, and log in by itself.
//
// By address it is as SignUp: the passkey waits with the token that is sent to the
// address, and gets onto an account only by Confirm. By username the account is
// usable and logged in at once.
func (f *passkeySignUps) SignUpWithPasskey(ctx context.Context, c Caller, in SignUpWithPasskeyInput) (*Outcome, error) {
	if !f.settings.SignUps || !f.settings.Passkeys {
		return nil, refuse(NotOffered)
	}
	var wrong problems
	p := pendingPasskey{}
	if in.Name != nil {
		name, err := parseName(*in.Name, "name")
		wrong.add(err)
		p.Name = name
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
	entry := passkeyEntry{choice: choice, profile: document.Text(), locale: locale}
	if err := f.limits.spend(ctx, attempt{f.limits.signUpSource, source(c.IP)}); err != nil {
		return nil, err
	}
	made, to, err := f.added.lookSignUp(ctx, c, in.Passkey)
	if is(err, InvalidCode) {
		return nil, f.events.recordAnd(ctx, c, happening{event: EventSignUp, method: ByPasskey}, refuse(InvalidCode, "passkey"))
	}
	if err != nil {
		return nil, err
	}
	if to.id.field == "username" && !f.settings.Usernames { // switched off since it began
		return nil, refuse(NotOffered, "username")
	}
	if err := f.newcomers.ask(ctx, c, newcomer{operation: "signUpWithPasskey", id: to.id, profile: document, locale: locale}); err != nil {
		return nil, err
	}
	p.Account, p.RPID, p.Passkey = to.account, f.ceremonies.party.ID, *made
	entry.pending = p
	if to.id.field == "email" {
		return f.byAddress(ctx, c, to, entry)
	}
	return f.byUsername(ctx, c, to, entry)
}

// passkeyEntry is a SignUpWithPasskeyInput that was checked.
type passkeyEntry struct {
	pending pendingPasskey
	profile string // as it is stored
	locale  *string
	choice  sessionChoice
}

func (f *passkeySignUps) byAddress(ctx context.Context, c Caller, to signingUp, entry passkeyEntry) (*Outcome, error) {
	send, err := f.letters.mayMail(ctx, c, to.id.key, budget{address: f.limits.signUpLetter, share: f.limits.signUpLetterSource})
	if err != nil {
		return nil, err
	}
	key, keyDigest := secret.Mint() // also for a taken address, so that the answer is the same
	expires := f.now().Add(f.settings.ConfirmTTL)
	err = f.store.InTx(ctx, func(tx *store.Tx) error {
		if err := f.ceremonies.spend(ctx, tx, to.use, refuse(InvalidCode, "passkey")); err != nil {
			return err
		}
		owner, err := f.letters.ownerOf(ctx, tx, to.id, uuid.Nil)
		if err != nil {
			return err
		}
		plain, tokenID, err := f.mailed.mint(ctx, tx, c, mailedToken{
			purpose: usertoken.PurposeConfirm, to: to.id, expires: expires, passkey: entry.pending.stored(), keyDigest: keyDigest, profile: &entry.profile, locale: entry.locale,
		})
		if err != nil {
			return err
		}
		if err := f.letters.postProof(ctx, tx, c, addressProof{letter: mail.Confirm, to: to.id, token: plain, tokenID: tokenID, locale: entry.locale, owner: owner, send: send}); err != nil {
			return err
		}
		return f.events.record(ctx, tx, c, happening{event: EventSignUp, method: ByPasskey})
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

func (f *passkeySignUps) byUsername(ctx context.Context, c Caller, to signingUp, entry passkeyEntry) (*Outcome, error) {
	wrong, p := refuse(InvalidCode, "passkey"), entry.pending
	next := newUser(&entry.profile, entry.locale, f.now())
	next.ID, next.Username = p.Account, &to.id.typed
	by := proof{event: EventSignUp, kinds: kindsOfPasskey(p.Passkey.Flags), strong: true, user: next}
	return f.sessions.finish(ctx, c, entry.choice, by, func(tx *store.Tx) (*ent.User, error) {
		if err := f.ceremonies.spend(ctx, tx, to.use, wrong); err != nil {
			return nil, err
		}
		now := f.now()
		u, err := tx.User.Create().SetID(p.Account).SetProfile(next.Profile).SetNillableLocale(next.Locale).
			SetUsername(to.id.typed).SetUsernameKey(to.id.key).SetCredentialsChangedAt(now).
			SetConfirmedAt(now).SetCreatedAt(now).SetUpdatedAt(now).
			Save(ctx)
		if ent.IsConstraintError(err) {
			return nil, refuse(Taken, "username")
		}
		if err != nil {
			return nil, fmt.Errorf("store the user: %w", err)
		}
		_, err = f.added.keep(ctx, tx, u.ID, &p.Passkey, p.Name, wrong)
		return u, err
	})
}
