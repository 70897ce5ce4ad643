package auth

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/usertoken"
	"github.com/authgraph/authgraph/internal/mail"
	"github.com/authgraph/authgraph/internal/secret"
	"github.com/authgraph/authgraph/internal/store"
)

// apiTokens is the feature of tokens for programs.
type apiTokens struct {
	*core
	letters  *letters
	users    *users
	events   *events
	settings *Settings
}

const (
	// MaxAPITokens is how many an account may have.
	MaxAPITokens = 50
	day          = 24 * time.Hour
)

// The scopes that this program itself enforces, by the schema's @scope.
const (
	ScopeAccountRead  = "account:read"
	ScopeSessionsRead = "sessions:read"
	ScopeTokensRead   = "tokens:read"
	ScopeFactorsRead  = "factors:read"

	ScopeIdentitiesRead = "identities:read"
)

// APIToken is a long-lived token for a program.
type APIToken struct {
	ID         uuid.UUID
	Name       string
	Hint       string
	Scopes     []string
	CreatedAt  time.Time
	ExpiresAt  time.Time
	LastUsedAt *time.Time
}

// IssueAPITokenInput describes the token to make.
type IssueAPITokenInput struct {
	Name          string
	Scopes        []string
	ExpiresInDays *int
}

// IssuedAPIToken is a new token. Its secret is shown here and never again.
type IssuedAPIToken struct {
	Secret string
	Token  *APIToken
}

// IssueAPIToken makes an API token for the caller's account. It refuses unknown
// scopes, a life longer than the setting, and a 51st token. The owner gets an
// e-mail.
func (f *apiTokens) IssueAPIToken(ctx context.Context, c Caller, in IssueAPITokenInput) (*IssuedAPIToken, error) {
	var wrong problems
	name, err := parseName(in.Name, "name")
	wrong.add(err)
	scopes, err := f.parseScopes(in.Scopes)
	wrong.add(err)
	life, err := f.parseLife(in.ExpiresInDays)
	wrong.add(err)
	if err := wrong.err(); err != nil {
		return nil, err
	}
	plain, hint, digest := secret.MintAPI()
	var row *ent.UserToken
	err = f.store.InTx(ctx, func(tx *store.Tx) (err error) {
		u, err := f.users.lockCaller(ctx, tx, c)
		if err != nil {
			return err
		}
		if err := f.roomForAPIToken(ctx, tx, u.ID); err != nil {
			return err
		}
		now := f.now()
		row, err = tx.UserToken.Create().
			SetPurpose(usertoken.PurposeAPI).SetUserID(u.ID).SetDigest(digest).
			SetName(name).SetHint(hint).SetScope(strings.Join(scopes, " ")).
			SetCreatedAt(now).SetExpiresAt(now.Add(life)).
			Save(ctx)
		if err != nil {
			return fmt.Errorf("store an API token: %w", err)
		}
		l := f.letters.letter(c, u)
		l.TokenName, l.ExpiresAt = name, row.ExpiresAt
		if err := f.letters.notice(ctx, tx, u, mail.APITokenIssued, l); err != nil {
			return err
		}
		return f.events.record(ctx, tx, c, happening{event: EventTokenIssue, user: u.ID, token: row.ID})
	})
	if err != nil {
		return nil, err
	}
	return &IssuedAPIToken{Secret: plain, Token: toAPIToken(row)}, nil
}

func (f *apiTokens) parseScopes(names []string) ([]string, error) {
	if len(names) == 0 {
		return nil, refuse(Required, "scopes")
	}
	known := f.settings.APITokenScopes()
	for _, name := range names {
		if !slices.Contains(known, name) {
			return nil, refuse(InvalidScope, "scopes")
		}
	}
	scopes := slices.Clone(names)
	slices.Sort(scopes)
	return slices.Compact(scopes), nil
}

