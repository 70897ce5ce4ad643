package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/authgraph/authgraph/bench/load"
	"github.com/authgraph/authgraph/bench/seed"
)

// person is who is logged in.
type person struct{ username, access, refresh string }

const meBody = `{"query":"query Me { me { id email } }"}`

// operation is the body of a request for a mutation that answers a session.
func operation(field, input string, values map[string]string) string {
	text, err := json.Marshal(map[string]any{
		"query": fmt.Sprintf(`mutation Do($input: %s!) { %s(input: $input) { auth { accessToken refreshToken } errors { code } } }`,
			input, field),
		"variables": map[string]any{"input": values},
	})
	if err != nil {
		panic(err) // texts in maps are JSON
	}
	return string(text)
}

func loginBody(username string) string {
	return operation("login", "LoginInput", map[string]string{"username": username, "password": seed.Password})
}

func refreshBody(token string) string {
	return operation("refresh", "RefreshInput", map[string]string{"refreshToken": token})
}

// take reads the tokens of an answer.
func (p *person) take(answer []byte) error {
	access, refresh := token(answer, "accessToken"), token(answer, "refreshToken")
	if access == "" || refresh == "" {
		return fmt.Errorf("no session: %.300s", answer)
	}
	p.access, p.refresh = access, refresh
	return nil
}

// token finds a member of an answer, at less cost than a decoder.
func token(answer []byte, name string) string {
	_, rest, _ := bytes.Cut(answer, []byte(`"`+name+`":"`))
	value, _, found := bytes.Cut(rest, []byte(`"`))
	if !found {
		return ""
	}
	return string(value)
}

// signUp makes an account, which is logged in at once.
func (s *server) signUp(ctx context.Context, username string) error {
	p := &person{username: username}
	body := operation("signUp", "SignUpInput", map[string]string{"username": username, "password": seed.Password})
	s.people = append(s.people, p)
	return s.once(ctx, body, p)
}

// adopt takes sessions over that were made in the database.
func (s *server) adopt(ctx context.Context, sample []seed.Session) error {
	for _, one := range sample {
		p := &person{username: one.Email}
		s.people = append(s.people, p)
		if err := s.once(ctx, refreshBody(one.Refresh), p); err != nil {
			return err
		}
	}
	return nil
}

// once asks one question, whose answer is a session.
func (s *server) once(ctx context.Context, body string, p *person) error {
	return load.Run(ctx, load.Plan{
		Address: s.Address, Connections: 1, Times: 1, For: time.Minute,
		Ask:  func(int) load.Question { return load.Question{Body: body} },
		Heed: func(_ int, answer []byte) error { return p.take(answer) },
	}).Complaint
}

// me asks who one is, all people in any order.
func (s *server) me(lasts time.Duration) load.Plan {
	p := meOf(s.Address, lasts)
	p.Ask = func(int) load.Question {
		return load.Question{Body: meBody, Bearer: s.people[rand.IntN(len(s.people))].access}
	}
	return p
}

// everybody asks who one is, each person once: a server that was just started has
// then met all whom it will meet.
func (s *server) everybody() load.Plan {
	p := meOf(s.Address, time.Minute)
	var turn atomic.Int64
	p.Times = len(s.people)
	p.Ask = func(int) load.Question {
		return load.Question{Body: meBody, Bearer: s.people[int(turn.Add(1))%len(s.people)].access}
	}
	return p
}

// meOf asks a server that knows nobody.
func meOf(address string, lasts time.Duration) load.Plan {
	return load.Plan{
		Address: address, Connections: connections, For: lasts,
		Ask: func(int) load.Question { return load.Question{Body: meBody} },
		Heed: func(_ int, answer []byte) error {
			if !bytes.Contains(answer, []byte(`"me":{"id":"`)) {
				return fmt.Errorf("nobody: %.300s", answer)
			}
			return nil
		},
	}
}

// refreshes has each connection go on with sessions of its own.
func (s *server) refreshes(lasts time.Duration) load.Plan {
	var next [connections]func() *person
	var now [connections]*person
	for i := range next {
		next[i] = turns(s.people, i)
	}
	return load.Plan{
		Address: s.Address, Connections: connections, For: lasts,
		Ask:  func(i int) load.Question { now[i] = next[i](); return load.Question{Body: refreshBody(now[i].refresh)} },
		Heed: func(i int, answer []byte) error { return now[i].take(answer) },
	}
}

// turns returns the people of one connection, one after the other.
func turns(all []*person, connection int) func() *person {
	at := connection
	return func() *person {
		p := all[at]
		if at += connections; at >= len(all) {
			at = connection
		}
		return p
	}
}

// logins has the people log in by turns, on so many connections.
func (s *server) logins(lasts time.Duration, connections int) load.Plan {
	var turn atomic.Int64
	return load.Plan{
		Address: s.Address, Connections: connections, For: lasts,
		Ask: func(int) load.Question {
			return load.Question{Body: loginBody(s.people[int(turn.Add(1))%len(s.people)].username)}
		},
		Heed: func(_ int, answer []byte) error { return new(person).take(answer) },
	}
}
