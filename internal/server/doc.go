// Package server is HTTP: routes, the bearer middleware, cookies, headers,
// health and the listeners. It turns a request into an auth.Caller and an
// auth.Cookie into a header; GraphQL and pages come to it as http.Handlers.
//
//	server.go    what is served where, and what wraps it
//	routes.go    … with and without the path of the public URL
//	caller.go    from a request to the Caller: cookies, user agent
//	client.go    … the address, past proxies
//	bearer.go    … the bearer
//	cookies.go   what a browser keeps
//	origins.go   cross-origin protection, and CORS
//	preflight.go … its preflights
//	notices.go   … what the operator is told of refusals
//	headers.go   the headers of every answer
//	health.go    healthz, readyz
//	admin.go     the operator's listener
//	token.go     access tokens for other services
//	wellknown.go keys for other services
//	log.go       one line a request
//	fault.go     panics, and refusals outside of GraphQL
//	hosts.go     the names that a development server and the operator's listener answer to
//	listen.go    listeners, timeouts, graceful stop
package server
