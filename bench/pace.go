package main

import "time"

// pace is how long everything takes.
type pace struct {
	rounds int
	// warm comes before each measurement, which takes measure, or logins for what
	// is as slow as a hash.
	warm, measure, logins time.Duration
	// quiet is how long `me` is watched before a storm, and storm how long that lasts.
	quiet, storm time.Duration
	// starts are how many of a round.
	starts int
	// counted is how many logins there are between readings of what PostgreSQL was
	// asked, and a tenth of how many refreshes.
	counted int
	// settled is how long after logins memory is looked at again, if at all: the
	// server gives it back within 20 seconds.
	settled time.Duration
	// accounts is the larger number of growth, and grown how long it is measured.
	accounts int
	grown    time.Duration
}

var full = pace{
	rounds: 5, warm: 400 * time.Millisecond, measure: 1500 * time.Millisecond, logins: 2500 * time.Millisecond,
	quiet: 2 * time.Second, storm: 5 * time.Second, starts: 3, counted: 60, settled: 22 * time.Second, accounts: 50_000, grown: 800 * time.Millisecond,
}

var quick = pace{
	rounds: 2, warm: 100 * time.Millisecond, measure: 300 * time.Millisecond, logins: 500 * time.Millisecond,
	quiet: 500 * time.Millisecond, storm: time.Second, starts: 1, counted: 20, accounts: 5_000, grown: 200 * time.Millisecond,
}

const (
	// connections is how many ask at a time.
	connections = 16
	// people is how many accounts are in use: enough for as many connections, and
	// for all the sessions of a run to find room.
	people  = 20
	million = 1_000_000
)
