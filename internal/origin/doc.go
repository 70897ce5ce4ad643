// Package origin is the one rule for origins (RFC 6454): what a setting may name
// is what a request's Origin header is compared with.
//
//	origin.go   one origin, and the public URL that begins with one
//	host.go     hosts and ports as browsers write them
//	pattern.go  all names of one more label below a name
//	set.go      those whose pages may call
//
// It never quotes what it refuses, and knows neither settings nor requests.
package origin
