// Package store opens the database (SQLite or PostgreSQL), brings its schema
// up to date and runs transactions. It knows nothing of accounts: which rows
// to write is decided in auth.
//
//	open.go       Open, Close, the two dialects
//	sqlite.go     one writer, a pool of readers
//	postgres.go   a bounded pool
//	readonly.go   connections to a server that takes no writes any more
//	ready.go      whether the database takes writes
//	stmts.go      prepared statements kept per connection, below ent
//	tx.go         InTx: deadline, retry, the seam for changed users
//	watch.go      hearing of changes by other processes
//	migrate.go    versioned migrations, applied under a lock
package store
