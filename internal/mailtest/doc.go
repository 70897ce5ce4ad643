// Package mailtest is a real SMTP server for tests: on a loopback port, with a
// fresh certificate, STARTTLS and AUTH, and with faults that are switched on
// and off while it runs.
//
//	server := mailtest.New(t)
//	… server.URL(), server.Pool() …
//	server.Set(mailtest.Fault{Refuse: true})
//	server.Heal()
//	token := server.Token(t, "ann@example.org")
//
// Waiting for a letter is waiting on a channel, never sleeping. The package
// knows nothing of authgraph but that a link carries its token in the
// fragment; it must not import internal/mail, whose tests use it.
package mailtest
