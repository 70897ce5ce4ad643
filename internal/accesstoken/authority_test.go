package accesstoken

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

func TestIssueAndVerify(t *testing.T) {
	for _, alg := range algorithms() {
		t.Run(string(alg), func(t *testing.T) {
			c := newClock()
			a, k := authority(t, alg, c)
			second := c.t.Truncate(time.Second)

			in := sessionClaims(c)
			raw := issue(t, a, in)
			got, err := a.Verify(raw)
			if err != nil {
				t.Fatalf("Verify() = %v", err)
			}
			if got.ID == uuid.Nil {
				t.Error("no jti")
			}
			want := in
			want.ID, want.IssuedAt, want.NotBefore = got.ID, second, second
			want.AuthTime, want.ExpiresAt = in.AuthTime.Truncate(time.Second), in.ExpiresAt.Truncate(time.Second)
			if got != want {
				t.Errorf("Verify() = %+v, want %+v", got, want)
			}
			if again, err := a.Verify(raw); err != nil || again != want {
				t.Errorf("remembered: %+v, %v", again, err)
			}

			parts := strings.Split(raw, ".")
			head, _ := decodeSegment(parts[0])
			var h map[string]string
			if err := json.Unmarshal(head, &h); err != nil || len(h) != 3 || h["typ"] != "at+jwt" || h["alg"] != string(alg) || h["kid"] != k.ID() {
				t.Errorf("header %s, %v", head, err)
			}
			if len(raw) > 900 {
				t.Errorf("%d bytes", len(raw))
			}

			tid := Claims{Subject: uuid.New(), TokenID: uuid.New(), Scope: "account:read sessions:read", ExpiresAt: c.t.Add(time.Minute)}
			got, err = a.Verify(issue(t, a, tid))
			if err != nil || got.TokenID != tid.TokenID || got.SessionID != uuid.Nil || !got.AuthTime.IsZero() || got.Scope != tid.Scope {
				t.Errorf("made from an API token: %+v, %v", got, err)
			}
		})
	}
}