// parseLife uses the setting as the default and as the maximum.
func (f *apiTokens) parseLife(days *int) (time.Duration, error) {
	switch {
	case days == nil:
		return f.settings.APITokenTTL, nil
	case *days < 1, *days > int(f.settings.APITokenTTL/day):
		return 0, refuse(Invalid, "expiresInDays")
	}
	return time.Duration(*days) * day, nil
}

// roomForAPIToken refuses a token beyond the limit. The user's row is locked,
// so that two requests at once cannot both take the last place.
func (f *apiTokens) roomForAPIToken(ctx context.Context, tx *store.Tx, userID uuid.UUID) error {
	n, err := tx.UserToken.Query().
		Where(usertoken.UserID(userID), usertoken.PurposeEQ(usertoken.PurposeAPI), usertoken.ExpiresAtGT(f.now())).
		Count(ctx)
	if err != nil {
		return fmt.Errorf("count API tokens: %w", err)
	}
	if n >= MaxAPITokens {
		return refuse(LimitReached)
	}
	return nil
}

// RevokeAPITokenInput names the token to void.
type RevokeAPITokenInput struct {
	ID string
}

// RevokeAPIToken voids one of the caller's API tokens at once. The token of
// another account gives NOT_FOUND, as one that never existed does.
func (f *apiTokens) RevokeAPIToken(ctx context.Context, c Caller, in RevokeAPITokenInput) (*APIToken, error) {
	id, ok := parseID(in.ID)
	if !ok {
		return nil, refuse(NotFound, "id")
	}
	var row *ent.UserToken
	err := f.store.InTx(ctx, func(tx *store.Tx) (err error) {
		u, err := f.users.lockCaller(ctx, tx, c)
		if err != nil {
			return err
		}
		row, err = tx.UserToken.Query().
			Where(usertoken.ID(id), usertoken.UserID(u.ID), usertoken.PurposeEQ(usertoken.PurposeAPI), usertoken.ExpiresAtGT(f.now())).
			Only(ctx)
		if ent.IsNotFound(err) {
			return refuse(NotFound, "id")
		}
		if err != nil {
			return fmt.Errorf("find an API token: %w", err)
		}
		if err := tx.UserToken.DeleteOneID(id).Exec(ctx); err != nil {
			return fmt.Errorf("void an API token: %w", err)
		}
		tx.Changed(u.ID)
		l := f.letters.letter(c, u)
		l.TokenName = *row.Name
		if err := f.letters.notice(ctx, tx, u, mail.APITokenRevoked, l); err != nil {
			return err
		}
		return f.events.record(ctx, tx, c, happening{event: EventTokenRevoke, user: u.ID, token: id})
	})
	if err != nil {
		return nil, err
	}
	return toAPIToken(row), nil
}

// APITokens lists an account's API tokens, newest first.
func (f *apiTokens) APITokens(ctx context.Context, u *ent.User) ([]APIToken, error) {
	rows, err := f.store.UserToken.Query().
		Where(usertoken.UserID(u.ID), usertoken.PurposeEQ(usertoken.PurposeAPI), usertoken.ExpiresAtGT(f.now())).
		Order(usertoken.ByID(sql.OrderDesc())). // ids sort by age
		All(ctx)
	if err != nil {
		return nil, fmt.Errorf("list API tokens: %w", err)
	}
	tokens := make([]APIToken, len(rows))
	for i, row := range rows {
		tokens[i] = *toAPIToken(row)
	}
	return tokens, nil
}

func toAPIToken(t *ent.UserToken) *APIToken {
	token := &APIToken{
		ID: t.ID, Name: *t.Name, Hint: *t.Hint, Scopes: strings.Fields(*t.Scope),
		CreatedAt: t.CreatedAt.UTC(), ExpiresAt: t.ExpiresAt.UTC(),
	}
	if t.LastUsedAt != nil {
		used := t.LastUsedAt.UTC()
		token.LastUsedAt = &used
	}
	return token
}
