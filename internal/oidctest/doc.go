// Package oidctest is a provider for tests: OpenID Connect, and what GitHub, Discord
// and Microsoft have instead. It does everything right until it is told to
// misbehave, which no certified provider can be.
//
//	provider.go   Provider: people, codes, and what is counted
//	endpoints.go  what it answers
//	others.go     the endpoints of GitHub and Discord
//	sign.go       its keys, and ID tokens of every kind
package oidctest
