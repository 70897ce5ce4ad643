// Package userfile reads and writes files of accounts, one account at a time,
// however long the file is.
//
//	user.go       an account in a file
//	reader.go     Reader: which format a file has, and its accounts
//	lines.go      lines, of a bounded length
//	elements.go   the elements of a JSON array, of a bounded length
//	members.go    the members of a JSON object, each of one type
//	jsonl.go      JSON lines, our own format: reading and writing
//	hash.go       passwordHash in our own format
//	csv.go        CSV
//	firebase.go   what `firebase auth:export` writes
//	auth0.go      what Auth0 exports and imports
//
// It knows no account, no database and no setting. What it reads is hostile: a
// line that cannot be read is an error of its own, and the next one is read.
package userfile