func TestIssueRefuses(t *testing.T) {
	c := newClock()
	a, _ := authority(t, HS256, c)
	cases := map[string]func(*Claims){
		"no subject":                     func(in *Claims) { in.Subject = uuid.Nil },
		"neither session nor API token":  func(in *Claims) { in.SessionID = uuid.Nil },
		"both session and API token":     func(in *Claims) { in.TokenID = uuid.New() },
		"a session without auth_time":    func(in *Claims) { in.AuthTime = time.Time{} },
		"an API token with auth_time":    func(in *Claims) { in.SessionID, in.TokenID = uuid.Nil, uuid.New() },
		"no expiry":                      func(in *Claims) { in.ExpiresAt = time.Time{} },
		"an expiry in the same second":   func(in *Claims) { in.ExpiresAt = c.t.Add(time.Microsecond) },
		"an expiry before the issue":     func(in *Claims) { in.ExpiresAt = c.t.Add(-time.Minute) },
		"an expiry before it is good":    func(in *Claims) { in.NotBefore = c.t.Add(time.Hour) },
		"a scope with two spaces":        func(in *Claims) { in.Scope = "a  b" },
		"a scope with a space in front":  func(in *Claims) { in.Scope = " a" },
		"a scope with a space behind":    func(in *Claims) { in.Scope = "a " },
		"a scope with a quote":           func(in *Claims) { in.Scope = `a"b` },
		"a scope with a newline":         func(in *Claims) { in.Scope = "a\nb" },
		"a scope outside ASCII":          func(in *Claims) { in.Scope = "ä" },
		"a scope that makes 8 KiB of it": func(in *Claims) { in.Scope = strings.Repeat("a", 6100) },
	}
	for name, change := range cases {
		in := sessionClaims(c)
		change(&in)
		if raw, err := a.Issue(in); err == nil || raw != "" {
			t.Errorf("%s: issued, error %v", name, err)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	k := generate(t, ES256)
	good := Options{Issuer: issuer, Audience: audience, Algorithm: ES256, Now: newClock().now}
	if _, err := New(good, ring(t, k)); err != nil {
		t.Fatalf("New() = %v", err)
	}
	cases := map[string]func(*Options){
		"no issuer":                 func(o *Options) { o.Issuer = "" },
		"a broken issuer":           func(o *Options) { o.Issuer = "\xff" },
		"no audience":               func(o *Options) { o.Audience = "" },
		"a broken audience":         func(o *Options) { o.Audience = "\xff" },
		"no algorithm":              func(o *Options) { o.Algorithm = "" },
		"none":                      func(o *Options) { o.Algorithm = "none" },
		"an algorithm not ours":     func(o *Options) { o.Algorithm = "HS512" },
		"the wrong case":            func(o *Options) { o.Algorithm = "es256" },
		"another than the ring's":   func(o *Options) { o.Algorithm = RS256 },
		"no clock":                  func(o *Options) { o.Now = nil },
		"a negative leeway":         func(o *Options) { o.Leeway = -time.Second },
		"a leeway above the minute": func(o *Options) { o.Leeway = 61 * time.Second },
	}
	for name, change := range cases {
		o := good
		change(&o)
		if _, err := New(o, ring(t, k)); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if _, err := New(good, nil); err == nil {
		t.Error("no ring: taken")
	}
}

func TestLeeway(t *testing.T) {
	issued := newClock()
	cases := []struct {
		name  string
		after time.Duration // since the issue, in a token of 15 minutes
		want  error
	}{
		{"31 s before it was issued", -31 * time.Second, ErrInvalid},
		{"30 s before it was issued", -30 * time.Second, nil},
		{"at once", 0, nil},
		{"in its last second", 15*time.Minute - time.Second, nil},
		{"at its end", 15 * time.Minute, ErrExpired},
		{"30 s after its end", 15*time.Minute + 30*time.Second, ErrExpired},
		{"61 s after its end", 15*time.Minute + 61*time.Second, ErrExpired},
		{"a year after its end", 365 * 24 * time.Hour, ErrExpired},
	}
	for _, remembered := range []bool{false, true} {
		c := &clock{issued.t}
		a, _ := authority(t, EdDSA, c)
		in := sessionClaims(c)
		in.AuthTime = c.t
		raw := issue(t, a, in)
		if remembered {
			wantAccepted(t, a, "first", raw)
		}
		for _, tc := range cases {
			c.t = issued.t.Add(tc.after)
			if got, err := a.Verify(raw); err != tc.want || (err != nil && got != Claims{}) {
				t.Errorf("%s, remembered %v: error %v, want %v", tc.name, remembered, err, tc.want)
			}
		}
	}
}

func TestExpiredIsSaidOnlyOfOurOwn(t *testing.T) {
	c := newClock()
	a, k := authority(t, ES256, c)
	old := map[string]any{"iat": c.t.Unix() - 2000, "nbf": c.t.Unix() - 2000, "exp": c.t.Unix() - 1000, "auth_time": c.t.Unix() - 2000}
	raw := signed(t, k, goodHeader(k), payload(t, c, old))
	wantError(t, a, "ours", raw, ErrExpired)

	other := generate(t, ES256)
	wantRefused(t, a, "another key's signature", signed(t, other, goodHeader(k), payload(t, c, old)))
	wantRefused(t, a, "one character changed", raw[:len(raw)-10]+"AAAA"+raw[len(raw)-6:])
	for claim, value := range map[string]any{"iss": "https://evil.test", "aud": "x", "scope": 1, "sub": "x", "jti": absent{}, "sid": "x"} {
		m := map[string]any{claim: value}
		for k, v := range old {
			m[k] = v
		}
		wantRefused(t, a, "expired, and "+claim+" is wrong", signed(t, k, goodHeader(k), payload(t, c, m)))
	}
	wantRefused(t, a, "expired, and of another type", signed(t, k, strings.Replace(goodHeader(k), "at+jwt", "JWT", 1), payload(t, c, old)))
}

func TestCache(t *testing.T) {
	c := newClock()
	k := generate(t, HS256)
	options := Options{Issuer: issuer, Audience: audience, Algorithm: HS256, Now: c.now}
	t.Run("is bounded", func(t *testing.T) {
		o := options
		o.CacheSize = 3
		a, err := New(o, ring(t, k))
		if err != nil {
			t.Fatal(err)
		}
		for range 10 {
			wantAccepted(t, a, "token", issue(t, a, sessionClaims(c)))
		}
		if n := a.current.Load().verified.Len(); n != 3 {
			t.Errorf("%d tokens remembered, want 3", n)
		}
	})
	t.Run("can be off", func(t *testing.T) {
		o := options
		o.CacheSize = -1
		a, err := New(o, ring(t, k))
		if err != nil {
			t.Fatal(err)
		}
		raw := issue(t, a, sessionClaims(c))
		wantAccepted(t, a, "first", raw)
		wantAccepted(t, a, "second", raw)
	})
	t.Run("remembers nothing that was refused", func(t *testing.T) {
		a, err := New(options, ring(t, k))
		if err != nil {
			t.Fatal(err)
		}
		raw := issue(t, a, sessionClaims(c))
		c.t = c.t.Add(time.Hour)
		wantError(t, a, "expired", raw, ErrExpired)
		wantRefused(t, a, "forged", raw+"x")
		if n := a.current.Load().verified.Len(); n != 0 {
			t.Errorf("%d tokens remembered, want none", n)
		}
	})
}

// More claims never replace ours, whoever asks for it, and belong to sessions.
func TestExtraClaims(t *testing.T) {
	c := newClock()
	a, _ := authority(t, ES256, c)
	session := Claims{Subject: uuid.New(), SessionID: uuid.New(), Scope: "session", AuthTime: c.t, ExpiresAt: c.t.Add(time.Minute)}
	for text, good := range map[string]bool{
		`{"org":"x","n":1}`: true, ``: true, `{"sub":"x"}`: false, `{"scope":"admin"}`: false, `{"sid":null}`: false, `{"roles":["admin"]}`: false,
		`[]`: false, `{`: false, `{"a":"` + strings.Repeat("x", 8<<10) + `"}`: false,
	} {
		says := session
		says.Extra = text
		raw, err := a.Issue(says)
		if (err == nil) != good {
			t.Errorf("Issue(%.30s) = %v", text, err)
		}
		if err != nil {
			continue
		}
		if got, err := a.Verify(raw); err != nil || got.Subject != says.Subject || got.Extra != "" {
			t.Errorf("Verify() = %+v, %v", got, err)
		}
	}
	api := Claims{Subject: uuid.New(), TokenID: uuid.New(), ExpiresAt: c.t.Add(time.Minute), Extra: `{"org":"x"}`}
	if _, err := a.Issue(api); err == nil {
		t.Error("a token of an API token has more claims")
	}
}
