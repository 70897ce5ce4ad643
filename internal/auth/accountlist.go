package auth

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"
	"golang.org/x/text/unicode/norm"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/predicate"
	"github.com/authgraph/authgraph/ent/user"
)

// AccountFilter says which accounts to list. Zero values filter nothing.
type AccountFilter struct {
	// Prefix is how the address or the username begins.
	Prefix string
	// After is the last account of the previous page.
	After uuid.UUID
	// Limit is the size of a page; 0 means 100.
	Limit int
}

// Accounts lists accounts and reports whether there are more. Without a prefix,
// the order is that of creation. With one, the order is by name. A page costs
// the same for any number of accounts.
func (f *operators) Accounts(ctx context.Context, c Caller, in AccountFilter) (page []*ent.User, more bool, err error) {
	if !c.operates() {
		return nil, false, refuse(Forbidden)
	}
	if in.Limit == 0 {
		in.Limit = 100
	}
	switch prefix := namePrefix(in.Prefix); {
	case prefix == "":
		page, err = f.store.User.Query().Where(user.IDGT(in.After)).Order(user.ByID()).Limit(in.Limit + 1).All(ctx)
	case isVisible(prefix): // no name begins with anything else
		page, err = f.named(ctx, prefix, in.After, in.Limit+1)
	}
	if err != nil {
		return nil, false, wrap("list accounts", err)
	}
	if more = len(page) > in.Limit; more {
		page = page[:in.Limit]
	}
	return page, more, nil
}

// namePrefix brings a prefix into the canonical form of names. The domain of a
// whole address is in ASCII.
func namePrefix(typed string) string {
	if id, err := parseAddress(typed); err == nil {
		return id.key
	}
	return lowerASCII(norm.NFC.String(strings.TrimSpace(typed)))
}

// named lists accounts whose name begins with a prefix. The name is the
// address, or the username if there is no address. Usernames contain no @, so
// two names are never equal.
func (f *operators) named(ctx context.Context, prefix string, after uuid.UUID, limit int) ([]*ent.User, error) {
	from := prefix
	if after != uuid.Nil {
		last, err := f.store.User.Get(ctx, after)
		if ent.IsNotFound(err) {
			return nil, refuse(NotFound)
		}
		if err != nil {
			return nil, err
		}
		from = max(prefix, listedAs(last, prefix)+behind)
	}
	byAddress, err := f.store.User.Query().Where(f.between(user.FieldEmailKey, from, prefix+beyond)).
		Order(f.inBytes(user.FieldEmailKey)).Limit(limit).All(ctx)
	if err != nil {
		return nil, err
	}
	byUsername, err := f.store.User.Query().
		Where(f.between(user.FieldUsernameKey, from, prefix+beyond), user.Or(user.EmailKeyIsNil(), user.Not(f.between(user.FieldEmailKey, prefix, prefix+beyond)))).
		Order(f.inBytes(user.FieldUsernameKey)).Limit(limit).All(ctx)
	if err != nil {
		return nil, err
	}
	all := slices.Concat(byAddress, byUsername)
	slices.SortFunc(all, func(a, b *ent.User) int { return cmp.Compare(listedAs(a, prefix), listedAs(b, prefix)) })
	return all[:min(limit, len(all))], nil
}

const (
	// beyond is the end of a range: no name contains it, and it sorts after
	// everything.
	beyond = "\U0010ffff"
	// behind sorts directly after a name: no name contains control characters.
	behind = "\x01"
)

// listedAs is the name under which an account is listed.
func listedAs(u *ent.User, prefix string) string {
	if u.EmailKey != nil && (u.UsernameKey == nil || strings.HasPrefix(*u.EmailKey, prefix)) {
		return *u.EmailKey
	}
	if u.UsernameKey != nil {
		return *u.UsernameKey
	}
	return ""
}

// between selects the names from one up to, but without, another, in the order
// of bytes. The index has that order. PostgreSQL's text order depends on a
// language.
func (f *operators) between(field, from, to string) predicate.User {
	atLeast, before := " >= ", " < "
	if f.store.Postgres() {
		atLeast, before = " ~>=~ ", " ~<~ "
	}
	return func(s *sql.Selector) {
		s.Where(sql.P(func(b *sql.Builder) {
			b.Ident(s.C(field)).WriteString(atLeast).Arg(from).
				WriteString(" AND ").Ident(s.C(field)).WriteString(before).Arg(to)
		}))
	}
}

// inBytes sorts by the bytes of a name.
func (f *operators) inBytes(field string) user.OrderOption {
	return func(s *sql.Selector) {
		if f.store.Postgres() {
			s.OrderExpr(sql.Expr(s.C(field) + " USING ~<~"))
			return
		}
		s.OrderBy(s.C(field))
	}
}
