package testschema

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"
)

// Secret stands in errors that must not reach a client.
const Secret = "pq: relation \"users\" does not exist"

// Denied is an error that the tests' presenter knows.
type Denied struct{}

func (Denied) Error() string { return "denied" }

// Root resolves everything from constants and its arguments.
type Root struct {
	// Logins counts how often the mutation login ran.
	Logins atomic.Int64
}

// Ann is the only user.
var Ann = &User{ID: "019aa7a2-8c7e-7c53-9f11-6f3d4b1c2a10", Email: "ann@example.org", Pet: &Cat{ID: "c1"}}

func (r *Root) Query() QueryResolver               { return query{} }
func (r *Root) Mutation() MutationResolver         { return mutation{r} }
func (r *Root) Subscription() SubscriptionResolver { return subscription{} }
func (r *Root) User() UserResolver                 { return user{} }

type query struct{}

func (query) Me(context.Context) (*User, error)      { return Ann, nil }
func (query) Users(context.Context) ([]*User, error) { return []*User{Ann, Ann, Ann}, nil }
func (query) Node(context.Context) (Node, error)     { return Ann, nil }
func (query) Need(_ context.Context, n int) (int, error) {
	return n, nil
}

func (query) Hello(_ context.Context, name *string) (string, error) {
	if name == nil {
		return "hello null", nil
	}
	return "hello " + *name, nil
}

// Echo says what arrived, null and absent as <nil>.
func (query) Echo(_ context.Context, i *int, f *float64, id, s *string, b *bool, c *Color, list []int,
	matrix [][]*int, anything any, stamp *time.Time, inner *Inner,
) (string, error) {
	var out []string
	say := func(name string, present bool, v any) {
		if present {
			out = append(out, fmt.Sprintf("%s=%v", name, v))
		}
	}
	say("int", i != nil, deref(i))
	say("float", f != nil, deref(f))
	say("id", id != nil, deref(id))
	say("string", s != nil, deref(s))
	say("bool", b != nil, deref(b))
	say("color", c != nil, deref(c))
	say("list", list != nil, list)
	if matrix != nil {
		var rows []string
		for _, row := range matrix {
			var cells []string
			for _, n := range row {
				cells = append(cells, fmt.Sprint(deref(n)))
			}
			rows = append(rows, strings.Join(cells, " "))
		}
		say("matrix", true, rows)
	}
	say("json", anything != nil, anything)
	say("stamp", stamp != nil, deref(stamp))
	if inner != nil {
		say("inner.color", true, inner.Color)
		say("inner.numbers", inner.Numbers != nil, inner.Numbers)
	}
	return strings.Join(out, " "), nil
}

func deref[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

func (query) Choose(_ context.Context, in LoginInput) (string, error) {
	return deref(in.Email) + deref(in.Username), nil
}

func (query) Pick(_ context.Context, in Pick) (string, error) {
	return deref(in.ID) + deref(in.Name), nil
}
func (query) Denied(context.Context) (*string, error)      { return nil, Denied{} }
func (query) Fault(context.Context) (*string, error)       { return nil, errors.New(Secret) }
func (query) Panics(context.Context) (*string, error)      { panic(Secret) }
func (query) RequestPath(context.Context) (*string, error) { return nil, nil }
func (query) Raw(context.Context) (string, error)          { return "a\xffb", nil }

// Faults answers a list of nulls, and an error beside it.
func (query) Faults(_ context.Context, count int) ([]*string, error) {
	return make([]*string, count), nil
}

func (query) Big(_ context.Context, kib int) (string, error) {
	return strings.Repeat("x", kib<<10), nil
}

type mutation struct{ root *Root }

func (mutation) Add(_ context.Context, n int) (int, error) { return n + 1, nil }

func (m mutation) Login(_ context.Context, in LoginInput) (string, error) {
	m.root.Logins.Add(1)
	return deref(in.Email) + deref(in.Username), nil
}

type subscription struct{}

func (subscription) Ticks(context.Context) (<-chan int, error) { return make(chan int), nil }

type user struct{}

func (user) Best(context.Context, *User) (*User, error)                 { return Ann, nil }
func (user) Friends(_ context.Context, _ *User, n int) ([]*User, error) { return make([]*User, n), nil }
