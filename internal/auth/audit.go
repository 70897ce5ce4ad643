package auth

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/internal/signing"
	"github.com/authgraph/authgraph/internal/store"
)

// Event is what happened, for the audit log.
type Event string

// Every event that is recorded. Those about signing keys are in package
// signing.
const (
	EventSignUp          Event = "sign_up"
	EventConfirm         Event = "confirm"
	EventLogin           Event = "login"
	EventLogout          Event = "logout"
	EventRefreshReuse    Event = "refresh_reuse"
	EventRefreshFuture   Event = "refresh_future"
	EventReauthenticate  Event = "reauthenticate"
	EventResetRequest    Event = "reset_request"
	EventResetPassword   Event = "reset_password"
	EventPasswordChange  Event = "password_change"
	EventEmailChange     Event = "email_change"
	EventEmailChanging   Event = "email_change_request"
	EventEmailChangeStop Event = "email_change_stop"
	EventUsernameChange  Event = "username_change"
	EventAccountCreate   Event = "account_create"
	EventAccountImport   Event = "account_import"
	EventAccountExport   Event = "account_export"
	EventAccountDelete   Event = "account_delete"
	EventAccountDisable  Event = "account_disable"
	EventAccountEnable   Event = "account_enable"
	EventSessionRevoke   Event = "session_revoke"
	EventSessionEvict    Event = "session_evict"
	EventTokenIssue      Event = "api_token_issue"
	EventTokenRevoke     Event = "api_token_revoke"
	EventRestore         Event = "restore"
	EventRolesChange     Event = "roles_change"
	EventProfileChange   Event = "profile_change"

	EventChallenge         Event = "challenge"
	EventChallengeAnswer   Event = "challenge_answer"
	EventFactorAdd         Event = "factor_add"
	EventFactorRemove      Event = "factor_remove"
	EventFactorRename      Event = "factor_rename"
	EventFactorsReset      Event = "factors_reset"
	EventSecondFactorOn    Event = "second_factor_on"
	EventSecondFactorOff   Event = "second_factor_off"
	EventRecoveryCodesMake Event = "recovery_codes_make"
	EventDeviceTrust       Event = "device_trust"
	EventDeviceForget      Event = "device_forget"
	EventPasskeyClone      Event = "passkey_clone"
	EventEmailLogin        Event = "email_login_request"

	EventProviderAnswer   Event = "provider_answer"
	EventLinkOffer        Event = "link_offer"
	EventIdentityLink     Event = "identity_link"
	EventIdentityUnlink   Event = "identity_unlink"
	EventIdentitySuspend  Event = "identity_suspend"
	EventIdentityConflict Event = "identity_conflict"
	EventEvict            Event = "evict"
	EventIssuerMove       Event = "issuer_move"
)

// EventNames lists every event.
func EventNames() []string {
	names := []string{string(signing.Created), string(signing.Revoked), string(signing.Discarded)}
	for _, e := range []Event{
		EventSignUp, EventConfirm, EventLogin, EventLogout, EventRefreshReuse, EventRefreshFuture, EventReauthenticate,
		EventResetRequest, EventResetPassword, EventPasswordChange, EventEmailChange, EventEmailChanging, EventEmailChangeStop,
		EventUsernameChange, EventAccountCreate, EventAccountImport, EventAccountExport, EventAccountDelete, EventAccountDisable, EventAccountEnable,
		EventSessionRevoke, EventSessionEvict, EventTokenIssue, EventTokenRevoke, EventRestore,
		EventRolesChange, EventProfileChange,
		EventChallenge, EventChallengeAnswer, EventFactorAdd, EventFactorRemove, EventFactorRename, EventFactorsReset,
		EventSecondFactorOn, EventSecondFactorOff, EventRecoveryCodesMake, EventDeviceTrust, EventDeviceForget,
		EventPasskeyClone, EventEmailLogin,
		EventProviderAnswer, EventLinkOffer, EventIdentityLink, EventIdentityUnlink, EventIdentitySuspend, EventIdentityConflict, EventEvict, EventIssuerMove,
	} {
		names = append(names, string(e))
	}
	slices.Sort(names)
	return names
}

