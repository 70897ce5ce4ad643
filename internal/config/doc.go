// Package config is every setting of the program: its name, default, help and
// validation, in one table.
//
//	settings.go   the table: one line for each setting
//	value.go      how kong fills it from flags
//	resolve.go    flags, environment, secrets from files, the settings file
//	file.go       reading the settings file
//	read.go       kinds of values: words, switches, numbers, durations, limits, lists …
//	files.go      … files
//	url.go        … origins, pages
//	database.go   … databases, mail servers
//	address.go    … listeners, proxies
//	keys.go       … secrets, peppers, scopes
//	app.go        … roles, and what else the application says
//	hooks.go      … its hooks
//	config.go     what comes out, and how it is put together
//	check.go      what settings demand of each other, and what they weaken
//	print.go      `authgraph config` and the table for the README
//	secret.go     the secret that development makes for itself
//
// A flag beats the environment, the environment beats the file, the file beats
// the default. All mistakes are told at once, and none of them, nor anything
// that is printed, shows a secret.
//
// The package hands each part of the program that part's own options. It reads
// files that settings name and writes the development secret. It must not know
// how the program uses what it configures: it opens no database, no socket and
// no mail connection.
package config
