// Package outbox is the durable queue of letters. A flow enqueues a letter in
// the transaction that makes it necessary, so that there is never the one
// without the other; a Worker sends it afterwards, off the request's path.
//
//	outbox.go   Enqueue in your transaction, Wake after it
//	worker.go   Run: poll, drain, stop
//	claim.go    the lease on a batch of letters
//	deliver.go  one letter: look at its token, send, record
//	circuit.go  how long to wait after what went wrong
//	avoid.go    domains whose letters others go before
//	sweep.go    what became of the letters: metrics, old rows
//
// Promises: a letter whose transaction commits is sent at least once, or is
// dropped because its token is gone, or fails loudly. In calm weather it is
// sent exactly once, however many workers there are. A letter is sent twice
// only if its worker dies or stands still between sending and recording; both
// copies then carry one Message-ID.
//
// The package must not know what a letter says, nor how it is sent: it knows
// rows, leases and a Handler. Of mail it takes the type of what it hands over,
// and nothing else; it does not import auth.
package outbox