// Outcomes lists every outcome that an event can have: ok, or an error code.
func Outcomes() []string {
	list := []string{outcomeOK}
	for code := range messages {
		list = append(list, string(code))
	}
	slices.Sort(list[1:])
	return list
}

// outcomeOK is the outcome of success. A refusal's outcome is its code.
const outcomeOK = "ok"

// happening is one event. It names an account if that is known.
type happening struct {
	event   Event
	outcome string // outcomeOK if empty
	user    uuid.UUID
	session uuid.UUID
	token   uuid.UUID
	method  ProofKind // of a proof or a factor, if that is told
	detail  string    // what it became; never a value that a person typed
}

// events writes the audit log.
type events struct {
	*core
	observe func(event, outcome string)
}

// record writes an event in the same transaction as the change that it
// describes. If the event cannot be written, the change does not happen.
func (e *events) record(ctx context.Context, tx *store.Tx, c Caller, h happening) error {
	outcome := h.outcome
	if outcome == "" {
		outcome = outcomeOK
	}
	if h.session == uuid.Nil {
		h.session = c.SessionID
	}
	if h.token == uuid.Nil {
		h.token = c.TokenID
	}
	create := tx.AuditEvent.Create().
		SetAt(e.now()).SetEvent(string(h.event)).SetOutcome(outcome).SetActor(c.actor()).
		SetNillableUserID(present(h.user)).SetNillableSessionID(present(h.session)).SetNillableTokenID(present(h.token)).
		SetNillableIPAddress(c.ipText()).SetNillableUserAgent(presentText(c.UserAgent)).
		SetNillableRequestID(presentText(c.RequestID)).SetNillableMethod(presentText(string(h.method))).SetNillableDetail(presentText(h.detail))
	if _, err := create.Save(ctx); err != nil {
		return fmt.Errorf("record %s: %w", h.event, err)
	}
	tx.AfterCommit(func() { e.stored(h.event, outcome) })
	return nil
}

// stored tells of an event.
func (e *events) stored(event Event, outcome string) {
	if e.observe != nil {
		e.observe(string(event), outcome)
	}
}

// recordAnd records a refusal that changes nothing, and returns it.
func (e *events) recordAnd(ctx context.Context, c Caller, h happening, refusal *Error) error {
	h.outcome = string(refusal.Code)
	err := e.store.InTx(ctx, func(tx *store.Tx) error { return e.record(ctx, tx, c, h) })
	if err != nil {
		return err
	}
	return refusal
}

// recordLost records that a proof was good, and lost when it was to be used up: another
// one was faster, or the account has changed. It returns the refusal, and every other
// error as it is.
func (e *events) recordLost(ctx context.Context, c Caller, h happening, err error) error {
	for _, code := range []Code{InvalidToken, InvalidCode, InvalidCredentials, Disabled} {
		if refusal := (*Error)(nil); is(err, code) && errors.As(err, &refusal) {
			return e.recordAnd(ctx, c, h, refusal)
		}
	}
	return err
}

// keys records an event about signing keys that the program itself caused.
func (e *events) keys(ctx context.Context, tx *store.Tx, event signing.Event) error {
	return e.record(ctx, tx, systemCaller, happening{event: Event(event)})
}

// keysBy records events about signing keys that an operator caused.
func (e *events) keysBy(c Caller) signing.Record {
	return func(ctx context.Context, tx *store.Tx, event signing.Event) error {
		return e.record(ctx, tx, c, happening{event: Event(event)})
	}
}

func present(id uuid.UUID) *uuid.UUID {
	if id == uuid.Nil {
		return nil
	}
	return &id
}

func presentText(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// ipText is the caller's IP address as it is stored and shown. An IPv4 address
// inside IPv6 becomes plain IPv4. The zone is cut, since it may be any text.
func (c Caller) ipText() *string {
	if !c.IP.IsValid() {
		return nil
	}
	text := c.IP.Unmap().WithZone("").String()
	return &text
}
