package oidc

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/go-jose/go-jose/v4"
)

const (
	// keysFloor is the least time between two requests for the keys: whoever sends us
	// tokens must not decide how often the provider is asked.
	keysFloor = 10 * time.Second
	// maxKeys is how many of a provider's keys are looked at.
	maxKeys = 100
	// maxNameless is how many keys a token without a key id is tried against.
	maxNameless = 5
)

// algorithms are those of signatures that only the provider can make.
var algorithms = []string{"RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "PS256", "PS384", "PS512", "EdDSA"}

// keys verifies signatures by a provider's keys. Those that are known are used as
// long as the provider does not answer.
type keys struct {
	provider *Provider
	url      string
	turn     chan struct{} // held by the one who reads or asks
	known    []jose.JSONWebKey
	asked    time.Time
	failure  error // of the last request
}

func newKeys(p *Provider, url string) *keys {
	return &keys{provider: p, url: url, turn: make(chan struct{}, 1)}
}

var errSignature = errors.New("the signature is not by a key of the provider")

// VerifySignature returns what a token says if the provider has signed it. It is what
// go-oidc asks; go-oidc has refused every algorithm that is not the provider's.
func (k *keys) VerifySignature(ctx context.Context, token string) ([]byte, error) {
	signed, err := jose.ParseSignedCompact(token, joseAlgorithms())
	if err != nil || len(signed.Signatures) != 1 {
		return nil, errSignature
	}
	known, err := k.get(ctx, false)
	if err != nil {
		return nil, err
	}
	if payload, ok := verify(signed, known); ok {
		return payload, nil
	}
	if known, err = k.get(ctx, true); err != nil {
		return nil, err
	}
	if payload, ok := verify(signed, known); ok {
		return payload, nil
	}
	return nil, errSignature
}

// verify tries the keys that the token can mean.
func verify(signed *jose.JSONWebSignature, known []jose.JSONWebKey) ([]byte, bool) {
	header := signed.Signatures[0].Protected // of an unprotected one anybody can say anything
	fit := slices.DeleteFunc(slices.Clone(known), func(key jose.JSONWebKey) bool {
		return header.KeyID != "" && key.KeyID != header.KeyID || key.Algorithm != "" && key.Algorithm != header.Algorithm
	})
	if header.KeyID == "" && len(fit) > maxNameless {
		return nil, false
	}
	for i := range fit {
		if payload, err := signed.Verify(&fit[i]); err == nil {
			return payload, true
		}
	}
	return nil, false
}

// get returns the keys. again asks the provider for new ones, unless that was done a
// moment ago. Where there are old ones, they are the answer if there are no new ones.
func (k *keys) get(ctx context.Context, again bool) ([]jose.JSONWebKey, error) {
	select {
	case k.turn <- struct{}{}:
		defer func() { <-k.turn }()
	case <-ctx.Done():
		return nil, &Unavailable{Why: "its keys did not come in time"}
	}
	now := k.provider.around.Now()
	if known := k.known != nil; known && !again || !k.asked.IsZero() && now.Sub(k.asked) < keysFloor && !now.Before(k.asked) {
		if !known {
			return nil, k.failure
		}
		return k.known, nil
	}
	k.asked = now
	fresh, err := k.fetch(ctx)
	if err == nil {
		k.known, k.failure = fresh, nil
		return fresh, nil
	}
	k.failure = k.provider.failed("its keys", err)
	if k.known != nil {
		return k.known, nil
	}
	if errors.Is(k.failure, ErrBusy) {
		k.asked = time.Time{}
	}
	return nil, k.failure
}

func (k *keys) fetch(ctx context.Context) ([]jose.JSONWebKey, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), askTime) // others wait for it too
	defer cancel()
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := get(ctx, k.provider.http, k.url, "", &set); err != nil {
		return nil, err
	}
	if len(set.Keys) > maxKeys {
		return nil, reason("there are more than 100 keys")
	}
	fit := make([]jose.JSONWebKey, 0, len(set.Keys))
	for _, text := range set.Keys {
		var key jose.JSONWebKey
		if json.Unmarshal(text, &key) == nil && key.IsPublic() && key.Valid() && key.Use != "enc" { // of other keys, what is ours to use is not known
			fit = append(fit, key)
		}
	}
	k.provider.heard("ok", false)
	return fit, nil
}

func joseAlgorithms() []jose.SignatureAlgorithm {
	list := make([]jose.SignatureAlgorithm, len(algorithms))
	for i, name := range algorithms {
		list[i] = jose.SignatureAlgorithm(name)
	}
	return list
}
